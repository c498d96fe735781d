"""From statements to an answer: verified, in order, without repetition, every sentence with the marks of what proves it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.clean import mend, mend_row
from corpus.types import Passage, PassageKind, ReadDocument, Span
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
        """Joins the statements whose figures their evidence holds; at most `most` citations, at most four marks a sentence.

        Every statement has its first citation before any has a further one; what would have no mark is left out.
        """
        proved: list[Statement] = []
        for statement in statements:
            quotes = [self._proof(evidence) for evidence in statement.evidence]
            if statement.evidence and not unsupported_figures(statement, quotes) and not _repeats(statement, proved):
                proved.append(statement)
        citations: list[Citation] = []
        said: list[Statement] = []
        sentences = []
        for number, statement in enumerate(proved, start=1):
            marks = []
            later = len(proved) - number
            room = min(most, max(len(citations) + 1, most - later))
            for evidence in self._shown_apart(statement.evidence):
                mark = self._mark(evidence, citations, room)
                if mark is not None and mark not in marks:
                    marks.append(mark)
            if not marks:
                continue
            said.append(statement)
            sentences.append(statement.text.rstrip("。；") + "".join(f"[{mark}]" for mark in marks[:MARKS_A_SENTENCE]) + "。")
        return Composed("".join(sentences) if len(sentences) < 2 else "\n".join(sentences), tuple(citations), tuple(said))

    def cite(self, evidence: Evidence, mark: int) -> Citation | None:
        """The citation of a stretch: the passage it stands in, and the stretch itself; None where no passage holds it."""
        document = self._documents[evidence.document_id]
        passage = self._passage_at(evidence.document_id, evidence.span.start)
        if passage is None:
            return None
        info, quote = document.document.info, self._quote(evidence, passage)
        part = next((part for part in document.parts if part.span.start <= evidence.span.start < part.span.end), document.parts[0])
        return Citation(
            mark=mark,
            passage_id=passage.id,
            document_id=info.id,
            source=info.file,
            title=info.title if len(document.parts) == 1 else f"{info.title}·{part.title}",
            date=part.date,
            heading_path=passage.heading_path,
            text=passage.text if _touches(evidence, passage) else f"{quote}\n{passage.text}",
            quote=quote,
            start=evidence.span.start,
            end=evidence.span.end,
            via=evidence.via,
            score=round(evidence.score, 4),
            context=self._context(passage),
        )

    def _context(self, passage: Passage) -> tuple[str, ...]:
        """What stands above the passage and is shown with it: a table's header, a list's lead-in; not what its headings say already."""
        path = {normal(heading) for heading in passage.heading_path}
        lines = [self._mended(passage.document_id, span, passage) for span in passage.context]
        return tuple(line for line in lines if normal(line) not in path)

    def _shown_apart(self, evidences: Sequence[Evidence]) -> list[Evidence]:
        """Evidence that needs a citation of its own: what stands above a table or a list is shown with the row or item that is cited too, and so are
        the headings of a passage."""
        held = [(evidence, self._passage_at(evidence.document_id, evidence.span.start)) for evidence in evidences]
        headings = {
            (passage.document_id, normal(heading))
            for evidence, passage in held
            if passage is not None and _touches(evidence, passage)
            for heading in passage.heading_path
        }
        above = [
            (passage.document_id, span)
            for evidence, passage in held
            if passage is not None and _touches(evidence, passage)
            for span in passage.context
        ]
        return [
            evidence
            for evidence, passage in held
            if not any(evidence.document_id == document_id and evidence.span.within(span) for document_id, span in above)
            and not (
                passage is not None
                and not _touches(evidence, passage)
                and (evidence.document_id, normal(self._quote(evidence, passage))) in headings
            )
        ]

    def _quote(self, evidence: Evidence, passage: Passage | None) -> str:
        return self._mended(evidence.document_id, evidence.span, passage)

    def _mended(self, document_id: str, span: Span, passage: Passage | None) -> str:
        """A stretch as shown; the cells of a table, and those of the header above its notes, stay apart."""
        stored = self._documents[document_id].document.text[span.start : span.end]
        in_table = passage is not None and passage.kind is PassageKind.TABLE_ROW
        above_note = passage is not None and passage.kind is PassageKind.NOTE and span in passage.context
        return mend_row(stored) if in_table or above_note else mend(stored)

    def _proof(self, evidence: Evidence) -> str:
        """What a statement may rest on: the quote, the passage's headings, and the document's title and date."""
        document = self._documents[evidence.document_id]
        passage = self._passage_at(evidence.document_id, evidence.span.start)
        context = [self._mended(evidence.document_id, span, passage) for span in passage.context] if passage else []
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


def _touches(evidence: Evidence, passage: Passage) -> bool:
    """Whether the stretch is of the passage; a heading, or a table's header, stands before it."""
    return any(evidence.span.overlaps(span) for span in passage.spans)


def _repeats(statement: Statement, said: Sequence[Statement]) -> bool:
    """Whether a statement adds nothing to what was said."""
    text = normal(statement.text)
    return any(text in normal(other.text) for other in said)
