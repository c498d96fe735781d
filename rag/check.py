"""Verification of readings, whoever wrote them: what stands in an answer stands in its quotes, and no reading gainsays another.

A reading is said to users without any model between, so whatever cannot be proved is dropped, with its reason. Nothing here asks a model.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

from corpus.errors import UnknownDocumentError
from corpus.figures import (
    Bound,
    Date,
    DocumentNumber,
    Expression,
    Figure,
    FigureKind,
    Label,
    NameKind,
    find_expressions,
    find_figures,
    find_names,
    in_unit,
    is_unit,
    normal,
    same_figure,
)
from corpus.readings import (
    ACROSS,
    BUNDLED,
    Dropped,
    Locator,
    Locators,
    Quote,
    ReadingType,
    Record,
    locator_of,
    malformed,
    malformed_matter,
    quoted_texts,
    quotes_of,
    read_records,
    reading_files,
    resolve,
    stated_measures,
)
from corpus.types import Document, Reading, StatedMeasure


class Fault(StrEnum):
    MALFORMED = "malformed"
    NOT_VERBATIM = "not_verbatim"
    UNSUPPORTED = "unsupported"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    CONTRADICTION = "contradiction"
    UNSIGNED = "unsigned"


class Remedy(StrEnum):
    """What becomes of a record with a fault: it goes, one form of its question goes, its quotes are mended, or it is only reported."""

    DROP = "drop"
    DROP_FORM = "drop_form"
    MEND = "mend"
    REPORT = "report"


FAULT_NAMES = {
    Fault.MALFORMED: "格式有误",
    Fault.NOT_VERBATIM: "引文不符",
    Fault.UNSUPPORTED: "答案无据",
    Fault.TOO_LONG: "答案过长",
    Fault.DUPLICATE: "重复",
    Fault.CONTRADICTION: "互相矛盾",
    Fault.UNSIGNED: "没有署名",
}
REMEDY_NAMES = {Remedy.DROP: "丢弃", Remedy.DROP_FORM: "删去该问法", Remedy.MEND: "改正引文", Remedy.REPORT: "仅提示"}

LONGEST = {
    ReadingType.NUMBER: 90,
    ReadingType.YESNO: 90,
    ReadingType.ENTITY: 120,
    ReadingType.COMPARE: 120,
    ReadingType.RESPONSIBILITY: 160,
    ReadingType.DEFINITION: 160,
    ReadingType.LIST: 300,
    ReadingType.TABLE: 300,
    ReadingType.AGGREGATE: 300,
    ReadingType.OMISSION: 90,
}
"""Characters that an answer of a type may have. A list must be complete, everything else short."""


LEFT_OUT = "文件没有写"
"""What the answer of a reading begins with that tells what the documents leave out."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one record, taken alone; `reason` is Chinese."""

    fault: Fault
    reason: str
    remedy: Remedy = Remedy.DROP


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw and where it was found; `form` is the form of the question at fault, empty where the record is."""

    record: Record
    fault: Fault
    reason: str
    remedy: Remedy
    form: str = ""

    @property
    def question(self) -> str:
        return str(self.record.fields.get("question", ""))


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of some files found.

    `records` counts questions, `forms` their wordings, `tasks` the records that bring everyday words for a numbered task.
    """

    records: int
    forms: int
    tasks: int
    findings: tuple[Finding, ...]

    @property
    def dropped(self) -> int:
        """Records that `drop_failed` leaves out."""
        return len({(finding.record.path, finding.record.line) for finding in self.findings if finding.remedy is Remedy.DROP})


def check_files(paths: Iterable[Path], documents: Mapping[str, Document]) -> Checked:
    """Checks the records of readings files against their documents and against each other.

    A file belongs to the document whose id its name begins with, or to all of them. Raises UnknownDocumentError for a file of no document.
    """
    locators: dict[str, Locators] = {}
    findings: list[Finding] = []
    sound: dict[str, list[Record]] = defaultdict(list)
    records = forms = tasks = 0
    for path in paths:
        document_id = document_of(path, documents)
        if document_id not in locators:
            locators[document_id] = locators_of(document_id, documents)
        for record in read_records([path]):
            tasks += record.is_task
            records += not record.is_task
            forms += 0 if record.is_task else 1 + len(record.fields.get("paraphrases") or ())
            flaws = check_record(record.fields, locators[document_id], _years_of(record.fields, documents))
            findings += [Finding(record, flaw.fault, flaw.reason, flaw.remedy) for flaw in flaws]
            if not record.is_task and not any(flaw.remedy is Remedy.DROP for flaw in flaws):
                sound[document_id].append(record)
    for document_records in sound.values():
        findings += find_duplicates(document_records)
        findings += find_contradictions(document_records)
    findings += _disagreements(sound)
    return Checked(records, forms, tasks, tuple(sorted(findings, key=lambda f: (f.record.path, f.record.line, f.fault, f.form))))


def load_verified(document: Document, folder: Path = BUNDLED) -> tuple[tuple[Reading, ...], tuple[Dropped, ...]]:
    """The readings of a document that pass every check, and the records left out: `load_readings` for files that anyone may have written."""
    return _verified(document.info.id, reading_files(document.info.id, folder), {document.info.id: document})


def load_verified_across(documents: Iterable[Document], folder: Path = BUNDLED) -> tuple[tuple[Reading, ...], tuple[Dropped, ...]]:
    """The readings of several documents that pass every check, and the records left out, such as those that quote a document not among these."""
    return _verified(ACROSS, reading_files(ACROSS, folder), {document.info.id: document for document in documents})


def document_of(path: Path, documents: Mapping[str, Document]) -> str:
    """The id of the document that a readings file belongs to, the longest where several fit, or ACROSS for one of several documents."""
    fitting = [document_id for document_id in (*documents, ACROSS) if path.name.startswith(document_id)]
    if not fitting:
        raise UnknownDocumentError(f"读记文件 {path} 的名称不以任何文件编号开头；请改名为“编号.jsonl”。")
    return max(fitting, key=len)


def locators_of(document_id: str, documents: Mapping[str, Document]) -> Locators:
    """What the quotes of a document's records, or for ACROSS those of several documents, are looked for in."""
    if document_id == ACROSS:
        return {known: Locator(document.text) for known, document in documents.items()}
    return Locator(documents[document_id].text)


def check_record(fields: Mapping[str, Any], locators: Locators, years: Iterable[int] = ()) -> tuple[Flaw, ...]:
    """What is wrong with one record; a malformed one is looked at no further.

    `years` are those that its documents report on or plan for, which an answer across documents sets apart by naming them.
    """
    if "task" in fields and "question" not in fields:
        return tuple(Flaw(Fault.MALFORMED, fault) for fault in malformed_matter(fields))
    faults = malformed(fields, isinstance(locators, Mapping))
    if faults:
        return tuple(Flaw(Fault.MALFORMED, fault) for fault in faults)
    quotes, computed = quoted_texts(fields), fields.get("computed", ())
    if fields["type"] == ReadingType.OMISSION:
        # It states nothing but what is asked for; that no document says it no quote can prove.
        quotes = (*quotes, fields["question"])
    return (
        *_unsaid(fields),
        *_dangling(fields),
        *_misquoted(quotes_of(fields), locators),
        *(Flaw(Fault.UNSUPPORTED, reason) for reason in unsupported(fields["answer"], quotes, computed, years)),
        *(Flaw(Fault.UNSUPPORTED, reason) for reason in miscalculated(fields["answer"], quotes, computed)),
        *(Flaw(Fault.UNSUPPORTED, reason) for measure in stated_measures(fields) for reason in _unsupported_measure(measure, quotes)),
        *_unlike(fields),
        *_overlong(fields),
        *_unsigned(fields),
    )


def unsupported(answer: str, quotes: Sequence[str], computed: Sequence[str] = (), years: Iterable[int] = ()) -> tuple[str, ...]:
    """What of an answer stands in none of its quotes, as Chinese reasons.

    Looked for are figures with their units and bounds, dates, document numbers, labels and names. Figures are compared by value (4.5万家 is
    45000家), a table's cell in the unit of its row. What is listed in `computed` is taken as worked out from the quotes; whole years among
    `years` need no quote.
    """
    known = frozenset(years)
    proof = _Proof.of(quotes)
    marked = [normal(text) for text in computed]
    reasons = []
    for expression in find_expressions(answer):
        if isinstance(expression, Date) and expression.month is None and {expression.first, expression.last} <= known:
            continue
        reason = _unproved(expression, proof)
        if reason and not any(normal(expression.surface) in text for text in marked):
            reasons.append(reason)
    dated = [expression.span for expression in find_expressions(answer) if isinstance(expression, Date)]
    for name in find_names(answer):
        within_date = any(name.span.within(span) for span in dated)
        if not within_date and _bare(name.text) not in proof.text:
            kind = {NameKind.TITLE: "文件名", NameKind.UNIT: "单位", NameKind.PLACE: "地名"}.get(name.kind, "名称")
            reasons.append(f"{kind}“{name.text}”不在引文中")
    return tuple(dict.fromkeys(reasons))


def find_duplicates(records: Sequence[Record]) -> list[Finding]:
    """Records of one document that ask the same question again.

    One that says no more than the other and proves it from the same words goes; where answers or proofs differ (two reports of a gazette)
    both stay, and the pair is reported.
    """
    findings = []
    by_question: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_question[question_form(record.fields["question"])].append(record)
    for same in by_question.values():
        gone: set[int] = set()
        for (i, first), (j, second) in combinations(enumerate(same), 2):
            if i in gone or j in gone or _gainsay(first, second):
                continue
            if _says_all_of(first, second):
                gone.add(j)
                findings.append(Finding(second, Fault.DUPLICATE, f"与{_place(first)}问题、引文相同，答案没有更多内容", Remedy.DROP))
            elif _says_all_of(second, first):
                gone.add(i)
                findings.append(Finding(first, Fault.DUPLICATE, f"与{_place(second)}问题、引文相同，答案没有更多内容", Remedy.DROP))
            else:
                findings.append(Finding(second, Fault.DUPLICATE, f"与{_place(first)}问题相同，答案或引文不同", Remedy.REPORT))
    return findings


def find_contradictions(records: Sequence[Record]) -> list[Finding]:
    """Records of one document that answer one form of question, about the same years, with different figures.

    A paraphrase goes; of two equal questions both records go, since nothing here can tell which is right. Two values of one indicator are
    reported. What is said to be left out and yet answered is not left out.
    """
    findings = []
    for form, first, second in _pairs_of_a_form(records):
        if _is_omission(first) != _is_omission(second):
            left_out, answered = (first, second) if _is_omission(first) else (second, first)
            findings.append(
                Finding(left_out, Fault.CONTRADICTION, f"{_place(answered)}答了同一问法：{answered.fields['answer']}", Remedy.DROP)
            )
            continue
        if first.fields.get("years") != second.fields.get("years") or not _gainsay(first, second):
            continue
        asked = [record for record in (first, second) if question_form(record.fields["question"]) == form]
        for record, other in ((first, second), (second, first)):
            reason = f"与{_place(other)}同一问法而数字不同：{record.fields['answer']} / {other.fields['answer']}"
            if record not in asked:
                said = next(text for text in record.fields["paraphrases"] if question_form(text) == form)
                findings.append(Finding(record, Fault.CONTRADICTION, reason, Remedy.DROP_FORM, said))
            elif other in asked:
                findings.append(Finding(record, Fault.CONTRADICTION, reason, Remedy.DROP))
    return [*findings, *_conflicting_measures(records)]


def question_form(text: str) -> str:
    """The form in which questions are compared."""
    return _bare(text).rstrip("?.。!")


def drop_failed(checked: Checked, documents: Mapping[str, Document]) -> int:
    """Rewrites the files of the findings without what failed, quotes mended; returns the number of records that went."""
    for path in dict.fromkeys(finding.record.path for finding in checked.findings if finding.remedy is not Remedy.REPORT):
        findings = [finding for finding in checked.findings if finding.record.path == path]
        locators = locators_of(document_of(path, documents), documents)
        write_records(path, without_failed(tuple(read_records([path])), findings, locators))
    return checked.dropped


def without_failed(records: Sequence[Record], findings: Sequence[Finding], locators: Locators) -> list[dict[str, Any]]:
    """What is left of the records of one file after the remedies of its findings."""
    remedies: dict[int, set[Remedy]] = defaultdict(set)
    forms: set[tuple[int, str]] = set()
    for finding in findings:
        remedies[finding.record.line].add(finding.remedy)
        if finding.remedy is Remedy.DROP_FORM:
            forms.add((finding.record.line, finding.form))
    kept = []
    for record in records:
        if Remedy.DROP in remedies[record.line]:
            continue
        fields = dict(record.fields)
        if Remedy.DROP_FORM in remedies[record.line]:
            fields["paraphrases"] = [text for text in fields["paraphrases"] if (record.line, text) not in forms]
        kept.append(mend_quotes(fields, locators) if Remedy.MEND in remedies[record.line] else fields)
    return kept


def mend_quotes(fields: Mapping[str, Any], locators: Locators) -> dict[str, Any]:
    """The record with every quote that differs from the document in its marks only replaced by the document's own words."""
    mended: list[str | dict[str, str]] = []
    for quote in quotes_of(fields):
        locator = locator_of(quote, locators)
        text = (None if locator is None or locator.find(quote.text) else locator.verbatim(quote.text)) or quote.text
        mended.append({"document": quote.document_id, "text": text} if quote.document_id else text)
    return {**fields, "quotes": mended}


def stamp(paths: Iterable[Path], reader: str, date: str) -> int:
    """Writes `reader` and `date` into the records that name none; returns how many there were. What is written already stays."""
    stamped = 0
    for path in paths:
        records = [dict(record.fields) for record in read_records([path])]
        missing = [record for record in records if not (record.get("reader") and record.get("date"))]
        for record in missing:
            record["reader"], record["date"] = record.get("reader") or reader, record.get("date") or date
        if missing:
            write_records(path, records)
        stamped += len(missing)
    return stamped


def write_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Replaces a readings file, in one step."""
    work = path.with_name(path.name + ".new")
    work.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
    work.replace(path)


def _verified(
    document_id: str, paths: Sequence[Path], documents: Mapping[str, Document]
) -> tuple[tuple[Reading, ...], tuple[Dropped, ...]]:
    checked = check_files(paths, documents)
    locators = locators_of(document_id, documents)
    taken: dict[str, Reading] = {}
    for path in paths:
        findings = [finding for finding in checked.findings if finding.record.path == path]
        for fields in without_failed(tuple(read_records([path])), findings, locators):
            reading = None if "question" not in fields else resolve(fields, document_id, locators)
            if isinstance(reading, Reading):
                taken.setdefault(reading.id, reading)
    reasons: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in checked.findings:
        if finding.remedy is Remedy.DROP and not finding.record.is_task:
            reasons[str(finding.record.path), finding.record.line].append(finding)
    dropped = (Dropped(document_id, found[0].question, "；".join(finding.reason for finding in found)) for found in reasons.values())
    return tuple(taken.values()), tuple(dropped)


@dataclass(frozen=True, slots=True)
class _Proof:
    """The quotes of a record as answers are held against them; `text` is their words without quotation marks."""

    text: str
    expressions: tuple[Expression, ...]
    figures: tuple[Figure, ...]

    @classmethod
    def of(cls, quotes: Sequence[str]) -> "_Proof":
        expressions = tuple(expression for quote in quotes for expression in find_expressions(quote))
        figures = tuple(expression for expression in expressions if isinstance(expression, Figure))
        units = {cell for quote in quotes for cell in _CELL.split(quote) if is_unit(cell)}
        cells = tuple(in_unit(figure, unit) for unit in units for figure in figures)
        return cls("|".join(_bare(quote) for quote in quotes), expressions, (*figures, *cells))

    def holds(self, words: str) -> bool:
        """Whether the words stand in the quotes, not as a part of a longer number."""
        bare = _bare(words)
        before = r"(?<!\d)(?<!\d\.)" if bare[:1].isdigit() else ""
        after = r"(?!\d|\.\d|[万亿%‰])" if bare[-1:].isdigit() else ""
        return re.search(before + re.escape(bare) + after, self.text) is not None


_ADDED = (FigureKind.QUANTITY, FigureKind.PERCENT, FigureKind.POINTS)
_ITEM = re.compile(r"[、；;]")
_GROUP = re.compile(r"[：:；;。（）()]")
"""What parts the lists of an answer that names several."""

MOST_ADDED = 4
"""Figures of quotes that a sum may have, if it is not the sum of all."""

MOST_OPERANDS = 12
"""Figures of a unit among which these are looked for."""
_CELL = re.compile(r"[\t\n（()）]+| {2,}")
_DANGLING = re.compile(r"本文|本段|该段|该文|上述|上文|前文|下文|文中")
_CLAUSE = re.compile(r"[、;,。.:()|\d%]+")
_QUALIFIERS = re.compile(r"[^\d.,:/\-]|(?<!\d)-")
_BOUND_WORDS = {Bound.AT_LEAST: "不少于", Bound.AT_MOST: "不超过", Bound.ABOUT: "约数"}


def _bare(text: str) -> str:
    return normal(text).replace('"', "").replace("'", "")


def _unproved(expression: Expression, proof: _Proof) -> str:
    """Why an expression of an answer is not proved, or nothing."""
    if isinstance(expression, Figure):
        same = [figure for figure in proof.figures if same_figure(expression, figure)]
        if not same:
            return "" if proof.holds(expression.surface) else f"数字“{expression.surface}”不在引文中"
        if expression.bound is Bound.EXACT or any(figure.bound is expression.bound for figure in same):
            return ""
        return f"“{expression.surface}”在引文中不是{_BOUND_WORDS[expression.bound]}"
    if isinstance(expression, Date):
        return "" if _is_dated(expression, proof) else f"日期“{expression.surface}”不在引文中"
    if isinstance(expression, DocumentNumber):
        numbers = {found.text for found in proof.expressions if isinstance(found, DocumentNumber)}
        return "" if expression.text in numbers else f"文号“{expression.surface}”不在引文中"
    return "" if _is_labelled(expression, proof) else f"编号“{expression.surface}”不在引文中"


def _is_dated(date: Date, proof: _Proof) -> bool:
    """Whether a date stands in the quotes as written, by value, or in two pieces: its year in one place, the rest in another."""
    if proof.holds(date.surface):
        return True
    dates = [found for found in proof.expressions if isinstance(found, Date)]
    if date.first is None:
        return any((found.month, found.day, found.part) == (date.month, date.day, date.part) != (None, None, "") for found in dates)
    if date.first != date.last:
        return any((found.first, found.last) == (date.first, date.last) for found in dates)
    year = any(found.first == found.last == date.first for found in dates)
    rest = (date.month, date.day, date.part.removeprefix("年"))
    return year and (
        rest == (None, None, "")
        or any(found.first in (None, date.first) and (found.month, found.day, found.part) == rest for found in dates)
        or bool(date.part and not date.month and proof.holds(date.part))
    )


def miscalculated(answer: str, quotes: Sequence[str], computed: Sequence[str]) -> Iterator[str]:
    """Figures marked as computed must be the sum, the difference or the ratio of figures of the quotes or of others that are, what a share leaves of
    all, or count quotes or the items of a list."""
    given = [(figure, quote) for quote in quotes for figure in find_figures(quote) if figure.kind in _ADDED]
    lists = [answer, *quotes, *_GROUP.split(answer)]
    counts = {len(quotes), *(len(_ITEM.findall(text)) + 1 for text in lists)}
    left = [figure for text in computed for figure in find_figures(text)]
    left = [figure for figure in left if figure.kind is not FigureKind.QUANTITY or figure.low not in counts]
    while proved := [figure for figure in left if _is_worked_out(figure, given)]:
        given += [(figure, "") for figure in proved]
        left = [figure for figure in left if figure not in proved]
    yield from (f"“{figure.surface}”不是引文中数字的和、差或比，也不是项数" for figure in left)


def _is_worked_out(figure: Figure, given: Sequence[tuple[Figure, str]]) -> bool:
    """Whether a figure is a sum, a difference or a ratio of some of those given, each with the quote that it stands in."""
    of_quotes: dict[str, list[Decimal]] = defaultdict(list)
    for other, quote in given:
        value = _as_operand(other, figure, quote)
        if value is not None:
            of_quotes[quote].append(value)
    alike = [value for values in of_quotes.values() for value in values]
    if figure.kind is FigureKind.PERCENT:
        alike.append(Decimal(100))
    sums = (sum(some) for count in range(2, MOST_ADDED + 1) for some in combinations(alike[:MOST_OPERANDS], count))
    results = {sum(alike), *map(sum, of_quotes.values()), *(abs(one - other) for one, other in combinations(alike, 2)), *sums}
    return figure.low in results or _is_share(figure, [other for other, _ in given])


def _as_operand(other: Figure, figure: Figure, quote: str) -> Decimal | None:
    """The value of a figure of a quote in the unit of `figure`, if it has that unit: its own, or of a bare one that of its row; None otherwise."""
    if other.unit == ("%" if figure.kind is FigureKind.POINTS else figure.unit):
        return other.low
    written = re.match(r"[\d.]+", figure.surface)
    tail = "%" if figure.kind is FigureKind.POINTS else figure.surface[written.end() :] if written else ""
    if other.unit or not tail or tail not in quote or written is None or not Decimal(written[0]):
        return None
    return other.low * figure.low / Decimal(written[0])


def _is_share(figure: Figure, given: Sequence[Figure]) -> bool:
    """Whether a percentage is what one of two amounts of the same unit is of the other, rounded as it is written."""
    if figure.kind is not FigureKind.PERCENT:
        return False
    amounts = [other for other in given if other.kind is FigureKind.QUANTITY and other.low > 0]
    shares = (100 * part.low / whole.low for part, whole in permutations(amounts, 2) if part.unit == whole.unit)
    return any(share.quantize(figure.low) == figure.low for share in shares)


def _years_of(fields: Mapping[str, Any], documents: Mapping[str, Document]) -> frozenset[int]:
    """The years of the documents that a record names in its quotes."""
    quotes = fields.get("quotes")
    named = {str(quote.get("document")) for quote in quotes if isinstance(quote, dict)} if isinstance(quotes, list) else set()
    infos = [documents[document_id].info for document_id in named if document_id in documents]
    return frozenset(year for info in infos for year in (*info.reports_on, *info.plans_for, int(info.date[:4])))


def _is_labelled(label: Label, proof: _Proof) -> bool:
    return re.search(rf"(?<!\d){label.number}(?!\d)", proof.text) is not None


def _unsupported_measure(measure: StatedMeasure, quotes: Sequence[str]) -> Iterator[str]:
    """A measure's number must stand in the quotes, in its unit or bare; the sign of a fall (下降5.7%) is the reader's."""
    number = _number(measure)
    if number and unsupported(number + measure.unit, quotes) and not _Proof.of(quotes).holds(number):
        yield f"指标值“{measure.value}{measure.unit}”不在引文中"


def _number(measure: StatedMeasure) -> str:
    """The number of a measure without the words that bound it and without its sign."""
    return _QUALIFIERS.sub("", normal(measure.value))


def _unsaid(fields: Mapping[str, Any]) -> Iterator[Flaw]:
    if fields["type"] == ReadingType.OMISSION and not fields["answer"].startswith(LEFT_OUT):
        yield Flaw(Fault.MALFORMED, f"omission 的答案应以“{LEFT_OUT}”开头")


def _unlike(fields: Mapping[str, Any]) -> Iterator[Flaw]:
    """Clauses of an answer whose words stand neither in the quotes nor in the question; a reader may have put them in words of its own."""
    known = "|".join(_bare(text) for text in (*quoted_texts(fields), fields["question"]))
    clauses = [] if fields["type"] == ReadingType.OMISSION else _CLAUSE.split(_bare(fields["answer"]))
    for clause in clauses:
        pairs = [clause[i : i + 2] for i in range(len(clause) - 1)]
        if len(clause) >= 5 and sum(pair not in known for pair in pairs) >= 0.6 * len(pairs):
            yield Flaw(Fault.UNSUPPORTED, f"“{clause}”多半不是原文的话", Remedy.REPORT)


def _dangling(fields: Mapping[str, Any]) -> Iterator[Flaw]:
    found = _DANGLING.search(fields["question"])
    if found:
        yield Flaw(Fault.MALFORMED, f"问题离开原文看不懂：“{found[0]}”")


def _misquoted(quotes: Sequence[Quote], locators: Locators) -> Iterator[Flaw]:
    for quote in dict.fromkeys(quotes):
        locator = locator_of(quote, locators)
        if locator is None:
            yield Flaw(Fault.NOT_VERBATIM, f"没有编号为 {quote.document_id!r} 的文件")
            continue
        if locator.find(quote.text):
            continue
        stored = locator.verbatim(quote.text)
        if stored is None:
            yield Flaw(Fault.NOT_VERBATIM, f"引文“{_short(quote.text)}”在文件中找不到")
        else:
            yield Flaw(Fault.NOT_VERBATIM, f"引文“{_short(quote.text)}”的标点与原文不同，原文作“{_short(stored)}”", Remedy.MEND)


def _overlong(fields: Mapping[str, Any]) -> Iterator[Flaw]:
    answer = _bare(fields["answer"])
    limit = LONGEST[ReadingType(fields["type"])]
    if len(answer) > limit:
        yield Flaw(Fault.TOO_LONG, f"答案有 {len(answer)} 字，{fields['type']} 类不应超过 {limit} 字")
    elif (
        fields["type"] != ReadingType.OMISSION
        and len(answer) > 20
        and len(answer) > 2 * sum(len(_bare(quote)) for quote in quoted_texts(fields))
    ):
        yield Flaw(Fault.TOO_LONG, "答案比引文长一倍以上")
    elif len(question_form(fields["question"])) > 8 and answer.startswith(question_form(fields["question"])):
        yield Flaw(Fault.TOO_LONG, "答案重复了问题")


def _unsigned(fields: Mapping[str, Any]) -> Iterator[Flaw]:
    missing = [name for name in ("reader", "date") if not fields.get(name)]
    if missing:
        yield Flaw(Fault.UNSIGNED, f"没有写明 {'、'.join(missing)}", Remedy.REPORT)


def _pairs_of_a_form(records: Sequence[Record]) -> Iterator[tuple[str, Record, Record]]:
    by_form: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        for form in dict.fromkeys(question_form(text) for text in (record.fields["question"], *record.fields.get("paraphrases", ()))):
            by_form[form].append(record)
    for form, same in by_form.items():
        for first, second in combinations(same, 2):
            yield form, first, second


def _says_all_of(first: Record, second: Record) -> bool:
    one, other = (_bare(record.fields["answer"]).rstrip(".。") for record in (first, second))
    proof = "|".join(_bare(quote) for quote in quoted_texts(first.fields))
    return other in one and all(_bare(quote) in proof for quote in quoted_texts(second.fields))


def _gainsay(first: Record, second: Record) -> bool:
    """Whether both answers state figures and each states one that the other does not."""
    one, other = (_figures(record.fields["answer"]) for record in (first, second))
    return any(not _among(figure, other) for figure in one) and any(not _among(figure, one) for figure in other)


def _is_omission(record: Record) -> bool:
    return record.fields.get("type") == ReadingType.OMISSION


def _figures(text: str) -> tuple[Figure, ...]:
    return tuple(expression for expression in find_expressions(text) if isinstance(expression, Figure))


def _among(figure: Figure, figures: Sequence[Figure]) -> bool:
    return any(same_figure(figure, other) for other in figures)


def _conflicting_measures(records: Sequence[Record]) -> list[Finding]:
    stated: dict[tuple[object, ...], list[tuple[StatedMeasure, Record]]] = defaultdict(list)
    for record in records:
        for m in stated_measures(record.fields):
            stated[_bare(m.indicator), m.year, m.kind, normal(m.unit), m.scope].append((m, record))
    findings = []
    for same in stated.values():
        values = {_number(measure) for measure, _ in same}
        if len(values) > 1:
            said = "、".join(sorted({measure.value + measure.unit for measure, _ in same}))
            findings += [
                Finding(record, Fault.CONTRADICTION, f"“{measure.indicator}”{measure.year}年有不同的值：{said}", Remedy.REPORT)
                for measure, record in same
            ]
    return findings


def _disagreements(sound: Mapping[str, Sequence[Record]]) -> list[Finding]:
    """The same question answered with other figures by two documents: both may be right about what each says, so it is only reported."""
    owner = {(record.path, record.line): document_id for document_id, records in sound.items() for record in records}
    findings = []
    for form, first, second in _pairs_of_a_form([record for records in sound.values() for record in records]):
        if owner[first.path, first.line] == owner[second.path, second.line] or first.fields.get("years") != second.fields.get("years"):
            continue
        if _gainsay(first, second):
            reason = f"与{_place(first)}同一问法而数字不同：{second.fields['answer']} / {first.fields['answer']}"
            findings.append(Finding(second, Fault.CONTRADICTION, reason, Remedy.REPORT, form))
    return findings


def _place(record: Record) -> str:
    return f"{record.path.name} 第 {record.line} 行"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
