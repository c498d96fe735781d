"""What a question says outright and an answer must agree with: places, kinds of figures, pairs of words that are never each other."""

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from corpus.figures import DISTRICTS, UNITS, ZONES, Figure, FigureKind, find_figures
from corpus.types import Reading

_PLACES = Path(__file__).parent / "data" / "places.toml"

_UNIT_ASKED = re.compile(r"(?:多少|几)(万|亿|千|百)?(?:来|多)?([^\W\d_]{1,4})")
_LOOSE = frozenset(
    [
        "个",
        "家",
        "户",
        "所",
        "座",
        "条",
        "项",
        "件",
        "处",
        "种",
        "批",
        "名",
        "位",
        "人",
        "人次",
        "家次",
        "户次",
        "部",
        "台",
        "台套",
        "套",
        "支",
        "期",
        "届",
        "类",
        "大",
        "次",
        "场",
        "场次",
        "只",
        "本",
        "份",
        "对",
        "组",
        "款",
        "张",
        "艘",
        "架",
        "站",
        "片",
        "块",
        "例",
        "起",
        "号",
        "级",
        "环",
        "步",
        "字",
        "道",
        "册",
        "门",
        "棵",
        "株",
        "座",
        "段",
        "标",
        "点",
        "篇",
        "章",
        "节",
        "岁",
        "辆",
        "头",
        "列",
        "班",
        "班次",
    ]
)
"""Classifiers: which of them is said is a matter of taste, but that something is counted is not."""

_STRICT_CLASSIFIERS = frozenset(["岁", "辆", "头", "列", "张", "班", "班次"])
"""Classifiers that say what is counted."""

_SHARE_ASKED = re.compile(r"率|占|比|增|涨|降|减|%|百分|成|点|幅|快|强度|左右|要求|利息|提高|达到?多少|完成|覆盖|升")
_DOCUMENT_NUMBER = re.compile(r"几号文|多少号文|文号|发文字号")
_CHINESE_FIGURE = re.compile(r"[一二三四五六七八九十百两]+(?:个|项|家|大|条|所|座|批|届|期|类|种|次|篇|章|节|成|倍)")


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    data = tomllib.loads(_PLACES.read_text("utf-8"))["places"]
    return tuple(data["provinces"] + data["cities"])


def places_in(text: str) -> tuple[str, ...]:
    """The places a text names by their short names: districts and counties of Chongqing, its zones, other provinces and cities."""
    plain = re.sub(r"成渝|川渝", "", text)
    names = (*DISTRICTS.values(), *(zone for zone in ZONES), *_places())
    return tuple(name for name in names if name in plain)


def contradicts(question: str, years: Sequence[int], reading: Reading, around: str) -> bool:
    """Whether a reading cannot answer a question, whatever their likeness; `around` is the text of its passages with their headings."""
    own = " ".join((reading.question, reading.answer, *reading.quotes))
    everything = own + around
    if any(place not in everything for place in places_in(question)):
        return True
    if years and reading.years and not set(years) & set(reading.years):
        return True
    if _lacks_figure(question, reading):
        return True
    if _DOCUMENT_NUMBER.search(question) and "号" not in reading.answer:
        return True
    return any(word in reading.question and word not in _widened(question) for word in ("人均", "两江新区"))


def _widened(question: str) -> str:
    return question + ("人均" if re.search(r"每人|平均每|一个人|人手", question) else "")


def _lacks_figure(question: str, reading: Reading) -> bool:
    """Whether a question asks how many of a unit and the reading has no figure of that kind."""
    match = _UNIT_ASKED.search(question)
    if not match or reading.type == "list":
        return False
    text = " ".join((reading.answer, *reading.quotes))
    figures = [f for f in find_figures(text) if f.kind not in (FigureKind.CODE, FigureKind.ORDINAL)]
    if not figures and not _CHINESE_FIGURE.search(text):
        return True
    answered = [f for f in find_figures(reading.answer) if f.kind not in (FigureKind.CODE, FigureKind.ORDINAL)]
    if answered and all(f.kind is FigureKind.PERCENT for f in answered) and not _SHARE_ASKED.search(question):
        return True
    unit = _asked_unit(match[2])
    if unit is None:
        return False
    return not any(_counts(figure, unit) for figure in figures)


def _asked_unit(words: str) -> str | None:
    """The strict unit that words behind 多少 begin with: a measure, money, or a classifier that says what is counted; None where it is loose."""
    for length in range(min(4, len(words)), 0, -1):
        unit = words[:length]
        if unit in ("钱", "资金", "投资"):
            return "元"
        if unit in _all_units():
            return None if unit in _LOOSE and unit not in _STRICT_CLASSIFIERS else unit
    return None


@lru_cache(maxsize=1)
def _all_units() -> frozenset[str]:
    return frozenset(unit for units in UNITS.values() for unit in units.split())


def _counts(figure: Figure, unit: str) -> bool:
    if unit == "元":
        return "元" in figure.unit
    if unit in ("天", "日"):
        return figure.unit in ("天", "日", "个工作日")
    return bool(figure.unit) and (unit in figure.unit or figure.unit in unit)
