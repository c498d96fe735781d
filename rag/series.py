"""One indicator over years: targets and results of tables and prose brought together, with their differences worked out."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from corpus.figures import FigureKind, find_figures
from corpus.types import Measure, MeasureKind, ReadDocument, Reading, Span, StatedMeasure, Via
from index.segment import bigrams, normal
from rag.arithmetic import (
    STILL_MISSING,
    Value,
    asks_for_amount,
    asks_for_difference,
    asks_for_total,
    asks_whether_met,
    difference,
    total,
    whether_met,
)
from rag.guard import MUNICIPAL
from rag.measures import ATTRIBUTE_ASKED
from rag.question import AIM, PERIOD, Aim, Question, aim_of, content_of, thing_of, years_of
from rag.rank import Scored
from rag.render import as_written, said_value
from rag.said import numbers_in
from rag.types import CitationVia, Evidence, Mode, Statement

_INDICATORS = Path(__file__).parent / "data" / "indicators.toml"

CITY = ("", "全市", "重庆", "重庆市")
FOUND = 12
"""Readings, best first, that tell which indicator a question is about."""

LIKELY = 0.1
"""Their probabilities together, from which that is believed."""

ALSO_MEANT = 0.4
"""Share of the likeliest indicator's standing from which another that the question names is answered too."""

NAMED_TOO = 0.6
"""Share of another indicator's name that the question must hold."""

BY_PLACE = 0.3
"""How much a reading tells of the indicator by having been found, whatever its indicator's name."""

SHORTEST_NAME = 4
"""Characters of a name by which alone an indicator is known."""

NAMED = 0.2
"""Share of an indicator's name that the question must hold, in the documents' words."""

_PIECE = re.compile(r"[，,；;？?。！!：:、]|(?:和|跟|与|及|到|至|比|较|离)(?=20\d\d|\d\d年|实际|目标|计划|规划|十[三四]五|“十|年初)")
_MET = re.compile(
    r"达到没有|达没达到?|没有?达到|未达|达标|达成|完成没有|有没有完成|是否完成|完成了没|完成了吗|超额|没完成|超过目标|比.{0,6}(?:目标|预期|计划)|(?:目标|预期|计划).{0,8}(?:达到|完成|实现)了?[吗没]"
)
_GROWTH = re.compile(r"增速|增长率|增幅|涨幅|增长$")
_BUILT = re.compile(r"^(?:新?建成|新建|建设|实施|完成|改造)|(?:新?建成|新建|建设)(?=$|面积|里程|数)")
_ADDED = re.compile(r"[增添修建]了|新增|新建|新培育|新开工|新开通|新改建|净增")
_SUMMED = re.compile(r"累计|总数|总量|总里程|共有|保有")
_JOINS = re.compile(r"和|跟|与|及|、")
_SIZE = re.compile(r"(?:数量|总数|户数|人数|个数|数|总量|面积|里程|规模)$")
_GROWTH_ASKED = re.compile(r"增速|增幅|涨幅|增长(?:率|了?多少|目标|[是为]?几)|涨了?(?:多少|几)(?!天|亿|万|元)|几个点|百分之几")
_AMOUNT_ASKED = re.compile(r"多少(?:万|亿|公里|个|家|户|天|件|条|所|元|吨|亩)|几(?:万|亿|公里|个(?!点)|家|户|天|件|条|所)|总量|总额")


_FIRST_OF_THE_PLAN = re.compile(r"(?:头|第)一年|开局之?年")
_OF_THE_PLAN = re.compile(r"五年规划|规划(?:纲要)?(?:[里中]|要|想|定|每年|的?目标)")
_OVER_PERIOD = re.compile(r"(?:五年|“?十四五”?)[^，,。；;？?]{0,20}(?:提高|提升|抬高|增加|多|降低|下降|减少|缩小)(?:了)?(?:多少|几)(?!年)")
"""A question about how far a value is to change over the period."""

_ADDED_TOO = re.compile(r"[，,。；;？?][^，,。；;？?]*(?:加[起一]|合[计起]|之和|总和)")
"""A clause that asks for the sum beside the difference."""

_CHANGES = re.compile(r"降低|下降|减少|增长|增加|新增|累计")
"""Names of indicators whose values are changes already."""

_MEASURE = re.compile(r"[米里亩吨元瓦克升顷]")
_ESTIMATED = re.compile(r"预计")
"""Said of what came of a year before it was counted, and of what is planned: it tells neither from the other."""

_KINDS = {MeasureKind.TARGET: "目标", MeasureKind.ACTUAL: "实际", MeasureKind.ESTIMATE: "预计"}


@dataclass(frozen=True, slots=True)
class Point:
    """A value of an indicator in a year as the document says it, and the stretch that does."""

    indicator: str
    year: int
    kind: MeasureKind
    said: str
    document_id: str
    span: Span
    via: CitationVia = CitationVia.READING
    attribute: str = ""
    written: str = ""
    """The value as a table's cell has it, where it is said otherwise."""

    flow: str = ""
    """"new" for what a year added, "total" for what there is by its end, empty where the document does not say."""

    @property
    def is_target(self) -> bool:
        return self.kind is MeasureKind.TARGET

    @property
    def shown(self) -> str:
        return f"{self.said}（表中写作“{self.written}”）" if self.written else self.said


LATEST = 0
"""In place of a year: the newest one of which a result is told."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is asked for: of a year or the latest one, a target, a result, or whichever there is."""

    year: int
    aim: Aim


Key = tuple[str, bool, str]
"""An indicator's plain name, whether a rate of growth is meant, and whom it is about ("" for the city)."""


class Series:
    """The values of every indicator, by its name however it is written."""

    def __init__(
        self, structured: Sequence[ReadDocument], readings: Sequence[Reading], by_id: Mapping[str, ReadDocument], present: int
    ) -> None:
        """`structured` are the documents that have tables; `by_id` gives any document that a reading is of."""
        self._present = present
        self._by_id = by_id
        self._cells: dict[Key, list[Point]] = defaultdict(list)
        self._stated: dict[Key, list[tuple[Reading, StatedMeasure]]] = defaultdict(list)
        self._points: dict[Key, list[Point]] = {}
        self._named: dict[str, list[Key]] = defaultdict(list)
        self._keys_of: dict[str, list[Key]] = {}
        rows: dict[tuple[str, int], list[Key]] = defaultdict(list)
        for document in structured:
            for cell in document.measures:
                key = _key(cell.indicator if not cell.parent else f"{cell.indicator}（{cell.parent}）", cell.unit)
                self._cells[key].append(_of_cell(cell))
                rows[cell.document_id, cell.row.start].append(key)
        for reading in readings:
            if reading.via is Via.MEASURE:
                self._keys_of[reading.id] = rows[reading.document_id, int(reading.ref.split("-")[0])][:1]
                continue
            for measure in reading.measures if not reading.elsewhere else ():
                key = _key(measure.indicator, measure.unit, "" if measure.scope in CITY else measure.scope)
                self._keys_of.setdefault(reading.id, []).append(key)
                self._stated[key].append((reading, measure))

        whole = {key for key, stated in self._stated.items() if any(_plain(measure.indicator) == key[0] for _, measure in stated)}
        for key in dict.fromkeys((*self._cells, *self._stated)):
            for name in (key[0], *_names_of(key[0])) if key in self._cells or key in whole else ():
                if len(name) >= SHORTEST_NAME:
                    self._named[name].append(key)

    def _points_of(self, key: Key) -> list[Point]:
        """The values of an indicator: those of the tables, then those of readings. Their proofs are looked up when they are first asked for."""
        if key not in self._points:
            stated = (self._as_point(reading, measure) for reading, measure in self._stated.get(key, ()))
            self._points[key] = [*self._cells.get(key, ()), *(point for point in stated if point)]
        return self._points[key]

    def _as_point(self, reading: Reading, measure: StatedMeasure) -> Point | None:
        proof = proof_of(measure.value, measure.unit, reading.spans, self._by_id[reading.document_id].document.text)
        if proof is None:
            return None
        flow = _flow(measure.indicator + " ".join(reading.quotes))
        return Point(measure.indicator, measure.year, measure.kind, proof[1], reading.document_id, proof[0], flow=flow)

    def answer(self, question: Question, expanded: str, rewritten: str, found: Sequence[Scored]) -> list[Statement]:
        """The values asked for, of one indicator in several years or as target and result, and their difference; none for other questions.

        `expanded` is the question with the documents' words beside its everyday ones, `rewritten` with them in their place; `found` are the
        readings found for it, best first.
        """
        slots = wanted(question, self._present)
        if len(slots) == 1 and slots[0].aim is Aim.TARGET and STILL_MISSING.search(question.text):
            # How far a target is from what there is: from the newest result before it.
            slots = (Slot(LATEST, Aim.RESULT), *slots)
        over_period = len(slots) < 2 and bool(_OVER_PERIOD.search(question.text)) and set(question.years) <= {PERIOD[1]}
        if over_period:
            slots = (Slot(PERIOD[0], Aim.RESULT), Slot(PERIOD[1], Aim.TARGET))
        if len(slots) < 2:
            return []
        flow = _flow(question.text)
        confidence = max((scored.probability for scored in found), default=0.0)
        likely = {
            (scored.hit.reading.document_id, span): scored.probability for scored in reversed(found) for span in scored.hit.reading.spans
        }

        def told(keys: Sequence[Key]) -> list[Statement]:
            statements: list[Statement] = []
            for key in keys:
                if over_period and (key[1] or _CHANGES.search(key[0])):
                    continue
                points = self._alike(key, slots, likely, "" if _flow(key[0]) else flow)
                if len(points) < len(slots) or {"new", "total"} <= {point.flow for point in points}:
                    continue
                attribute = next((point.attribute for point in self._points_of(key) if point.attribute), "")
                stated = _stated(points, attribute, confidence, question.text)
                worked = _worked_out(question.text, points, confidence, briefly=len(keys) > 1)
                if worked and len(keys) > 1:
                    # Of several indicators each has one line.
                    text = f"{points[0].indicator}：{'，'.join(one.text for one in worked)}"
                    computed = (figure for one in worked for figure in one.computed)
                    statements.append(replace(stated, text=text, computed=(*stated.computed, *computed)))
                else:
                    statements += [stated, *worked]
            return statements

        meant, named = self._meant(question, expanded, found), self._named_in(question, expanded, rewritten)
        if set(meant) < set(named):
            meant = named
        return told(meant) or told(named)

    def _meant(self, question: Question, expanded: str, found: Sequence[Scored]) -> list[Key]:
        """The indicators that the readings found are about, if they agree and the question names them; several where it joins several."""
        asked = frozenset(bigrams(_plain(content_of(expanded)) + _aliases_in(expanded)))
        worth: dict[Key, float] = defaultdict(float)
        shares: dict[Key, float] = {}
        for scored in found[:FOUND]:
            for key in dict.fromkeys(self._keys_of.get(scored.hit.reading.id, ())):
                name = bigrams(key[0]) or [key[0]]
                shares[key] = sum(term in asked for term in name) / len(name)
                if shares[key] >= NAMED and self._fits(key, question, expanded):
                    worth[key] += scored.probability * (BY_PLACE + (1 - BY_PLACE) * shares[key])
        ordered = sorted(worth, key=lambda key: (-worth[key], key))
        if not ordered or worth[ordered[0]] < LIKELY:
            return []
        best, said = ordered[0], set(_GROWTH_ASKED.sub("", expanded))

        def names_too(key: Key) -> bool:
            # By what tells it from the likeliest one: both may be of the same industry.
            own = set(key[0]) - set(best[0])
            return shares[key] >= NAMED_TOO and worth[key] >= ALSO_MEANT * worth[best] and (not own or bool(own & said))

        return [best, *filter(names_too, ordered[1:] if _JOINS.search(question.text) else [])]

    def _named_in(self, question: Question, expanded: str, rewritten: str) -> list[Key]:
        """The indicators that a question calls by a whole name, in its order; of names within each other the longest. Several only where it joins them."""
        plain = _plain(rewritten)
        places = [(place, name) for name in self._named if name in plain for place in [_place_of(name, plain)] if place >= 0]
        longest = [
            (place, name)
            for place, name in places
            if not any(other != name and start <= place and place + len(name) <= start + len(other) for start, other in places)
        ]
        keys = dict.fromkeys(key for _, name in sorted(longest) for key in self._named[name] if self._fits(key, question, expanded))
        return list(keys) if len(keys) == 1 or _JOINS.search(question.text) else []

    def _fits(self, key: Key, question: Question, expanded: str) -> bool:
        """Whether an indicator is of whom a question asks about, and a rate of growth only where no amount is asked for, or the other way round."""
        growth, amount = bool(_GROWTH_ASKED.search(question.text)), bool(_AMOUNT_ASKED.search(question.text))
        return self._of_scope(key, expanded) and not (growth and not key[1]) and not (amount and key[1])

    def _of_scope(self, key: Key, expanded: str) -> bool:
        """Whether an indicator is of whom the question asks about; of the whole city only where the city's own budget is not what it names."""
        name, growth, scope = key
        own = (name, growth, MUNICIPAL)
        return scope in expanded if scope else not (MUNICIPAL in expanded and (own in self._stated or own in self._cells))

    def _alike(self, key: Key, slots: Sequence[Slot], likely: Mapping[tuple[str, Span], float], flow: str) -> list[Point]:
        """The values for the slots, all counted or all measured alike; none where they are not: how many estates there are and how large they are
        make no series."""
        points = [point for slot in slots if (point := self._point(key, slot, likely, flow))]
        units = dict.fromkeys(map(_measured_in, points))
        if len(units) < 2:
            return points
        of_each = ([point for slot in slots if (point := self._point(key, slot, likely, flow, unit))] for unit in units)
        return next((alike for alike in of_each if len(alike) == len(slots)), [])

    def _point(self, key: Key, slot: Slot, likely: Mapping[tuple[str, Span], float], flow: str, unit: str | None = None) -> Point | None:
        """The value for a slot, of the flow that is asked for where there is one: the one whose stretches were found most surely, then the one
        stated most often. Measured in a `unit` if one is given."""
        points = [point for point in self._points_of(key) if unit is None or _measured_in(point) == unit]
        year = max((point.year for point in points if not point.is_target), default=0) if slot.year == LATEST else slot.year
        of_year = [point for point in points if point.year == year and re.search(r"\d", point.said)]
        if slot.aim is Aim.ANY:
            of_year = [point for point in of_year if not point.is_target] or of_year
        else:
            of_year = [point for point in of_year if point.is_target is (slot.aim is Aim.TARGET)]
        of_year = [point for point in of_year if flow and point.flow == flow] or of_year
        by_value: dict[str, list[Point]] = defaultdict(list)
        for point in of_year:
            by_value[_digits(point.said)].append(point)

        def surely(point: Point) -> float:
            return likely.get((point.document_id, point.span), 0.0)

        best = max(by_value.values(), key=lambda same: (max(map(surely, same)), len(same)), default=[])
        return max(best, key=lambda point: (surely(point), len(point.said)), default=None)


def _measured_in(point: Point) -> str:
    """The unit of measure of a value, whatever its scale; empty for one that is counted, be it in 个 or in 家."""
    figure = next(iter(find_figures(point.said)), None)
    return figure.unit if figure and _MEASURE.search(figure.unit) else ""


def wanted(question: Question, present: int) -> tuple[Slot, ...]:
    """The values that a question asks for, in its order: a piece without a year is about the year before it."""
    slots: list[Slot] = []
    years: tuple[int, ...] = ()
    common = Aim.ANY
    pieces = _PIECE.split(question.text)
    for place, piece in enumerate(pieces):
        named, aim = years_of(piece, present) or _planned_for(piece), aim_of(_ESTIMATED.sub("", piece))
        if named and aim is Aim.ANY and not thing_of(piece) and not asks_for_amount(piece):
            # "2021年和2022年的目标": what is asked of the last year named is asked of those before it.
            later = next((later for later in pieces[place + 1 :] if thing_of(later) or AIM.search(later)), "")
            lies_ahead = max(years_of(later, present), default=0) > present >= max(named)
            aim = aim if lies_ahead else aim_of(later)
        common = aim if not named and not years else common
        aim = common if aim is Aim.ANY else aim
        if not named and (not years or (not AIM.search(piece) and aim is Aim.ANY)):
            continue
        years = named or years[-1:]
        aims = (Aim.TARGET, Aim.RESULT) if aim is Aim.BOTH else (aim,)
        slots += [Slot(year, one) for year in years for one in aims]
    if len({slot.year for slot in slots}) == 1 and (
        _MET.search(question.text) or asks_whether_met(question.text) or question.aim is Aim.BOTH
    ):
        slots = [Slot(slots[0].year, Aim.TARGET), Slot(slots[0].year, Aim.RESULT)]
    distinct = tuple(dict.fromkeys(slots))
    return tuple(slot for slot in distinct if slot.aim is not Aim.ANY or sum(other.year == slot.year for other in distinct) == 1)


def _planned_for(piece: str) -> tuple[int, ...]:
    """The year at which the plan of five years aims, or its first, where a piece without a year speaks of it."""
    if _FIRST_OF_THE_PLAN.search(piece):
        return (PERIOD[0] + 1,)
    return PERIOD[1:] if _OF_THE_PLAN.search(piece) else ()


def tells(reading: Reading, slots: Sequence[Slot], present: int) -> bool:
    """Whether a reading's answer has a figure for each of the slots, for a target of a year that is over one that is called so.

    What an answer without years calls a target or a result is taken for that of the years asked."""
    told: set[Slot] = set()
    years: tuple[int, ...] = ()
    all_planned = aim_of(reading.question) is Aim.TARGET
    for piece in re.split(r"[，、；。（）]", reading.answer):
        years, aim = years_of(piece, present) or years, aim_of(piece)
        if numbers_in(piece) - set(map(str, years)):
            meant = years or tuple(slot.year for slot in slots if aim is slot.aim or (aim is Aim.RESULT and slot.aim is Aim.ANY))
            told |= {Slot(year, Aim.TARGET if aim is Aim.ANY and all_planned else aim) for year in meant}

    def is_told(slot: Slot) -> bool:
        aims = {one.aim for one in told if one.year == slot.year}
        by_itself = slot.aim is Aim.RESULT or slot.year >= present
        return slot.aim in aims or bool(aims if slot.aim is Aim.ANY else by_itself and Aim.ANY in aims)

    return all(map(is_told, slots))


def _opposed(points: Sequence[Point]) -> Sequence[Point]:
    """The two points whose difference is meant: a target and its result if there are some, else the first and the last."""
    for target in points:
        result = next((p for p in points if p.year == target.year and not p.is_target), None)
        # Of a target that was just met and a later one, the later is meant.
        if target.is_target and result and (len(points) < 3 or _digits(target.said) != _digits(result.said)):
            return target, result
    first, last = points[0], points[-1]
    return (first, last) if first.year <= last.year else (last, first)


def _worked_out(question: str, points: Sequence[Point], confidence: float, *, briefly: bool) -> list[Statement]:
    """The difference and the sum of values, as far as a question asks for them."""

    def values(of: Iterable[Point]) -> list[Value]:
        return [(_name(point), point.said, _evidence(point, confidence)) for point in of]

    differs = asks_for_difference(question) or _OVER_PERIOD.search(question) is not None
    adds = asks_for_total(question) and (not differs or _ADDED_TOO.search(question) is not None)
    apart = difference(values(_opposed(points)), briefly=briefly) if differs else None
    together = total(values(dict.fromkeys(points))) if adds else None
    return [worked for worked in (apart, together) if worked]


def _digits(said: str) -> str:
    return re.sub(r"[^\d.]", "", said)


def _name(point: Point) -> str:
    return f"{point.year}年{_KINDS[point.kind]}"


def _stated(points: Sequence[Point], attribute: str, confidence: float, question: str) -> Statement:
    distinct = tuple(dict.fromkeys(points))
    values = "，".join(f"{_name(point)}{point.shown}" for point in distinct)
    target, result = _opposed(points)
    if target.is_target and not result.is_target and target.year == result.year:
        verdict = whether_met(question, target.indicator, target.said, result.said)
        values = f"{verdict}，{values}" if verdict else values
    if attribute and ATTRIBUTE_ASKED.search(question):
        values += f"，属{attribute}指标"
    shown = tuple(str(number) for point in points for number in (point.year, *re.findall(r"\d+(?:\.\d+)?", point.indicator)))
    evidence = tuple(_evidence(point, confidence) for point in distinct)
    return Statement(f"{points[0].indicator}：{values}", evidence, confidence, Mode.STRUCTURED, shown)


def proof_of(value: str, unit: str, spans: Sequence[Span], text: str) -> tuple[Span, str] | None:
    """The stretch of a reading that holds a value's number, and the figure as it stands there with the words that bound it and, in a table, its unit."""
    number = re.search(r"\d[\d.]*", value)
    for span in spans:
        quote = re.sub(r"\s", "", text[span.start : span.end])
        for figure in find_figures(quote):
            if number and re.match(rf"{re.escape(number[0])}(?![\d.])", figure.surface):
                behind = next((marker for marker in figure.markers if quote.startswith(marker, figure.span.end)), "")
                before = next((m for m in figure.markers if m != behind and quote.endswith(m, 0, figure.span.start)), "")
                own = figure.unit or figure.kind is FigureKind.RATIO
                return span, f"{before}{figure.surface}{'' if own else unit}{behind}"
    return None


def _flow(text: str) -> str:
    new, total = bool(_ADDED.search(text)), bool(_SUMMED.search(text))
    return "" if new == total else "new" if new else "total"


def _evidence(point: Point, confidence: float) -> Evidence:
    return Evidence(point.document_id, point.span, point.via, confidence)


def _of_cell(cell: Measure) -> Point:
    return Point(
        cell.indicator,
        cell.year,
        cell.kind,
        said_value(cell.value, cell.unit),
        cell.document_id,
        cell.row,
        CitationVia.MEASURE,
        cell.attribute,
        as_written(cell),
    )


def _key(indicator: str, unit: str, scope: str = "") -> Key:
    known = _canonical().get(_plain(indicator), "")
    name = known or _plain(indicator)
    growth = bool(_GROWTH.search(name)) and "%" in unit
    return known if known else _SIZE.sub("", _BUILT.sub("", _GROWTH.sub("", name))), growth, scope


def _plain(name: str) -> str:
    return re.sub(r"[“”\"·（）()、的]|规上|全市", lambda match: "规模以上" if match[0] == "规上" else "", normal(name))


def _place_of(name: str, plain: str) -> int:
    """Where a plain text holds the name of an indicator that is not part of another's ("占地区生产总值比重"); -1 where it does not."""
    found = re.search(rf"(?<![占位均元区]){re.escape(name)}(?!的?比重|的?占比|的?比例|能耗|能源|用水|用地)", plain)
    return found.start() if found else -1


def _names_of(shown: str) -> list[str]:
    """The other names of an indicator, all plain."""
    return [name for name, same in _canonical().items() if same == shown and name != shown]


@lru_cache(maxsize=1)
def _canonical() -> dict[str, str]:
    """Every known name of an indicator, plain, with the plain form of the one shown."""
    same = tomllib.loads(_INDICATORS.read_text("utf-8"))["same"]
    return {_plain(name): _plain(shown) for shown, names in same.items() for name in (shown, *names)}


def _aliases_in(text: str) -> str:
    """The names shown of the indicators that a text names otherwise."""
    plain = _plain(text)
    return " ".join(shown for name, shown in _canonical().items() if name in plain)
