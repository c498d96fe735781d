"""Answers from the indicator tables: the cells that a question asks for, with what their marks mean."""

import re
from collections.abc import Sequence
from itertools import groupby

from corpus.types import Measure, MeasureKind, ReadDocument, Reading
from index.segment import normal
from rag.arithmetic import whether_met
from rag.question import Aim, Question
from rag.render import cell_label, said_value, value_text
from rag.types import CitationVia, Evidence, Mode, Statement

ATTRIBUTE_ASKED = re.compile(
    r"约束性|预期性|属性|性质|约束还是|预期还是|硬不硬|软不软|硬性|硬指标|硬杠杠|软性|星号|[带打加]个?[*＊星]|名字后|[*＊]"
)
_AIMS = {Aim.TARGET: MeasureKind.TARGET, Aim.RESULT: MeasureKind.ACTUAL}


class Measures:
    """The rows of all tables, by the place of the row."""

    def __init__(self, documents: Sequence[ReadDocument]) -> None:
        self._rows: dict[tuple[str, int], tuple[Measure, ...]] = {}
        for document in documents:
            for row, cells in groupby(document.measures, key=lambda measure: measure.row):
                self._rows[document.document.info.id, row.start] = tuple(cells)

    def attribute(self, reading: Reading, question: Question) -> list[Statement]:
        """What kind of indicator it is that a sentence's reading asks for by its full name, where the question wants to know."""
        if not ATTRIBUTE_ASKED.search(question.text):
            return []
        asked = normal(reading.question)
        named = [cells[0] for cells in self._rows.values() if cells[0].attribute and normal(cells[0].indicator) in asked]
        first = max(named, key=lambda cell: len(cell.indicator), default=None)
        if first is None or first.attribute in reading.answer:
            return []
        evidence = (Evidence(first.document_id, first.row, CitationVia.MEASURE, 1.0),)
        return [Statement(f"{first.indicator}属{first.attribute}指标", evidence, 1.0, Mode.STRUCTURED)]

    def statement(self, reading: Reading, question: Question) -> Statement | None:
        """The cells of the reading's row that the question asks for: of its years and its aim, all of the row where it names neither."""
        cells = self._rows.get((reading.document_id, int(reading.ref.split("-")[0])))
        return of_cells(cells, question) if cells else None


def of_cells(cells: Sequence[Measure], question: Question) -> Statement:
    """Those of a row's cells that a question asks for: of its years and its aim, all of them where it names neither."""
    wanted = [cell for cell in cells if not question.years or cell.year in question.years] or list(cells)
    aimed = [cell for cell in wanted if cell.kind is _AIMS[question.aim]] if question.aim in _AIMS else []
    chosen = aimed or wanted
    first = chosen[0]
    name = f"{first.indicator}（{first.parent}）" if first.parent else first.indicator
    told = [f"{cell_label(cell)}{value_text(cell)}" for cell in chosen]
    text = name + "：" + "，".join(filter(None, (_verdict(question, chosen), *told)))
    if first.attribute and ATTRIBUTE_ASKED.search(question.text):
        text += f"，属{first.attribute}指标"
    if re.search(r"哪年价|价格|不变价|可比价|按.{0,4}价", question.text) and first.basis:
        text += f"（{first.basis}）"
    if re.search(r"意思|为啥|为什么|为何|怎么没|说明|星号|符号|打.?号", question.text):
        said = [sentence for cell in chosen for sentence in re.split(r"[；。]", cell.note) if sentence and sentence not in text]
        about = [sentence for sentence in said if first.indicator in sentence] or said
        text += f"（注：{about[0]}）" if about else ""
    figures = tuple(
        re.findall(r"\d+(?:\.\d+)?", " ".join([*(cell.note for cell in cells), first.basis, *(str(cell.year) for cell in cells)]))
    )
    return Statement(text, (Evidence(first.document_id, first.row, CitationVia.MEASURE, 1.0),), 1.0, Mode.STRUCTURED, figures)


def _verdict(question: Question, cells: Sequence[Measure]) -> str:
    """Whether the target of a year was met, where the cells are that target and what came of it."""
    if [cell.kind for cell in cells] != [MeasureKind.TARGET, MeasureKind.ACTUAL] or cells[0].year != cells[1].year:
        return ""
    target, actual = (said_value(cell.value, cell.unit) for cell in cells)
    return whether_met(question.text, cells[0].indicator, target, actual)
