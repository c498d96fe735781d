"""References as official documents write them: 《title》（number，date）, with the heading and the quote."""

from collections.abc import Mapping

from rag.types import Answer, Citation
from ui.client import DocumentCard
from ui.page.markup import chinese_date

Cards = Mapping[str, DocumentCard]
"""What is known of the documents, by id."""


def work(citation: Citation, documents: Cards) -> str:
    """The document of a citation: 《title》（number，date）, without what the document lacks."""
    card = documents.get(citation.document_id)
    known = "，".join(part for part in (card.number if card else "", chinese_date(citation.date) if citation.date else "") if part)
    return f"《{citation.title}》（{known}）" if known else f"《{citation.title}》"


def reference(citation: Citation, documents: Cards) -> str:
    """The document, the heading and the words that a citation rests on, white space made single blanks."""
    path = f"“{' — '.join(citation.heading_path)}”：" if citation.heading_path else "："
    return f"{work(citation, documents)}{path}{' '.join(citation.quote.split())}"


def copy_text(answer: Answer, documents: Cards) -> str:
    """The answer and its references as plain text."""
    return "\n".join([answer.answer, "", "出处：", *(f"[{cited.mark}] {reference(cited, documents)}" for cited in answer.citations)])
