"""The table of docs/licences.md, from the metadata of the installed packages: `python -m tests.licences` prints it."""

import importlib.metadata
import re
from email.message import Message
from typing import cast

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_WORDS = {
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def required(extra: str = "") -> set[str]:
    """Names of all packages that judian needs here, directly or through others."""
    found: set[str] = set()
    waiting = [("judian", frozenset({extra}))]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in done:
            continue
        done.add((name, extras))
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": each}) for each in extras | {""}):
                needed = canonicalize_name(requirement.name)
                found.add(needed)
                waiting.append((needed, frozenset(requirement.extras)))
    return found - {"judian"}


def licence(name: str) -> str:
    """The licence of a package as its metadata state it: the SPDX expression, the short name or the classifiers; else the head of its licence file."""
    metadata = cast("Message", importlib.metadata.metadata(name))
    stated = metadata.get("License-Expression") or ""
    short = (metadata.get("License") or "").strip()
    if not stated and 0 < len(short) < 60 and "Copyright" not in short:
        stated = short
    if not stated:
        classifiers = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License")]
        stated = " OR ".join(_WORDS.get(line, line) for line in classifiers)
    if not stated:
        files = [file.read_text() for file in importlib.metadata.files(name) or [] if file.name == "LICENSE"]
        stated = files[0].strip().splitlines()[0] if files else ""
    return _WORDS.get(stated, stated)


def version(name: str) -> str:
    """The installed version, without the suffix that tells builds of it apart (2.13.0+cpu)."""
    return importlib.metadata.version(name).partition("+")[0]


def table(names: set[str]) -> str:
    rows = [f"| {name} | {version(name)} | {licence(name)} |" for name in sorted(names)]
    return "\n".join(["| Package | Version | Licence |", "|---|---|---|", *rows])


def pinned(constraints: str) -> dict[str, str]:
    """Version by name of a constraints file."""
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)$", constraints, re.MULTILINE)}


if __name__ == "__main__":
    running = required()
    print(f"{table(running)}\n\n{table(required('dev') - running)}")
