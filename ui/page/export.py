"""A conversation as a file to keep: what both formats share, and Markdown with footnotes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.types import Citation
from ui.page.conversations import Exchange
from ui.page.references import Cards, reference

ORIGIN = "由据典根据政策文件原文整理，引用前请核对原文。"
UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_MARK = re.compile(r"\[(\d+)\]")
_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~])")


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of an answer."""

    text: str


Piece = Words | Citation
"""What a line of an answer consists of: words, and citations where its marks stand."""


def pieces(line: str, citations: Sequence[Citation]) -> Iterator[Piece]:
    """A line of an answer, its marks made citations; a mark that leads nowhere stays as it is written."""
    by_mark = {citation.mark: citation for citation in citations}
    position = 0
    for match in _MARK.finditer(line):
        if int(match[1]) in by_mark:
            if match.start() > position:
                yield Words(line[position : match.start()])
            yield by_mark[int(match[1])]
            position = match.end()
    if position < len(line):
        yield Words(line[position:])


def file_name(title: str, ending: str) -> str:
    """A name that every system takes for a file."""
    return f"{UNSAFE_IN_NAMES.sub(' ', title).strip(' .')[:60] or '对话'}.{ending}"


def markdown(title: str, exchanges: Sequence[Exchange], documents: Cards, date: str) -> str:
    """The conversation as Markdown, a footnote for every citation."""
    lines = [f"# {_escaped(title)}", "", f"{date}　{ORIGIN}", ""]
    notes: list[str] = []
    for turn, held in enumerate(exchanges, 1):
        lines += [f"## {_escaped(' '.join(held.question.split()))}", ""]
        if held.answer is None:
            lines += [_escaped(held.problem), ""]
            continue
        # The nearest passages of an abstention prove nothing: they are listed, not noted at a sentence.
        nearest = held.answer.citations if held.answer.abstained else ()
        for line in filter(None, held.answer.answer.split("\n")):
            lines += ["".join(_markdown_piece(turn, piece) for piece in pieces(line, held.answer.citations)), ""]
        lines += [f"- 最接近的段落：{_escaped(reference(citation, documents))}" for citation in nearest] + [""] * bool(nearest)
        notes += [
            f"[^{turn}-{citation.mark}]: {_escaped(reference(citation, documents))}"
            for citation in held.answer.citations
            if f"[{citation.mark}]" in held.answer.answer
        ]
    return "\n".join([*lines, *notes]) + "\n"


def _markdown_piece(turn: int, piece: Piece) -> str:
    return f"[^{turn}-{piece.mark}]" if isinstance(piece, Citation) else _escaped(piece.text)


def _escaped(text: str) -> str:
    """Text in which no sign is read as Markdown or HTML."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", text)
