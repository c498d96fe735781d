"""From statements to an answer: verified, in order, without repetition, every sentence with the marks of what proves it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.clean import mend, mend_row
from corpus.types import Passage, PassageKind, ReadDocument
from index.segment import normal
from rag.types import Citation, Evidence, Statement
from rag.verify import unsupported_figures

MARKS_A_SENTENCE = 4


@dataclass(frozen=True, slots=True)
class Composed:
    """An answer's text with its marks, the citations they lead to, and the statements that passed the check."""

    text: str
    citations: tuple[Citation, ...]
    statements: tuple[Statement, ...]


class Composer:
    """Knows the documents, so that evidence can be shown as citations."""

    def __init__(self, documents: Mapping[str, ReadDocument], passage_at: Callable[[str, int], Passage | None]) -> None:
        self._documents = documents
        self._passage_at = passage_at

    def compose(self, statements: Sequence[Statement], most: int) -> Composed:
        """Joins the statements whose figures their evidence holds; at most `most` citations, at most four marks a sentence."""
        said: list[Statement] = []
        for statement in statements:
            quotes = [self._proof(evidence) for evidence in statement.evidence]
            if statement.evidence and not unsupported_figures(statement, quotes) and not _repeats(statement, said):
                said.append(statement)
        citations: list[Citation] = []
        sentences = []
        for statement in said:
            marks = []
            for evidence in statement.evidence:
                mark = self._mark(evidence, citations, most)
                if mark is not None and mark not in marks:
                    marks.append(mark)
            sentences.append(statement.text.rstrip("。；") + "".join(f"[{mark}]" for mark in marks[:MARKS_A_SENTENCE]) + "。")
        return Composed("".join(sentences) if len(sentences) < 2 else "\n".join(sentences), tuple(citations), tuple(said))

    def cite(self, evidence: Evidence, mark: int) -> Citation | None:
        """The citation of a stretch: the passage it stands in, and the stretch itself; None where no passage holds it."""
        document = self._documents[evidence.document_id]
        passage = self._passage_at(evidence.document_id, evidence.span.start)
        if passage is None:
            return None
        info = document.document.info
        part = next((part for part in document.parts if part.span.start <= evidence.span.start < part.span.end), document.parts[0])
        return Citation(
            mark=mark,
            passage_id=passage.id,
            document_id=info.id,
            source=info.file,
            title=info.title if len(document.parts) == 1 else f"{info.title}·{part.title}",
            date=part.date,
            heading_path=passage.heading_path,
            text=passage.text if _holds(passage, evidence) else f"{self._quote(evidence, passage)}\n{passage.text}",
            quote=self._quote(evidence, passage),
            start=evidence.span.start,
            end=evidence.span.end,
            via=evidence.via,
            score=round(evidence.score, 4),
        )

    def _quote(self, evidence: Evidence, passage: Passage | None) -> str:
        stored = self._documents[evidence.document_id].document.text[evidence.span.start : evidence.span.end]
        return mend_row(stored) if passage is not None and passage.kind is PassageKind.TABLE_ROW else mend(stored)

    def _proof(self, evidence: Evidence) -> str:
        """What a statement may rest on: the quote, the passage's headings, and the document's title and date."""
        document = self._documents[evidence.document_id]
        passage = self._passage_at(evidence.document_id, evidence.span.start)
        context = [document.document.text[span.start : span.end] for span in passage.context] if passage else []
        path = passage.heading_path if passage else ()
        years = [str(year) for year in passage.years] if passage else []
        return "\n".join(
            [self._quote(evidence, passage), *context, *path, *years, document.document.info.title, document.document.info.date]
        )

    def _mark(self, evidence: Evidence, citations: list[Citation], most: int) -> int | None:
        for citation in citations:
            if (citation.document_id, citation.start, citation.end) == (evidence.document_id, evidence.span.start, evidence.span.end):
                return citation.mark
        if len(citations) >= most:
            return None
        citation_or_none = self.cite(evidence, len(citations) + 1)
        if citation_or_none is None:
            return None
        citations.append(citation_or_none)
        return citation_or_none.mark


def _holds(passage: Passage, evidence: Evidence) -> bool:
    """Whether the stretch begins in the passage; a heading stands before it."""
    return any(span.start <= evidence.span.start < span.end for span in passage.spans)


def _repeats(statement: Statement, said: Sequence[Statement]) -> bool:
    """Whether a statement adds nothing to what was said."""
    text = normal(statement.text)
    return any(text in normal(other.text) for other in said)
