"""The one place that knows what a figure, a date, a unit, a document number, a numbering label and a proper name look like.

Every function takes text as stored and returns offsets of that text. White space that a wrap or a page break left inside an expression
("4.5\\n万家", "渝府办发〔 2021〕12号") is seen through; a tab is a cell's border and ends it. Every run of digits belongs to exactly one
expression; where readings compete the more specific one wins: document number, date, label, code, and last figure.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from corpus.types import Span


class FigureKind(StrEnum):
    """QUANTITY counts or measures, ORDINAL is a place in an order (第四届, 15号线), CODE is digits of a name or key (5G, T3B, 400015)."""

    QUANTITY = "quantity"
    PERCENT = "percent"
    POINTS = "points"
    RATIO = "ratio"
    FRACTION = "fraction"
    ORDINAL = "ordinal"
    CODE = "code"


class Bound(StrEnum):
    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit: "4.5万家" is 45000 家.

    `low` and `high` differ for a range only (1—2所); scales (万, 亿) are folded in. The value of a ratio a∶b is a divided by b, that of a
    fraction its quotient, that of a percentage the number before the sign. `surface` is number, scale and unit as stored; `markers` are the
    words around them that bound the value (突破, 以上, 左右, 余), `bound` is what they say.
    """

    span: Span
    surface: str
    kind: FigureKind
    low: Decimal
    high: Decimal
    unit: str
    bound: Bound = Bound.EXACT
    markers: tuple[str, ...] = ()


class DateKind(StrEnum):
    DAY = "day"
    MONTH = "month"
    PART = "part"
    YEAR = "year"
    PERIOD = "period"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Date:
    """A point or a stretch of time.

    `first` and `last` are its years, equal but for a PERIOD and None where the text does not say; `part` is a part of a year or of a plan
    period as written (上半年, 一季度, 末). A RELATIVE date (去年) is left as it stands, since only its document knows the year.
    """

    span: Span
    surface: str
    kind: DateKind
    first: int | None = None
    last: int | None = None
    month: int | None = None
    day: int | None = None
    part: str = ""

    @property
    def years(self) -> tuple[int, ...]:
        return () if self.first is None or self.last is None else tuple(range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """The number of an official document; `text` is its normal form, "渝府办发〔2021〕12号"."""

    span: Span
    surface: str
    issuer: str
    year: int
    number: int

    @property
    def text(self) -> str:
        return f"{self.issuer}〔{self.year}〕{self.number}号"


class LabelKind(StrEnum):
    NUMBERING = "numbering"
    PAGE = "page"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Label:
    """Digits that number a part of a document ("12.", "（3）", "专栏5"), a page, or an issue of a periodical."""

    span: Span
    surface: str
    kind: LabelKind
    number: int


class NameKind(StrEnum):
    TITLE = "title"
    QUOTED = "quoted"
    UNIT = "unit"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name; `text` is without quotation marks, wraps and stray blanks. `span` covers the name without the marks."""

    span: Span
    text: str
    kind: NameKind


Expression: TypeAlias = Figure | Date | DocumentNumber | Label
_Read: TypeAlias = Callable[[re.Match[str]], Expression | None]

DISTRICTS = {
    "万州区": "万州", "黔江区": "黔江", "涪陵区": "涪陵", "渝中区": "渝中", "大渡口区": "大渡口", "江北区": "江北", "沙坪坝区": "沙坪坝",
    "九龙坡区": "九龙坡", "南岸区": "南岸", "北碚区": "北碚", "渝北区": "渝北", "巴南区": "巴南", "长寿区": "长寿", "江津区": "江津",
    "合川区": "合川", "永川区": "永川", "南川区": "南川", "綦江区": "綦江", "大足区": "大足", "璧山区": "璧山", "铜梁区": "铜梁",
    "潼南区": "潼南", "荣昌区": "荣昌", "开州区": "开州", "梁平区": "梁平", "武隆区": "武隆", "城口县": "城口", "丰都县": "丰都",
    "垫江县": "垫江", "忠县": "忠县", "云阳县": "云阳", "奉节县": "奉节", "巫山县": "巫山", "巫溪县": "巫溪",
    "石柱土家族自治县": "石柱", "秀山土家族苗族自治县": "秀山", "酉阳土家族苗族自治县": "酉阳", "彭水苗族土家族自治县": "彭水",
}  # fmt: skip
"""The 26 districts, 8 counties and 4 autonomous counties of Chongqing (GB/T 2260, codes 500101 to 500243) and their names for short."""

ZONES = ("两江新区", "重庆高新区", "重庆经开区", "万盛经开区", "川渝高竹新区")
"""Functional zones with an administration of their own, which documents name beside districts."""

UNITS = {
    "money": "元 美元 欧元 港元 日元 英镑 卢布 新元",
    "people": "人 人次 名 位 户 户次 家 家次 岁 人年 人天",
    "things": "个 件 件次 项 项次 条 所 座 处 场 场次 次 只 头 辆 台 台套 套 栋 幢 间 张 张次 份 部 本 支 艘 架 列 班 班次 趟 期 批 批次 "
    "对 组 款 种 类 大 篇 册 枚 门 片 株 棵 根 块 口 眼 扇 盏 颗 粒 副 道 层 单 笔 宗 起 例 例次 届 强 步 字 票 挡 标箱 标准箱 床 桥 隧 向 "
    "线 环 级 极 股 团 代 折 标段 省 省市 省区市",
    "length": "公里 千米 米 厘米 毫米 微米 纳米 英寸 海里 km m",
    "area": "平方公里 平方千米 平方米 公顷 亩 亩次",
    "volume": "立方米 升 毫升",
    "mass": "吨 吨级 公斤 千克 克 毫克 微克 吨标准煤 kg t",
    "power": "千瓦 兆瓦 吉瓦 瓦 千瓦时 度 千伏 伏 千伏安 兆伏安 kW KW MW GW kWh kV",
    "data": "兆 G T P M MB GB TB PB EB Mbps Gbps Tbps",
    "time": "年 周年 年度 个月 个季度 周 天 日 小时 分钟 秒 个工作日 工作日 学时 课时",
    "shares": "% ‰ 个百分点 百分点 个基点 倍 成 番 分 分贝 摄氏度 ℃",
}
"""What figures count and measure in administrative writing, without scale words. Compound units join two with a stroke (元/人)."""

_BASE_UNITS = {
    "length": {
        "公里": Fraction(1000),
        "千米": Fraction(1000),
        "km": Fraction(1000),
        "米": Fraction(1),
        "m": Fraction(1),
        "厘米": Fraction(1, 100),
    },
    "area": {
        "平方公里": Fraction(10**6),
        "平方千米": Fraction(10**6),
        "公顷": Fraction(10**4),
        "亩": Fraction(2000, 3),
        "平方米": Fraction(1),
    },
    "mass": {
        "吨": Fraction(10**6),
        "t": Fraction(10**6),
        "公斤": Fraction(1000),
        "千克": Fraction(1000),
        "kg": Fraction(1000),
        "克": Fraction(1),
    },
    "power": {
        "吉瓦": Fraction(10**9),
        "GW": Fraction(10**9),
        "兆瓦": Fraction(10**6),
        "MW": Fraction(10**6),
        "千瓦": Fraction(1000),
        "瓦": Fraction(1),
    },
}
_SAME_UNIT = {"名": "人", "位": "人", "日": "天", "百分点": "个百分点", "kWh": "千瓦时", "度": "千瓦时", "标准箱": "标箱", "吨级": "吨"}

_SCALES = {"十": Decimal(10), "百": Decimal(100), "千": Decimal(1000), "万": Decimal(10**4), "亿": Decimal(10**8)}
_NUMERALS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_FIRST_PLAN_YEARS = {
    "九五": 1996,
    "十五": 2001,
    "十一五": 2006,
    "十二五": 2011,
    "十三五": 2016,
    "十四五": 2021,
    "十五五": 2026,
    "十六五": 2031,
}
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_BOUNDS = {
    Bound.AT_LEAST: (
        *("不低于", "不少于", "不小于", "超过", "突破", "大于", "高于", "多于", "至少", "超", "逾", "满"),
        *("余", "多", "≥", "＞", ">", "以上", "之上", "及以上"),
    ),
    Bound.AT_MOST: ("不超过", "不高于", "不多于", "小于", "低于", "少于", "最多", "≤", "＜", "<", "以下", "以内", "之内", "及以下"),
    Bound.ABOUT: ("大约", "约", "近", "左右", "上下"),
}


def find_figures(text: str) -> tuple[Figure, ...]:
    """Numbers that are no dates, document numbers or labels, in order; Chinese numerals where they count something."""
    return tuple(found for found in find_expressions(text) if isinstance(found, Figure))


def find_dates(text: str) -> tuple[Date, ...]:
    """Days, months, years, plan periods and relative dates, in order."""
    return tuple(found for found in find_expressions(text) if isinstance(found, Date))


def find_document_numbers(text: str) -> tuple[DocumentNumber, ...]:
    """Numbers of official documents, whatever their brackets, in order."""
    return tuple(found for found in find_expressions(text) if isinstance(found, DocumentNumber))


def find_labels(text: str) -> tuple[Label, ...]:
    """Numbering labels, page numbers and issue numbers, in order."""
    return tuple(found for found in find_expressions(text) if isinstance(found, Label))


def years_in(text: str) -> tuple[int, ...]:
    """The years that the text speaks of, ascending: of a plan period each of its years, of a document number none."""
    return tuple(sorted({year for date in find_dates(text) for year in date.years}))


@lru_cache(maxsize=16384)
def find_expressions(text: str) -> tuple[Expression, ...]:
    """Everything written with a number, in order and without overlap. Remembered: the same quotes and answers are looked at again and again."""
    taken = bytearray(len(text))
    found: list[Expression] = []
    for pattern, read in _READERS:
        for match in _free(pattern, text, taken):
            expression = read(match)
            if expression is not None:
                taken[expression.span.start : expression.span.end] = b"\x01" * (expression.span.end - expression.span.start)
                found.append(expression)
    return tuple(sorted(found, key=lambda expression: expression.span))


def is_unit(text: str) -> bool:
    """Whether the text is nothing but a unit of measurement, scale words and all: 万元/人, 亿立方米, %."""
    return _ONLY_UNIT.fullmatch(text.strip()) is not None


def in_unit(figure: Figure, unit: str) -> Figure:
    """The figure of a table's cell in the unit that its row names: 75.1 in 万人 is 751000 人. A figure with a unit of its own keeps it."""
    found = _ONLY_UNIT.fullmatch(unit.strip())
    if not found or figure.kind is not FigureKind.QUANTITY or figure.unit:
        return figure
    scale, name = _scale(found["scale"]), _unit(found)
    return replace(figure, low=figure.low * scale, high=figure.high * scale, unit=name, kind=_kind_of(name))


def normal(text: str) -> str:
    """The form in which texts are compared: NFKC, no white space, one quotation mark, dash, bracket and dot each, lower case."""
    folded = _joined(unicodedata.normalize("NFKC", text.translate(_FORMS)).translate(_FORMS)).lower()
    return unicodedata.normalize("NFKC", folded)  # an accent may now stand beside its letter


def same_figure(first: Figure, second: Figure) -> bool:
    """Whether two figures state the same value: 4.5万家 is 45000家 and 10.8亿公斤 is 108万吨, but 6% is not 16% and 5亿元 not 5亿美元.

    A figure without a unit (a cell of a table) is the same as one of equal value with any unit, unless that is an ordinal or a code. Bounds
    are not compared: "6%以上" states the value of "6%".
    """
    if FigureKind.CODE in (first.kind, second.kind):
        return first.kind is second.kind and normal(first.surface) == normal(second.surface)
    if FigureKind.ORDINAL in (first.kind, second.kind):
        return first.kind is second.kind and (first.low, first.high, first.unit) == (second.low, second.high, second.unit)
    if any(figure.kind is FigureKind.QUANTITY and not figure.unit for figure in (first, second)):
        return (first.low, first.high) == (second.low, second.high)
    return first.kind is second.kind and _in_base_unit(first) == _in_base_unit(second)


def _in_base_unit(figure: Figure) -> tuple[Fraction, Fraction, str]:
    unit = _SAME_UNIT.get(figure.unit, figure.unit)
    for measure, factors in _BASE_UNITS.items():
        if unit in factors:
            return Fraction(figure.low) * factors[unit], Fraction(figure.high) * factors[unit], measure
    return Fraction(figure.low), Fraction(figure.high), unit


def find_names(text: str) -> tuple[Name, ...]:
    """Titles in 《》, expressions in quotation marks, units of government and places of Chongqing, in order; one may lie inside another."""
    squeezed, places = _squeeze(text)
    names = []
    for kind, pattern in _NAMES:
        for match in pattern.finditer(squeezed):
            start, end = match.span("name")
            names.append(Name(Span(places[start], places[end - 1] + 1), match["name"], kind))
    return tuple(sorted(names, key=lambda name: (name.span.start, -name.span.end, name.kind)))


def _squeeze(text: str) -> tuple[str, list[int]]:
    """The text without blanks and wraps, and where each of its characters stands; a blank line or a tab stays, as one line end."""
    squeezed: list[str] = []
    places: list[int] = []
    for stretch in re.finditer(r"\S|\s+", text):
        if not stretch[0].isspace():
            squeezed.append(stretch[0])
            places.append(stretch.start())
        elif "\t" in stretch[0] or stretch[0].count("\n") > 1:
            squeezed.append("\n")
            places.append(stretch.start())
    return "".join(squeezed), places


def _free(pattern: re.Pattern[str], text: str, taken: bytearray) -> Iterator[re.Match[str]]:
    """Matches that touch nothing taken; behind a blocked one the search goes on at its second character."""
    at = 0
    while match := pattern.search(text, at):
        span = _span(match)
        blocked = taken.find(1, span.start, span.end) >= 0
        if not blocked:
            yield match
        at = match.start() + 1 if blocked else max(span.end, match.start() + 1)


def _span(match: re.Match[str]) -> Span:
    """What the expression covers: the group `span` where the pattern looks at more."""
    return Span(*(match.span("span") if "span" in match.re.groupindex else match.span()))


def _surface(match: re.Match[str]) -> str:
    span = _span(match)
    return match.string[span.start : span.end]


def _joined(text: str | None) -> str:
    return "".join((text or "").split())


def number_value(number: str) -> Decimal | None:
    """The value of a number in figures or of a Chinese numeral, white space aside; None for a numeral that is not well-formed."""
    digits = unicodedata.normalize("NFKC", _joined(number))
    return Decimal(digits.replace(",", "")) if digits[0].isdigit() else _chinese_value(digits)


def _chinese_value(numeral: str) -> Decimal | None:
    """The value of a well-formed numeral ("三千", "十二", "一百零五", "三点五"); None for anything else ("三一", "百千", "十百")."""
    whole, _, decimals = numeral.partition("点")
    if not _WELL_FORMED.fullmatch(whole) or any(character not in _NUMERALS for character in decimals):
        return None
    total, section, digit = Decimal(0), Decimal(0), Decimal(0)
    for character in whole:
        if character in _NUMERALS:
            digit = Decimal(_NUMERALS[character])
        elif _SCALES[character] >= 10**4:
            total, section, digit = (total + section + digit) * _SCALES[character], Decimal(0), Decimal(0)
        else:
            section, digit = section + (digit or 1) * _SCALES[character], Decimal(0)
    if len(whole) > 1 and whole[-2] in "百千万亿" and whole[-1] in _NUMERALS:
        digit *= _SCALES[whole[-2]] / 10  # 三千五 is 3500
    return total + section + digit + (Decimal("0." + "".join(str(_NUMERALS[character]) for character in decimals)) if decimals else 0)


def _scale(scale: str | None) -> Decimal:
    value = Decimal(1)
    for character in scale or "":
        value *= _SCALES[character]
    return value


def _figure(match: re.Match[str], kind: FigureKind, low: Decimal, high: Decimal, unit: str = "") -> Figure:
    groups = match.groupdict()
    markers = tuple(groups[name] for name in ("before", "more", "inside", "after") if groups.get(name))
    bound = next((bound for bound, words in _BOUNDS.items() if any(marker in words for marker in markers)), Bound.EXACT)
    return Figure(_span(match), _surface(match), kind, low, high, unit, bound, markers)


def _kind_of(unit: str) -> FigureKind:
    if unit in ("%", "‰"):
        return FigureKind.PERCENT
    return FigureKind.POINTS if unit.endswith("百分点") else FigureKind.QUANTITY


def _unit(match: re.Match[str]) -> str:
    return _joined(match["unit"]).replace("％", "%")


def _read_quantity(match: re.Match[str]) -> Figure:
    value = (number_value(match["number"]) or Decimal(0)) * _scale(match["scale"]) * (-1 if match["minus"] else 1)
    return _figure(match, _kind_of(_unit(match)), value, value, _unit(match))


def _read_number(match: re.Match[str]) -> Figure:
    value = number_value(match["number"]) or Decimal(0)
    return _figure(match, FigureKind.QUANTITY, value, value)


def _read_range(match: re.Match[str]) -> Figure | None:
    low, high, unit = number_value(match["low"]), number_value(match["high"]), _unit(match)
    if low is None or high is None or (not unit and match["to"] in "至到"):
        return None
    # "1—2万家" is 1万 to 2万, "8000—1万家" is 8000 to 1万.
    groups = match.groupdict()
    scale, low_scale = _scale(groups.get("scale")), groups.get("low_scale")
    low *= _scale(low_scale) if low_scale or low >= high else scale
    return _figure(match, _kind_of(unit), low, high * scale, unit) if low <= high * scale else None


def _read_ratio(match: re.Match[str]) -> Figure | None:
    left, right = number_value(match["left"]), number_value(match["right"])
    return _figure(match, FigureKind.RATIO, left / right, left / right) if left is not None and right else None


def _read_ordinal(match: re.Match[str]) -> Figure | None:
    value = number_value(match["number"])
    return None if value is None else _figure(match, FigureKind.ORDINAL, value, value, _joined(match["unit"]))


def _read_code(match: re.Match[str]) -> Figure | None:
    digits = re.search(r"\d+", match[0])
    return _figure(match, FigureKind.CODE, Decimal(digits[0]), Decimal(digits[0])) if digits else None


def _read_latin_code(match: re.Match[str]) -> Figure | None:
    """Digits before letters; letters that are a unit make a quantity, but a single digit before G is a generation of networks."""
    letters = match["letters"]
    is_unit = letters in _LATIN_UNITS and not (letters == "G" and len(match["digits"]) == 1)
    return None if is_unit else _read_code(match)


def _read_chinese(match: re.Match[str]) -> Figure | None:
    numeral, unit = match["number"], _joined(match["unit"])
    value = _chinese_value(numeral)
    # 一 alone is an article more often than a number (一个, 一批), and 百 or 千 alone are "very many" (百年, 千家).
    if value is None or numeral[0] in "百千万亿零〇" or (numeral == "一" and unit not in ("倍", "番")):
        return None
    # Without a unit only round numbers are numbers; “三百” and 四千行动 are slogans, 綦江一万盛 is a dash misread as a numeral.
    if not unit and (len(numeral) == 1 or numeral[-1] not in "百千万亿" or _NO_NUMBER.match(match.string, match.end())):
        return None
    if unit == "大" and 16 <= value <= 29:
        return None  # 二十大 is a congress of the party
    meeting = unit == "次" and re.match(r"\s*(?:会议|全会|全体会议|党代会|代表大会)", match.string[match.end() :])
    return _figure(match, FigureKind.ORDINAL if meeting or unit in ("届", "级", "期") else _kind_of(unit), value, value, unit)


def _read_percentage(match: re.Match[str]) -> Figure | None:
    value = number_value(match["number"])
    return None if value is None else _figure(match, FigureKind.PERCENT, value, value, "%")


def _read_fraction(match: re.Match[str]) -> Figure | None:
    below, above = number_value(match["below"]), number_value(match["above"])
    return _figure(match, FigureKind.FRACTION, above / below, above / below) if above is not None and below else None


def _read_half(match: re.Match[str]) -> Figure:
    return _figure(match, FigureKind.FRACTION, Decimal("0.5"), Decimal("0.5"))


def _read_document_number(match: re.Match[str]) -> DocumentNumber:
    """The issuer's characters run back into the sentence: what introduces a document is no part of its number."""
    introduced = _INTRODUCTION.match(match["issuer"])
    start = match.start() + (introduced.end() if introduced else 0)
    span = Span(start, match.end())
    issuer = _joined(match.string[start : match.end("issuer")])
    return DocumentNumber(span, match.string[start : match.end()], issuer, int(match["year"]), int(match["number"]))


def _read_label(kind: LabelKind) -> _Read:
    return lambda match: Label(_span(match), _surface(match), kind, int(match["number"]))


def _read_date(kind: DateKind) -> _Read:
    """A reader of the groups year (or first and last), month, day and part; `kind` is what a date is that has none of them but the year."""

    def read(match: re.Match[str]) -> Date | None:
        groups = match.groupdict()
        year, first, last, month, day = (
            int(groups[name]) if groups.get(name) else None for name in ("year", "first", "last", "month", "day")
        )
        if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
            return None
        if first is not None and last is not None and last < first:
            return None
        part = _joined(groups.get("part")).removeprefix("年")
        found = DateKind.DAY if day else DateKind.MONTH if month else DateKind.PART if part else kind
        return Date(_span(match), _surface(match), found, first or year, last or year, month, day, part)

    return read


def _read_bare_year(match: re.Match[str]) -> Date | None:
    """A year without 年 ("2021 智博会", "（2022）"), unless the words before announce a quantity."""
    if re.search(r"(?:达|到|为|至|约|近|超|过|破|逾|于|增|减|建|新|成)\s*$", match.string[max(0, match.start() - 6) : match.start()]):
        return None
    year = int(match["year"])
    return Date(_span(match), _surface(match), DateKind.YEAR, year, year)


def _read_chinese_date(match: re.Match[str]) -> Date:
    year = int("".join(character if character.isdigit() else str(_NUMERALS[character]) for character in _joined(match["digits"])))
    month, day = (int(_chinese_value(match[name] or "") or 0) or None for name in ("month", "day"))
    kind = DateKind.DAY if day else DateKind.MONTH if month else DateKind.YEAR
    return Date(_span(match), _surface(match), kind, year, year, month, day)


def _read_english_date(match: re.Match[str]) -> Date:
    year = int(match["year"])
    return Date(_span(match), _surface(match), DateKind.DAY, year, year, _MONTHS.index(match["month"]) + 1, int(match["day"]))


def _read_plan(match: re.Match[str]) -> Date:
    first = _FIRST_PLAN_YEARS[match["plan"]]
    part = _joined(match["part"])
    if not part:
        return Date(_span(match), _surface(match), DateKind.PERIOD, first, first + 4)
    year = first if part.startswith(("初", "开局")) else first + 4
    return Date(_span(match), _surface(match), DateKind.PART, year, year, part=part)


def _read_numbered_plan(match: re.Match[str]) -> Date:
    """第十四个五年规划; the plans follow each other without a break from the third (1966) on."""
    first = 1966 + 5 * (int(_chinese_value(match["number"]) or 0) - 3)
    return Date(_span(match), _surface(match), DateKind.PERIOD, first, first + 4)


_FORMS = str.maketrans(
    {
        **dict.fromkeys("“”„‟〝〞＂「」『』«»", '"'),
        **dict.fromkeys("‘’‚‛＇", "'"),
        **dict.fromkeys("—–―‐‑‒－−﹣~～〜∼", "-"),
        **dict.fromkeys("〔［【〖〘｛{", "["),
        **dict.fromkeys("〕］】〗〙｝}", "]"),
        **dict.fromkeys("•・‧∙●", "·"),
        "∶": ":",
        "○": "〇",
    }
)

_GAP = r"[ \u3000\u00a0\r\n]{0,6}"
"""White space that a wrap or a page break leaves inside an expression."""
_HAN = r"[\u4e00-\u9fff]"
_CHINESE = "[零〇一二三四五六七八九十百千万亿两]"
_NUMERAL = _CHINESE + "{1,16}"
_DIGIT = "[一二三四五六七八九两]"
_SECTION = rf"(?:{_DIGIT}?千)?(?:零?{_DIGIT}?百)?(?:零?{_DIGIT}?十)?(?:零?{_DIGIT})?"
_WELL_FORMED = re.compile(rf"(?={_CHINESE})(?:{_SECTION}亿)?零?(?:{_SECTION}万)?零?{_SECTION}|[零〇]")
_INTRODUCTION = re.compile(
    r".*(?:根据|按照|依据|依照|以及|关于|参见|详见|印发|转发|下达|文件|通知|[见和与及以经由据])(?=.{2,}$)", re.DOTALL
)

_LATIN_UNITS = {unit for units in UNITS.values() for unit in units.split() if unit.isascii() and unit.isalpha()}
_FOLLOWED = {
    "人": "才民口均大工群体", "名": "城校医单录", "家": "庭长电具", "项": "目", "场": "馆所景站地", "大": "学道数于", "所": "有",
    "分": "校院局别公布类支", "期": "间末", "线": "上下路", "天": "然津", "度": "假", "条": "件例", "处": "理置", "座": "谈",
    "层": "级次面", "头": "部", "元": "素旦", "组": "织建", "台": "湾", "本": "科地级市", "口": "岸径", "门": "类户", "支": "持行流撑柱",
    "副": "省市", "部": "门委分级", "种": "植子业", "代": "表理", "向": "上", "环": "境保", "片": "区", "单": "位元", "次": "生",
    "户": "籍", "位": "居列于", "对": "口", "班": "列", "类": "似", "强": "化调", "成": "都渝立员果效为", "周": "边", "团": "队体市",
    "字": "号", "股": "份权", "步": "伐道", "日": "常", "根": "本据", "道": "路", "件": "杂",
}  # fmt: skip
"""Characters behind which a unit's sign begins another word: "12部门", "3天然气"."""


def _unit_pattern() -> str:
    units = sorted((unit for listed in UNITS.values() for unit in listed.split()), key=len, reverse=True)
    patterns = []
    for unit in units:
        ends = rf"(?![{_FOLLOWED[unit]}])" if _FOLLOWED.get(unit) else r"(?![A-Za-z\d])" if unit in _LATIN_UNITS else ""
        patterns.append(_GAP.join(map(re.escape, unit)) + ends)
    return "(?:" + "|".join([*patterns, "％"]) + ")"


_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:[.．]\d+|(?<=[\d【]\d)\.\x20\d+)?"
_SCALE = r"(?:[十百千]?(?:万亿|亿|万)|[百千](?!分点|瓦|伏|米|克))"
_UNIT = _unit_pattern()
_COMPOUND = rf"{_UNIT}(?:/(?:{_SCALE})?(?:{_UNIT}|月))?"
_ONLY_UNIT = re.compile(rf"(?P<scale>{_SCALE})?(?P<unit>{_COMPOUND})")
_BEFORE = (
    r"(?:(?P<before>不低于|不少于|不小于|不超过|不高于|不多于|超过|突破|大于|小于|大约|高于|低于|少于|多于|至少|最多|(?<![签合节公条预违])约|近|超|逾|满"
    rf"|[≥≤＞＜><]){_GAP}【?)?"
)
_AFTER = rf"(?:{_GAP}】?(?P<after>左右|上下|及以上|及以下|以上|以下|以内|之内|之上))?"
_TO = r"(?P<to>[—–―‐\-－~～〜]{1,2}|至|到)"
_NO_NUMBER = re.compile(r"\s*[”\"]|行动|工程|盛|州")
_COUNTED = (
    "个百分点|百分点|个月|个季度|个|项|条(?!件|例)|件|家(?!庭)|所(?!有)|座|处(?!理|置)|场(?!所|景|馆)|次|名|位(?!一体|居|于|数)|户(?!籍)|人次|种(?!植|子|业)|类|批|"
    "起|倍|周年|年|天(?!然|津)|小时|分钟|平方公里|公里|平方米|立方米|米|公顷|亩|吨|公斤|千瓦|万元|亿元|美元|辆|台|套|张|部(?!门|委)|宗|例|岁|款|支(?!持)|艘|栋|"
    "头|份|篇|届|级|期(?!间|末)|大(?!学|道)|强(?!化)"
)
"""What a Chinese numeral counts: a narrow choice of `UNITS`, since numerals are parts of many words (三元, 四面山, 五里坡)."""
_YEAR = r"(?:19|20)\d{2}"
_ALONE = r"(?<![\d.．])"
_PART_OF_YEAR = r"(?P<part>上半年|下半年|前?[一二三四1-4]个?季度|第[一二三四]季度|年?[末底]|年?初(?![级中步])|年中(?![国央小期考心长]))"
_PART_OF_PLAN = r"(?P<part>期末|末期?|初期?|开局之年|收官之年)"
_PLANS = "|".join(sorted(_FIRST_PLAN_YEARS, key=len, reverse=True))
_START = r"(?:^|(?<=[。；;：:]))[ \u3000]*"

_READERS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern, re.MULTILINE), read)
    for pattern, read in (
        # Document numbers
        (
            rf"(?P<issuer>{_HAN}(?:{_GAP}{_HAN}){{1,11}}){_GAP}[〔\[［(（【]{_GAP}(?P<year>{_YEAR}){_GAP}[〕\]］)）】]"
            rf"{_GAP}第?{_GAP}(?P<number>\d{{1,5}}){_GAP}号",
            _read_document_number,
        ),
        # Dates
        (rf"{_ALONE}(?P<year>{_YEAR})(?P<mark>[-/.．])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)(?![\d.])", _read_date(DateKind.DAY)),
        (
            rf"{_ALONE}(?P<year>{_YEAR}){_GAP}年{_GAP}(?P<month>\d\d?){_GAP}月(?:{_GAP}(?P<day>\d\d?){_GAP}[日号])?",
            _read_date(DateKind.MONTH),
        ),
        (
            rf"{_ALONE}(?P<first>{_YEAR}){_GAP}年?{_GAP}{_TO}{_GAP}(?P<last>{_YEAR})(?:{_GAP}年|(?![\d.．%])(?!{_GAP}(?:{_SCALE}|{_UNIT})))",
            _read_date(DateKind.PERIOD),
        ),
        (rf"{_ALONE}(?P<year>{_YEAR}){_GAP}年度?(?:{_GAP}{_PART_OF_YEAR})?", _read_date(DateKind.YEAR)),
        (
            rf"(?P<digits>[一二](?:{_GAP}[〇○零一二三四五六七八九0]){{3}}){_GAP}年"
            r"(?:(?P<month>[一二三四五六七八九十]{1,2})月(?:(?P<day>[一二三四五六七八九十]{1,3})[日号])?)?",
            _read_chinese_date,
        ),
        (rf"(?<=[“\"])(?P<plan>{_PLANS})(?:{_GAP}[”\"]{_GAP}{_PART_OF_PLAN})?", _read_plan),
        (rf"(?P<plan>十[一二三四五六]五){_PART_OF_PLAN}?", _read_plan),
        (r"第(?P<number>九|十[一二三四五六]?)个五年(?=规划|计划)", _read_numbered_plan),
        (r"(?P<part>上半年|下半年|第[一二三四]季度|前?[一二三四]个?季度)", _read_date(DateKind.PART)),
        (rf"(?<!\d)(?P<month>\d\d?){_GAP}月{_GAP}(?P<day>\d\d?){_GAP}[日号](?!线)", _read_date(DateKind.DAY)),
        (rf"{_ALONE}(?P<month>\d\d?){_GAP}月份?", _read_date(DateKind.MONTH)),
        (r"去年|今年|明年|前年(?!度)|后年|上年|本年度?|当年", _read_date(DateKind.RELATIVE)),
        (rf"\b(?P<month>{'|'.join(_MONTHS)})\s+(?P<day>\d\d?),\s*(?P<year>{_YEAR})", _read_english_date),
        (
            rf"{_ALONE}(?<![A-Za-z\t+—－-])(?P<year>19[4-9]\d|20[0-4]\d)(?![\d.．,+%％∶:：\t—－-])(?!{_GAP}(?:{_SCALE}|{_UNIT}|余|多))",
            _read_bare_year,
        ),
        # Telephone and postal numbers, before the area code in brackets is read as a label
        (r"(?<!\d)\d{3,4}-\d{7,8}(?!\d)|[（(]0\d{2,3}[）)]\s*\d{7,8}(?!\d)|(?<=码[：:])\d{6}(?!\d)", _read_code),
        # Labels
        (r"(?:^|(?<=[年（(])|(?=总第))\s{0,6}(?P<span>总?第\s*(?P<number>\d{1,5})\s*期)", _read_label(LabelKind.ISSUE)),
        (r"\b(?:No\.|Issue)\s*(?P<number>\d{1,5})(?!\d)", _read_label(LabelKind.ISSUE)),
        (r"(?<=\t)[（(](?P<number>\d{1,4})[）)](?=[ \t]*$)", _read_label(LabelKind.PAGE)),
        (r"^[ \u3000]*(?P<span>[—－·-]\s*(?P<number>\d{1,4})\s*[—－·-])[ \u3000]*$", _read_label(LabelKind.PAGE)),
        (r"(?:第|上接|下转)\s*第?\s*(?P<number>\d{1,4})\s*[页版]", _read_label(LabelKind.PAGE)),
        (
            rf"(?:专栏|附件|附表|附录|附图|表|图)[ \u3000]*(?P<number>\d{{1,3}})(?![\d.．%])(?!{_GAP}(?:{_SCALE}|{_UNIT}))",
            _read_label(LabelKind.NUMBERING),
        ),
        (_START + r"(?P<span>(?P<number>\d{1,4})[ \u3000]*(?:[、．]|\.)(?!\d))", _read_label(LabelKind.NUMBERING)),
        (_START + r"(?P<span>[（(][ \u3000]*(?P<number>\d{1,3})[ \u3000]*[）)])", _read_label(LabelKind.NUMBERING)),
        # The number of a table's row is the first cell of its line, or of the block of lines that a row fell apart into.
        (r"(?:^|(?<=\n\n\t)|(?<=\n\r\n\t))(?P<span>(?P<number>\d{1,3}))(?=\t|\r?\n\t)", _read_label(LabelKind.NUMBERING)),
        # Codes: “33618”; “1+5+N”, “850+”, “5G+”; T3B, PM2.5, CN50-1147/D; 5G, 4A
        (r"(?<=[“\"])\d{2,6}(?=\s?[”\"])", _read_code),
        (r"(?<![\d.A-Za-z])(?=[A-Za-z\d]+\+)[A-Za-z\d]+(?:\+[A-Za-z\d]*)+", _read_code),
        (r"(?<![A-Za-z])[A-Za-z]+-?\d+(?:[./-]?[A-Za-z\d]+)*", _read_code),
        (r"(?<![\d.])(?P<digits>\d+)(?P<letters>[A-Za-z]+)(?:\d+[A-Za-z]*)?", _read_latin_code),
        # Figures
        (
            rf"{_BEFORE}(?P<span>(?<![\d.．:∶：])(?P<left>{_NUMBER})(?P<inside>左右|以上|以下)?{_GAP}[:∶：]{_GAP}(?P<right>{_NUMBER}))"
            rf"{_AFTER}(?![\d:∶：])",
            _read_ratio,
        ),
        (rf"第{_GAP}(?P<number>\d+|{_NUMERAL}){_GAP}(?P<unit>{_UNIT}|[章节])?", _read_ordinal),
        (rf"(?<![\d.])(?P<number>\d+){_GAP}(?P<unit>号(?:线|楼|院|门|码头)?)", _read_ordinal),
        (rf"{_BEFORE}(?P<span>百分之(?P<number>{_NUMBER}|{_NUMERAL}(?:点{_NUMERAL})?)){_AFTER}", _read_percentage),
        (rf"{_BEFORE}(?P<span>(?P<below>{_NUMERAL})分之(?P<above>{_NUMERAL})){_AFTER}", _read_fraction),
        (rf"{_BEFORE}(?P<span>一半){_AFTER}", _read_half),
        (rf"{_BEFORE}(?P<span>(?P<number>[一二三四五六七八九]){_GAP}(?P<unit>成)(?=[以左，。、；的多])){_AFTER}", _read_chinese),
        (rf"翻(?P<span>(?P<number>[一二三四两])(?P<unit>番)){_AFTER}", _read_chinese),
        (
            rf"{_BEFORE}(?P<span>(?<![\d.．])(?P<low>{_NUMBER}){_GAP}(?P<low_scale>{_SCALE})?{_GAP}(?:{_COMPOUND})?{_GAP}{_TO}{_GAP}"
            rf"(?P<high>{_NUMBER})(?:{_GAP}(?P<scale>{_SCALE}))?(?:{_GAP}(?P<unit>{_COMPOUND}))?){_AFTER}",
            _read_range,
        ),
        (
            rf"{_BEFORE}(?P<span>(?<!{_CHINESE})(?P<low>{_NUMERAL}){_TO}(?P<high>{_NUMERAL})(?P<unit>{_COUNTED})){_AFTER}",
            _read_range,
        ),
        (
            rf"{_BEFORE}(?P<span>(?:(?<![A-Za-z\d）)%％—-])(?P<minus>[-−－]))?(?<!\d)(?P<number>{_NUMBER})(?:{_GAP}(?P<more>余|多))?"
            rf"(?:{_GAP}(?P<scale>{_SCALE}))?(?:{_GAP}(?P<inside>余|多))?(?:{_GAP}(?P<unit>{_COMPOUND}))?){_AFTER}",
            _read_quantity,
        ),
        (
            rf"{_BEFORE}(?P<span>(?<![第数几分之点\d])(?<!{_CHINESE})(?P<number>{_NUMERAL}(?:点{_NUMERAL})?)(?P<more>余|多)?"
            rf"(?P<unit>{_COUNTED})?){_AFTER}",
            _read_chinese,
        ),
        # A number whose unit is taken ("0G-0") still counts.
        (r"(?P<number>\d+)", _read_number),
    )
)

_OFFICIAL = (*DISTRICTS, *ZONES, "石柱县", "秀山县", "酉阳县", "彭水县")
_AREA = "(?:" + "|".join(sorted(_OFFICIAL, key=len, reverse=True)) + ")"
_GUARDED = {
    "长寿": r"(?<!健康)长寿(?=[、，。；：和至与区湖“]|$)",
    "渝中": r"(?<!成)渝中(?![线部])",
    "渝北": r"(?<!成)渝北(?![线部])",
    "江北": r"(?<!长)江北",
    "南岸": r"(?<![江河])南岸",
}
"""Short names that are also words or parts of words: 健康长寿, 成渝中线, 长江北岸."""
_SHORT = "|".join(_GUARDED.get(short, short) for short in DISTRICTS.values())
_ANY_UNITS = (
    r"(?:各|有关|相关|主城都市区各)(?:区县|区|县)(?:[(（]自治县[)）])?(?:人民)?政府"
    r"|市级(?:有关|各)部门(?:和单位)?|市政府(?:有关|各)?部门(?:和单位)?"
)
_BODY = (
    r"(?:委员会|人民政府|政府|办公厅|办公室|管委会|营管部|监管局|组织部|宣传部|统战部|政法委|办事处|总队|银行|海关|法院|检察院"
    r"|总工会|工商联|科协|社科联|社科院|妇联|残联|贸促会|供销合作社|电子政务中心|(?:领导小组|专项小组|委|会)成员单位|领导小组|委|局|办|厅)"
)
# 市 opens many words (市场, 市民, 市域); 市场监管局 and 市民政局 are units all the same.
_CITY = r"(?<![城全上都省各地])(?:中共重庆市|重庆市|重庆|国家|市)(?!场(?!监)|民(?![政族])|域|值|容|外|内|属)"
_BEHIND = r"(?=[、，。；：;:,()（）\[\]《》“”\"\n\d]|和|与|及|等|的|要|会同|牵头|负责|印发|发布|关于|$)"
_NAMES = (
    (NameKind.TITLE, re.compile(r"《(?P<name>[^《》\n]{1,80})》")),
    (NameKind.QUOTED, re.compile(r"[“\"](?P<name>[^“”\"\n]{1,40})[”\"]")),
    (
        NameKind.UNIT,
        re.compile(
            rf"(?P<name>{_ANY_UNITS}|{_AREA}(?:人民政府|政府|管委会)|团市委|{_CITY}[\u4e00-\u9fff]{{0,14}}?{_BODY}"
            rf"|(?:人行|民航|中国人民银行)重庆[\u4e00-\u9fff]{{0,6}}?(?:部|局|分行)){_BEHIND}"
        ),
    ),
    (NameKind.PLACE, re.compile(f"(?P<name>{_AREA}|{_SHORT})")),
)
