"""Word documents (.docx) as plain text: paragraphs with their automatic numbers, tables as lines with tabs, text boxes where they are anchored,
footnotes and endnotes behind the text.

What Word marks as deleted, headers and footers are left out. python-docx opens the package; its body is walked here, because that library's own
paragraphs leave out inserted text, content controls and text boxes.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from corpus.clean import mend
from corpus.errors import DocumentError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OLE = b"\xd0\xcf\x11\xe0"
_MAX_UNPACKED = 1024 * 1024 * 1024
_SKIPPED = frozenset((f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}rPr", f"{_W}instrText", _FALLBACK))
_DIGITS = "〇一二三四五六七八九"
_CHINESE = frozenset(("chineseCounting", "chineseCountingThousand", "taiwaneseCounting", "taiwaneseCountingThousand", "japaneseCounting"))


def word_text(path: Path) -> str:
    """The text of a .docx file. Raises DocumentError when it is encrypted, of the old format, broken or unpacks to more than 1 GB."""
    document = _opened(path)
    numbering = _Numbering(document)
    lines = [*_blocks(document.element.body, numbering), *numbering.notes.lines(numbering)]
    return "\n".join(lines) + "\n"


def _opened(path: Path) -> Any:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLE:
        raise DocumentError(f"{path.name} 设了密码，或是旧版 .doc 文件；请在 Word 或 WPS 中去掉密码，另存为 .docx。")
    try:
        with zipfile.ZipFile(path) as package:
            unpacked = sum(entry.file_size for entry in package.infolist())
        if unpacked > _MAX_UNPACKED:
            raise DocumentError(f"{path.name} 展开后有 {unpacked // 1024 // 1024} MB，过大，没有添加。")
        return docx.Document(str(path))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError, SyntaxError) as exc:
        raise DocumentError(f"{path.name} 不是有效的 .docx 文件，可能已损坏；请在 Word 或 WPS 中打开并另存一份。") from exc


def _blocks(container: Any, numbering: "_Numbering") -> Iterator[str]:
    """The lines of a body, a cell, a text box or a content control."""
    for element in container:
        if element.tag == f"{_W}p":
            boxes: list[Any] = []
            text = "".join(_pieces(element, boxes, numbering.notes))
            yield (numbering.label(element) + text) if text.strip() else ""
            for box in boxes:
                yield from _blocks(box, numbering)
        elif element.tag == f"{_W}tbl":
            yield from _rows(element, numbering)
            yield ""
        elif element.tag not in _SKIPPED:
            yield from _blocks(element, numbering)


def _pieces(element: Any, boxes: list[Any], notes: "_Notes") -> Iterator[str]:
    """The text of a paragraph; text boxes found in it are put into `boxes`."""
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in (f"{_W}tab", f"{_W}ptab"):
            yield " "
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag == f"{_W}noBreakHyphen":
            yield "-"
        elif child.tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
            yield notes.mark(child)
        else:
            yield from _pieces(child, boxes, notes)


def _rows(table: Any, numbering: "_Numbering") -> Iterator[str]:
    """A line a row; a cell merged downwards is said again in each row, what one covers to its right is empty."""
    above: dict[int, str] = {}
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue
        cells: list[str] = []
        for cell in row.iterchildren(f"{_W}tc"):
            properties = cell.find(f"{_W}tcPr")
            merged = properties.find(f"{_W}vMerge") if properties is not None else None
            span = properties.find(f"{_W}gridSpan") if properties is not None else None
            covered = merged is not None and merged.get(f"{_W}val", "continue") == "continue"
            text = above.get(len(cells), "") if covered else mend("\n".join(_blocks(cell, numbering)))
            above[len(cells)] = text if merged is not None else ""
            width = span.get(f"{_W}val", "1") if span is not None else "1"
            cells.extend([text, *[""] * (int(width) - 1)])
        yield "\t".join(cells)


class _Notes:
    """The footnotes and endnotes of a document, numbered as they are referred to."""

    def __init__(self, document: Any) -> None:
        self._bodies: dict[tuple[str, str], Any] = {}
        self._marked: list[tuple[str, str]] = []
        for relation in document.part.rels.values():
            kind = relation.reltype.rpartition("/")[2].removesuffix("s")
            if kind in ("footnote", "endnote") and not relation.is_external:
                for note in etree.fromstring(relation.target_part.blob).iterchildren(f"{_W}{kind}"):
                    self._bodies[kind, note.get(f"{_W}id", "")] = note

    def mark(self, reference: Any) -> str:
        """The mark that stands in the text: [1]."""
        name = reference.tag.removeprefix(_W).removesuffix("Reference"), reference.get(f"{_W}id", "")
        if name not in self._bodies:
            return ""
        self._marked.append(name)
        return f"[{len(self._marked)}]"

    def lines(self, numbering: "_Numbering") -> Iterator[str]:
        """The notes below the text, each behind its mark."""
        if self._marked:
            yield "注："
        # A note may refer to another one.
        for number, name in enumerate(self._marked, start=1):
            yield f"[{number}]" + mend("\n".join(_blocks(self._bodies[name], numbering)))


class _Numbering:
    """Counts the automatic numbers of paragraphs, and keeps the `notes`; `label` must be asked in the document's order."""

    def __init__(self, document: Any) -> None:
        self.notes = _Notes(document)
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._of_style: dict[str, tuple[str, int]] = {}
        part = next((rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/numbering")), None)
        if part is not None:
            self._read(part.element)
        for style in document.styles.element.iterchildren(f"{_W}style"):
            found = self._numbered(style.find(f"{_W}pPr"))
            if found:
                self._of_style[style.get(f"{_W}styleId", "")] = found

    def label(self, paragraph: Any) -> str:
        """The number or bullet that Word sets before a paragraph, or an empty string."""
        properties = paragraph.find(f"{_W}pPr")
        style = properties.find(f"{_W}pStyle") if properties is not None else None
        found = self._numbered(properties) or (self._of_style.get(style.get(f"{_W}val", "")) if style is not None else None)
        if not found or found[1] not in self._levels.get(found[0], {}):
            return ""
        list_id, level = found
        levels, counts = self._levels[list_id], self._counts.setdefault(list_id, {})
        counts[level] = counts.get(level, levels[level][2] - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        kind, pattern, _ = levels[level]
        if kind == "bullet":
            return "• "
        for other, (other_kind, _, start) in levels.items():
            pattern = pattern.replace(f"%{other + 1}", _numeral(counts.get(other, start), other_kind))
        return pattern

    def _read(self, root: Any) -> None:
        abstract = {}
        for definition in root.iterchildren(f"{_W}abstractNum"):
            levels = {}
            for level in definition.iterchildren(f"{_W}lvl"):
                kind, pattern, start = (self._value(level, name) for name in ("numFmt", "lvlText", "start"))
                levels[int(level.get(f"{_W}ilvl", "0"))] = (kind, pattern, int(start) if start.isdigit() else 1)
            abstract[definition.get(f"{_W}abstractNumId")] = levels
        for number in root.iterchildren(f"{_W}num"):
            self._levels[number.get(f"{_W}numId")] = abstract.get(self._value(number, "abstractNumId"), {})

    def _numbered(self, properties: Any) -> tuple[str, int] | None:
        numbered = properties.find(f"{_W}numPr") if properties is not None else None
        if numbered is None:
            return None
        level = self._value(numbered, "ilvl")
        return self._value(numbered, "numId"), int(level) if level.isdigit() else 0

    @staticmethod
    def _value(element: Any, name: str) -> str:
        child = element.find(f"{_W}{name}")
        return str(child.get(f"{_W}val", "")) if child is not None else ""


def _numeral(number: int, kind: str) -> str:
    if kind in _CHINESE:
        return _chinese(number)
    if kind in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (number - 1) % 26)
        return letter if kind == "upperLetter" else letter.lower()
    if kind == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(ord("①") + number - 1)
    return str(number)


def _chinese(number: int) -> str:
    """一 to 九百九十九; larger numbers in digits, as no list of headings has them."""
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_DIGITS[ones] if ones else "")
