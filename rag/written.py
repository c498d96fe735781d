"""What a chat model writes, as sentences with the numbers of what they cite, whatever brackets it puts them in."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as a model wrote it: without marks, list signs and its stop. `new_line` tells that it began one."""

    text: str
    marks: tuple[int, ...]
    new_line: bool = False


LONGEST_SENTENCE = 400
"""Characters after which a sentence that does not end is cut."""

_NUMBERS = r"(?:(?:来源|资料|出处|引用|注|文献|source|ref)?\s*[:：]?\s*\^?\d{1,2}(?!\d)(?:†\w+)?)"
_LIST = rf"{_NUMBERS}(?:\s*[,，、;；\s]\s*{_NUMBERS}|\s*[-–—~～至]\s*\d{{1,2}}(?!\d))*"
_MARK = re.compile(rf"[\[［【〔]\s*{_LIST}\s*[\]］】〕]", re.IGNORECASE)
_ROUND_MARK = re.compile(rf"[(（]\s*{_LIST}\s*[)）](?=\s*[。！？!?；;]?\s*$)", re.IGNORECASE)
"""Round brackets are marks at the end of a sentence only: at its beginning they number it."""
_RANGE = re.compile(r"(\d{1,2})\s*[-–—~～至]\s*(\d{1,2})")
_ANY_MARK = rf"(?:[\[［【〔(（]\s*{_LIST}\s*[\]］】〕)）])"
_END = re.compile(rf"[。！？!?]+[”’\"」』）)]?(?:\s*{_ANY_MARK})*|(?:\s*{_ANY_MARK})*\s*\n+", re.IGNORECASE)
_UNFINISHED_MARK = re.compile(r"\s*[\[［【〔(（][^\]］】〕)）\n]{0,20}$|\s*$")
_LEAD_IN = re.compile(r"[:：]\s*$")
_SIGN = re.compile(r"^\s*(?:[-*•·#>]+\s+|\d{1,2}[.、．)）]\s*(?!\d)|[（(]\d{1,2}[)）]\s*)+")
_BOLD = re.compile(r"\*\*|__|`+")
_THOUGHTS = ("<think>", "</think>")


def sentences_of(pieces: Iterable[str]) -> Iterator[Written]:
    """The sentences of a text that arrives in pieces, each as soon as its end and its marks are there.

    A line that announces a list ("主要目标有：") is put before the list's first item. What stands between <think> and </think> is left out.
    """
    lead, begins_line = "", False
    for raw in _cut(_without_thoughts(pieces)):
        bare = _SIGN.sub("", _BOLD.sub("", raw)).strip()
        if bare and _LEAD_IN.search(_MARK.sub("", bare)):
            lead += bare
        elif bare:
            written = read_sentence(lead + bare)
            if written.text:
                yield Written(written.text, written.marks, begins_line)
                lead = ""
        begins_line = raw.endswith("\n")


def read_sentence(text: str) -> Written:
    """A whole sentence taken apart: its words and its marks, in order and each once."""
    marks: list[int] = []
    for pattern in (_MARK, _ROUND_MARK):
        for match in pattern.finditer(text):
            marks += _numbers(match[0])
        text = pattern.sub("", text)
    plain = re.sub(r"\s+", " ", text).strip(" 。；;，,")
    return Written(plain, tuple(dict.fromkeys(marks)))


def _numbers(mark: str) -> list[int]:
    plain = unicodedata.normalize("NFKC", mark)
    numbers: list[int] = []
    for match in re.finditer(rf"{_RANGE.pattern}|(?<![\d†])\d{{1,2}}(?!\d)", plain):
        first, last = (int(match[1]), int(match[2])) if match[1] else (int(match[0]), int(match[0]))
        numbers += range(first, min(last, first + 9) + 1)
    return numbers


def _cut(pieces: Iterable[str]) -> Iterator[str]:
    """Stretches that end in a stop and the marks behind it, or in a line end."""
    held = ""
    for piece in pieces:
        held += piece
        while (end := _end_of_sentence(held)) is not None:
            yield held[:end]
            held = held[end:]
    if held.strip():
        yield held


def _end_of_sentence(text: str) -> int | None:
    """Where the first sentence of a text ends that may go on; None while it, or the marks behind it, may not be whole."""
    match = _END.search(text)
    if match is None:
        return LONGEST_SENTENCE if len(text) > LONGEST_SENTENCE else None
    if match[0].endswith("\n"):
        return match.end()
    return None if _UNFINISHED_MARK.fullmatch(text, match.end()) else match.end()


def _without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    held, thinking = "", False
    for piece in pieces:
        held += piece
        while (at := held.find(_THOUGHTS[thinking])) >= 0:
            if not thinking:
                yield held[:at]
            held, thinking = held[at + len(_THOUGHTS[thinking]) :], not thinking
        kept = next((n for n in range(min(len(held), 8), 0, -1) if _THOUGHTS[thinking].startswith(held[-n:])), 0)
        if not thinking:
            yield held[: len(held) - kept]
        held = held[len(held) - kept :]
    if not thinking:
        yield held
