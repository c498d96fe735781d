"""Everyday words: units of government and their abbreviations, synonyms of indicators and things. Kept as data in `rag/data`."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"

_IN_CHARGE = re.compile(r"管(?P<matter>[^管的，,。]{1,4})的(?:那[个家]?|这[个家]?)?(?:局|委|办|部门|单位)")
"""An office, called by what it sees to."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`units` maps every name that a question may use to the unit's name in the documents; `synonyms` everyday words to the documents'."""

    units: dict[str, str]
    synonyms: dict[str, str]

    def units_in(self, text: str) -> tuple[str, ...]:
        """The units that a text names, in its order; the longest name at a place counts."""
        named = _IN_CHARGE.sub(lambda office: _data().in_charge_of.get(office["matter"], office[0]), text)
        return tuple(dict.fromkeys(self.units[name] for name in self._pattern().findall(named)))

    def governments_in(self, text: str) -> tuple[str, ...]:
        """The governments of the places that a text names."""
        return tuple(unit for unit in dict.fromkeys(self.units.values()) if unit.endswith("政府") and unit.removesuffix("政府") in text)

    def _pattern(self) -> re.Pattern[str]:
        return _any_of(tuple(sorted(self.units, key=len, reverse=True)))

    def expanded(self, text: str) -> str:
        """The text followed by the documents' words for the everyday words in it."""
        lower = text.lower()
        additions = [formal for word, formal in self.synonyms.items() if _says(lower, word) and formal not in text]
        wider = [formal for formal in dict.fromkeys(additions) if not any(formal != other and formal in other for other in additions)]
        return " ".join([text, *wider])

    def rewritten(self, text: str) -> str:
        """The text with the documents' words in the place of the everyday ones."""
        words = {word.lower(): formal for word, formal in self.synonyms.items() if formal not in text and _says(text.lower(), word)}
        longest_first = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        return re.sub(longest_first, lambda word: words[word[0].lower()], text, flags=re.IGNORECASE) if words else text


def _says(text: str, word: str) -> bool:
    """Whether a text in lower case says a word, which is another thing behind some words."""
    for other in _data().not_behind.get(word, ()):
        text = text.replace(other + word.lower(), "")
    return word.lower() in text


@lru_cache(maxsize=4)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    behind = {name: f"(?!{'|'.join(words)})" for name, words in _data().not_before.items()}
    return re.compile("|".join(re.escape(name) + behind.get(name, "") for name in names) or r"(?!)")


@dataclass(frozen=True, slots=True)
class _Data:
    units: dict[str, str]
    synonyms: dict[str, str]
    not_before: dict[str, list[str]]
    not_behind: dict[str, list[str]]
    in_charge_of: dict[str, str]


@lru_cache(maxsize=1)
def _data() -> _Data:
    units = tomllib.loads((_DATA / "units.toml").read_text("utf-8"))
    words = tomllib.loads((_DATA / "words.toml").read_text("utf-8"))
    return _Data(units["units"], words["synonyms"], units["not_before"], words["not_behind"], units["in_charge_of"])


def read_lexicon(unit_names: Iterable[str] = ()) -> Lexicon:
    """The lexicon, with every unit that the documents name under its own name and without its leading 市."""
    data = _data()
    units: dict[str, str] = {}
    for name in sorted(set(unit_names)):
        units[name] = name
        if name.startswith("市") and len(name) >= 3:
            units.setdefault(name[1:], name)
        if name.startswith("市委") and len(name) > 4:
            units.setdefault(name[2:], name)
        if name.startswith("重庆") and len(name) > 5:
            units.setdefault(name[2:], name)
    for short, name in data.units.items():
        units[short] = name
        units["市" + short] = name
        units["重庆市" + short] = name
    units.update({"重庆" + name: name for name in list(units.values()) if name.startswith("市")})
    return Lexicon(units, data.synonyms)
