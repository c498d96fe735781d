"""What was read in documents, for a person to check at a glance: one document on a screen, all of them as a page of the documentation."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.clean import slice_spans
from corpus.parallel import link_passages, read_parallels
from corpus.types import FurnitureKind, Heading, PassageKind, ReadDocument

_PASSAGES = {
    PassageKind.PROSE: "正文",
    PassageKind.TABLE_ROW: "表格行",
    PassageKind.TASK: "任务",
    PassageKind.BOX: "专栏",
    PassageKind.NOTICE: "题头落款",
    PassageKind.NOTE: "表注",
}
_FURNITURE = {
    FurnitureKind.CONTENTS: "目录页",
    FurnitureKind.MASTHEAD: "外文刊头",
    FurnitureKind.PAGE_HEADER: "页眉页码",
    FurnitureKind.HEADING: "标题行",
    FurnitureKind.TABLE_HEADER: "表头",
    FurnitureKind.BLANK: "空白",
}
_STRAY_LABEL = re.compile(r"[&＆]")
_LABEL_KINDS = ("篇", "章", "节", "专栏")


@dataclass(frozen=True, slots=True)
class Mended:
    """What differs between a document as stored and as shown.

    `wraps` are line ends inside a paragraph, `breaks` those of them with blank lines (page breaks inside a sentence), `blanks` stray blanks,
    `labels` heading labels with a stray mark in them.
    """

    wraps: int
    breaks: int
    blanks: int
    labels: int


def count_mended(document: ReadDocument) -> Mended:
    """Counts what was mended in the passages of a document."""
    text = document.document.text
    wraps = breaks = blanks = 0
    for passage in document.passages:
        if passage.kind is PassageKind.TABLE_ROW:
            continue
        gaps = re.findall(r"\s+", slice_spans(text, passage.spans).strip())
        lines = [gap for gap in gaps if "\n" in gap]
        kept = passage.text.count("\n")
        wraps += len(lines) - kept
        breaks += max(0, sum(gap.count("\n") > 1 for gap in lines) - kept)
        blanks += len(gaps) - len(lines) - passage.text.count(" ")
    labels = sum(_STRAY_LABEL.search(text[heading.span.start : heading.span.start + 4]) is not None for heading in document.outline)
    return Mended(wraps, breaks, max(0, blanks), labels)


def show(document: ReadDocument, others: Sequence[ReadDocument] = ()) -> str:
    """A document as read, for a terminal: what is known of it, its parts and outline, counts, what was mended, its records by kind, and how
    many of its passages say what the `others` say."""
    info = document.document.info
    lines = [
        f"{info.id}　{info.title}",
        f"文号：{info.number or '无'}　日期：{info.date or '不详'}　发文机关：{info.issuer or '未写明'}　文件：{info.file}",
        f"总结年份：{_joined(info.reports_on)}　安排年份：{_joined(info.plans_for)}　推断的项目：{_joined(info.inferred)}",
    ]
    if len(document.parts) > 1:
        lines += ["", f"分为 {len(document.parts)} 份："]
        lines += [f"  {part.title}（{part.speaker or '未写明'}，{part.date or '日期不详'}）" for part in document.parts]
    lines += ["", *_counts(document), *_shared(document, others), "", "目录："]
    lines += [f"{'  ' * (heading.level + 1)}{heading.text}" for heading in document.outline] or ["  没有标题"]
    return "\n".join(lines)


def _counts(document: ReadDocument) -> Iterator[str]:
    text = document.document.text
    mended = count_mended(document)
    kinds = Counter(passage.kind for passage in document.passages)
    sizes = sorted(len(passage.text) for passage in document.passages if passage.kind in (PassageKind.PROSE, PassageKind.BOX))
    furniture = Counter[FurnitureKind]()
    for piece in document.furniture:
        furniture[piece.kind] += sum(not character.isspace() for character in text[piece.span.start : piece.span.end])
    yield f"字数：{sum(not character.isspace() for character in text)}"
    yield "标题：" + _listed(headings_by_label(document.outline))
    yield "段落：" + _listed({_PASSAGES[kind]: count for kind, count in kinds.items()})
    if sizes:
        yield f"正文和专栏段落的长短：中位数 {sizes[len(sizes) // 2]} 字，最短 {sizes[0]} 字，最长 {sizes[-1]} 字"
    yield "不进段落的字：" + _listed({_FURNITURE[kind]: count for kind, count in furniture.items()})
    yield f"修补：接上断行 {mended.wraps} 处（其中跨页 {mended.breaks} 处），去掉多余空格 {mended.blanks} 处，改正标题序号 {mended.labels} 处"
    yield "任务：" + (_tasks(document) if document.tasks else "无")
    yield "指标：" + (_measures(document) if document.measures else "无")


def _shared(document: ReadDocument, others: Sequence[ReadDocument]) -> Iterator[str]:
    shared = {
        other.document.info.id: len({link.first for link in link_passages(document, other)})
        for other in others
        if other.document.info.id != document.document.info.id
    }
    if shared:
        yield "与其他文件说法相同的段落：" + _listed({f"{name} 有": count for name, count in shared.items() if count})


def headings_by_label(outline: Sequence[Heading]) -> dict[str, int]:
    """How many headings there are of each kind: 篇, 章, 节, 专栏, numbered ones, and leads without a number."""
    counts: Counter[str] = Counter()
    for heading in outline:
        kind = next((kind for kind in _LABEL_KINDS if heading.label.endswith(kind) or heading.label.startswith(kind)), None)
        numbered = heading.label and not heading.label.endswith(("——", "是"))
        counts[kind or ("编号标题" if numbered else "无编号标题")] += 1
    return dict(counts)


def _tasks(document: ReadDocument) -> str:
    units = {unit for task in document.tasks for unit in (*task.lead_units, *task.cooperating_units)}
    cooperating = sum(bool(task.cooperating_units) for task in document.tasks)
    return f"{len(document.tasks)} 项（第 {document.tasks[0].number} 至 {document.tasks[-1].number} 项），{cooperating} 项有配合单位，涉及 {len(units)} 个单位"


def _measures(document: ReadDocument) -> str:
    tables = dict.fromkeys(measure.table for measure in document.measures)
    return f"{len(document.measures)} 个数值，出自 {len(tables)} 张表：" + "；".join(
        f"{table or '无题'}（{len({m.row for m in document.measures if m.table == table})} 行）" for table in tables
    )


def _listed(counts: dict[str, int]) -> str:
    return "、".join(f"{name} {count}" for name, count in counts.items()) or "无"


def _joined(values: Sequence[object]) -> str:
    return "、".join(str(value) for value in values) or "无"


def markdown(documents: Sequence[ReadDocument], seconds: float) -> str:
    """The page docs/corpus.md: counts by document, and the processor time in seconds that reading them took."""
    return "\n".join(
        [
            "# What is read in the documents",
            "",
            "Written by `judian corpus report`; run it again after a change of the reader or the documents.",
            "",
            f"Reading the {len(documents)} documents takes {seconds:.1f} s of one core.",
            "",
            "## Documents",
            "",
            *_table(
                ["id", "title", "date", "characters", "parts", "headings", "passages", "tasks", "indicator values"],
                [_document_row(document) for document in documents],
            ),
            "",
            "## Passages by kind",
            "",
            *_table(
                ["id", *(kind.value for kind in PassageKind), "median length", "longest"],
                [_passage_row(document) for document in documents],
            ),
            "",
            "Lengths are in characters, of prose and boxes; rows, tasks and notices are as long as they are.",
            "",
            "## Headings",
            "",
            *_table(
                ["id", "篇", "章", "节", "专栏", "numbered", "leads"],
                [_heading_row(document) for document in documents],
            ),
            "",
            "A lead is the bold-like first sentence of a paragraph (持续发展先进制造业。) or of an item of a box.",
            "",
            "## What was mended",
            "",
            *_table(
                ["id", "line wraps joined", "of them over a page break", "stray blanks", "labels put right"],
                [_mended_row(document) for document in documents],
            ),
            "",
            "Only what is shown is mended; the stored text stays as it is, and every passage keeps its place in it.",
            "",
            "## Characters outside the passages",
            "",
            *_table(
                ["id", *(kind.value for kind in FurnitureKind if kind is not FurnitureKind.BLANK)],
                [_furniture_row(document) for document in documents],
            ),
            "",
            "Every character that is not white space is in exactly one passage or in one of these kinds of furniture.",
            "",
            "## What two documents share",
            "",
            "A stretch is said in both, white space, punctuation and a few words aside; passages are linked that hold the same stretch.",
            "",
            *_table(["documents", "stretches", "linked passages"], _parallel_rows(documents)),
            "",
        ]
    )


def _document_row(document: ReadDocument) -> list[str]:
    info = document.document.info
    counts = (
        len(document.document.text),
        len(document.parts),
        len(document.outline),
        len(document.passages),
        len(document.tasks),
        len(document.measures),
    )
    return [info.id, info.title, info.date, *map(str, counts)]


def _passage_row(document: ReadDocument) -> list[str]:
    counts = Counter(passage.kind for passage in document.passages)
    sizes = sorted(len(passage.text) for passage in document.passages if passage.kind in (PassageKind.PROSE, PassageKind.BOX)) or [0]
    return [document.document.info.id, *(str(counts[kind]) for kind in PassageKind), str(sizes[len(sizes) // 2]), str(sizes[-1])]


def _heading_row(document: ReadDocument) -> list[str]:
    counts = headings_by_label(document.outline)
    return [document.document.info.id, *(str(counts.get(kind, 0)) for kind in (*_LABEL_KINDS, "编号标题", "无编号标题"))]


def _mended_row(document: ReadDocument) -> list[str]:
    mended = count_mended(document)
    return [document.document.info.id, str(mended.wraps), str(mended.breaks), str(mended.blanks), str(mended.labels)]


def _furniture_row(document: ReadDocument) -> list[str]:
    text = document.document.text
    counts = Counter[FurnitureKind]()
    for piece in document.furniture:
        counts[piece.kind] += sum(not character.isspace() for character in text[piece.span.start : piece.span.end])
    return [document.document.info.id, *(str(counts[kind]) for kind in FurnitureKind if kind is not FurnitureKind.BLANK)]


def _parallel_rows(documents: Sequence[ReadDocument]) -> list[list[str]]:
    parallels = read_parallels(documents)
    owner = {passage.id: document.document.info.id for document in documents for passage in document.passages}
    links = Counter((owner[link.first], owner[link.second]) for link in parallels.links)
    stretches = Counter((stretch.first_id, stretch.second_id) for stretch in parallels.stretches)
    return [[", ".join(pair), str(stretches[pair]), str(links[pair])] for pair in sorted(links | stretches)]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table, its columns padded to a common width so that the source is a table too."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    for number, row in enumerate(cells):
        yield "| " + " | ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
