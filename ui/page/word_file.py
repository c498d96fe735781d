"""A conversation as a Word document. python-docx knows no footnotes, so their part is written here after ECMA-376, part 1, section 17.11."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from rag.types import Citation
from ui.page.conversations import Exchange
from ui.page.export import ORIGIN, pieces
from ui.page.references import Cards, reference

_BODY, _HEADINGS = "仿宋", "黑体"
_REFERENCE, _NOTE = "footnote reference", "footnote text"
_FIRST = 1
"""The first number of a footnote; -1 and 0 are the lines that part notes from text."""


def word(title: str, exchanges: Sequence[Exchange], documents: Cards, date: str) -> bytes:
    """The conversation as .docx, a real footnote for every citation."""
    document = Document()
    _set_styles(document)
    notes = _Footnotes(document, documents)
    document.add_heading(_printable(title), 0)
    document.add_paragraph(f"{date}　{ORIGIN}")
    for held in exchanges:
        document.add_heading(_printable(held.question), 1)
        _add_reply(document, held, documents, notes)
    notes.finish()
    document.core_properties.title, document.core_properties.author = _printable(title), "据典"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_reply(document: Any, held: Exchange, documents: Cards, notes: "_Footnotes") -> None:
    if held.answer is None:
        document.add_paragraph(_printable(held.problem))
        return
    notes.begin_turn()
    for line in filter(None, held.answer.answer.split("\n")):
        paragraph = document.add_paragraph()
        for piece in pieces(line, held.answer.citations):
            if isinstance(piece, Citation):
                notes.cite(paragraph, piece)
            else:
                paragraph.add_run(_printable(piece.text))
    if held.answer.abstained and held.answer.citations:
        document.add_paragraph("最接近的段落：")
        for citation in held.answer.citations:
            document.add_paragraph(_printable(reference(citation, documents)), style="List Bullet")


class _Footnotes:
    """The footnotes of a document, gathered while it is written."""

    def __init__(self, document: Any, documents: Cards) -> None:
        self._document = document
        self._documents = documents
        self._texts: list[str] = []
        self._of_turn: dict[int, int] = {}

    def begin_turn(self) -> None:
        """Marks count anew in every answer."""
        self._of_turn = {}

    def cite(self, paragraph: Any, citation: Citation) -> None:
        """A footnote where a citation is first referred to, its number again where it is referred to later."""
        number = self._of_turn.get(citation.mark)
        if number is None:
            self._texts.append(_printable(reference(citation, self._documents)))
            self._of_turn[citation.mark] = number = len(self._texts) - 1 + _FIRST
            _refer(paragraph, number)
        else:
            _refer_again(paragraph, number)

    def finish(self) -> None:
        """Puts the footnotes into the document's package."""
        parted = "".join(
            f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p></w:footnote>'
            for number, kind, mark in ((-1, "separator", "separator"), (0, "continuationSeparator", "continuationSeparator"))
        )
        root = parse_xml(f"<w:footnotes {nsdecls('w')}>{parted}</w:footnotes>")
        for number, text in enumerate(self._texts, _FIRST):
            root.append(_note(number, text))
        package = self._document.part.package
        blob = serialize_part_xml(root)
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, package)
        self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _refer(paragraph: Any, number: int) -> None:
    """The sign of a footnote, bookmarked so that it can be referred to again."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:id"), str(number))
    start.set(qn("w:name"), _bookmark(number))
    end.set(qn("w:id"), str(number))
    sign = OxmlElement("w:footnoteReference")
    sign.set(qn("w:id"), str(number))
    paragraph._p.append(start)
    paragraph.add_run(style=_REFERENCE)._r.append(sign)
    paragraph._p.append(end)


def _refer_again(paragraph: Any, number: int) -> None:
    """The number of a footnote as a field, which follows the footnote when notes are added before it."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" NOTEREF {_bookmark(number)} \\f \\h ")
    run = paragraph.add_run(str(number), style=_REFERENCE)
    field.append(run._r)
    paragraph._p.append(field)


def _bookmark(number: int) -> str:
    return f"_note{number}"


def _note(number: int, text: str) -> Any:
    note = parse_xml(
        f'<w:footnote {nsdecls("w")} w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
        '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
        '<w:r><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
    )
    run, words = OxmlElement("w:r"), OxmlElement("w:t")
    words.text = text
    run.append(words)
    note[0].append(run)
    return note


def _set_styles(document: Any) -> None:
    """Chinese fonts, and the styles of footnotes, which the template lacks."""
    normal = document.styles["Normal"]
    normal.font.size = Pt(14)
    _set_font(normal, _BODY)
    for name in ("Title", "Heading 1"):
        _set_font(document.styles[name], _HEADINGS)
    sign = document.styles.add_style(_REFERENCE, WD_STYLE_TYPE.CHARACTER)
    sign.font.superscript = True
    note = document.styles.add_style(_NOTE, WD_STYLE_TYPE.PARAGRAPH)
    note.base_style, note.font.size = normal, Pt(10.5)


def _set_font(style: Any, font: str) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{script}"), None)
    for script in ("ascii", "hAnsi", "eastAsia"):
        fonts.set(qn(f"w:{script}"), font)


def _printable(text: str) -> str:
    """Text without the control characters that XML does not take."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
