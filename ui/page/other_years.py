"""What the indicator tables say of the same indicator in other years or documents, so that one figure is not taken for another."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape

from rag.render import said_value
from rag.types import Answer
from ui.client import MeasureRecord
from ui.page.markup import opens

KINDS: Mapping[str, str] = {"target": "目标", "actual": "实际", "estimate": "预计"}
"""What the kinds of a value are called."""

MOST = 6
"""Values shown at most, the latest first."""


def others(answer: Answer, measures: Sequence[MeasureRecord]) -> list[MeasureRecord]:
    """The values of the indicator that the question names, but those that the answer cites; by year, those of the latest years where many."""
    named = _named(answer.question, measures)
    cited = {(citation.document_id, citation.start) for citation in answer.citations}
    held: dict[tuple[int, str, str], MeasureRecord] = {}
    for measure in measures:
        said = (measure.document_id, measure.start) in cited and str(measure.year) in answer.answer
        if named and _core(measure.indicator) == named and measure.value and not said:
            held.setdefault((measure.year, measure.kind, measure.value), measure)
    return sorted(held.values(), key=lambda measure: (measure.year, measure.kind))[-MOST:]


def _named(question: str, measures: Sequence[MeasureRecord]) -> str:
    """The indicator that the question names, the longest where one name holds another; empty where it names none."""
    plain = _core(question)
    return max(
        (core for core in {_core(measure.indicator) for measure in measures} if len(core) > 2 and core in plain), key=len, default=""
    )


@lru_cache(maxsize=4096)
def _core(text: str) -> str:
    """A name as it is compared: 增速 and 增长率 are 增长, signs and white space aside."""
    return re.sub(r"增长率|增长速度|增速|增幅", "增长", re.sub(r"[^\w]|[的数]", "", text))


def others_html(records: Sequence[MeasureRecord], titles: Mapping[str, str], topic: str) -> str:
    """The values as links to their rows; empty where there are none."""
    if not records:
        return ""
    items = "".join(
        f"<li><a {opens(held.document_id, held.start, held.end, topic)}>{held.year}年{KINDS.get(held.kind, '')} <b>{escape(said_value(held.value, held.unit))}</b></a>"
        f"<small>《{escape(titles.get(held.document_id, held.document_id))}》</small></li>"
        for held in records
    )
    return f'<details class="jd-others"><summary>同一指标在其他年份或文件中（{len(records)}）</summary><ul>{items}</ul></details>'
