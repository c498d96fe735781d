"""Saved web pages as plain text: what the page says, without its menus; table rows become lines with tabs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.clean import mend
from corpus.errors import DocumentError
from corpus.formats import decode

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_LEFT_OUT = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "button",
        "select",
        "svg",
        "iframe",
        "head",
        "object",
    )
)
_INLINE = frozenset(
    (
        *(
            "a",
            "abbr",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "del",
            "em",
            "font",
            "i",
            "ins",
            "kbd",
            "label",
            "mark",
            "q",
            "rb",
            "ruby",
        ),
        *("s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
_LAYOUT_CELL = 200
"""A cell with more characters than this is no cell of a table but a column of the page's layout."""

_WIDEST = 1000
"""Rows or columns that a cell may reach over, as HTML has it."""

_AROUND = re.compile(
    r"(?i)(?:^|[\s_-])(?:nav|menu|crumbs?|breadcrumb|header|foot|footer|logo|related|share|tools?|print|copyright|sidebar|banner|search|login"
    r"|qrcode|ewm|dqwz|position|location|fontsize|links|xgwj|xglj)(?:$|[\s_-])"
)
"""Names of the elements that government sites put around a text: navigation, tools, related pages."""

_BODY_SHARE = 0.9
"""An element is the page's body when it holds this share of its sentences."""


def web_text(path: Path) -> str:
    """The text of an HTML file. Raises DocumentError when nothing can be read in it."""
    import lxml.html  # type: ignore[import-untyped]
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    data = path.read_bytes()
    try:
        text = _decoded(data)
        root = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text)) if text.strip() else None
    except DocumentError as exc:
        raise DocumentError(f"{path.name}：{exc}。") from exc
    except (LxmlError, ValueError) as exc:
        raise DocumentError(f"{path.name} 不是有效的网页文件，可能已损坏。") from exc
    body = root.find("body") if root is not None else None
    if body is not None:
        _strip_surroundings(body)
    if body is None:
        raise DocumentError(f"{path.name} 里没有文字，没有添加。")
    article = _article(body)
    title = body.find(".//h1") if article is not body else None
    head = [] if title is None or title in article.iter() else [" ".join("".join(_pieces(title)).split())]
    return "\n".join([*head, *_lines("".join(_pieces(article)))]) + "\n"


def _decoded(data: bytes) -> str:
    """The page's text by the encoding that it names, else by what makes sense of it."""
    named = _CHARSET.search(data[:4096])
    name = named[1].decode("ascii").lower() if named else ""
    try:
        # Pages that name GB2312 mean its superset.
        return data.decode({"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(name, name)) if name else decode(data)
    except (LookupError, UnicodeDecodeError):
        return decode(data)


def _article(body: Any) -> Any:
    """The innermost element that still holds nearly all sentences of the page: the menus around it are left out."""
    whole = _sentences(body)
    element = body
    while whole:
        inner = next((child for child in element if isinstance(child.tag, str) and _sentences(child) >= _BODY_SHARE * whole), None)
        if inner is None or inner.tag in ("p", "table", "tbody", "tr", "td", "ul", "ol") or inner.tag in _INLINE:
            break
        element = inner
    return element


def _strip_surroundings(body: Any) -> None:
    """Takes out what stands around the text, as its names say, unless it holds half of the page's words."""
    whole = len("".join(body.itertext()))
    for element in list(body.iter()):
        named = (
            isinstance(element.tag, str) and element is not body and _AROUND.search(f"{element.get('class', '')} {element.get('id', '')}")
        )
        if named and len("".join(element.itertext())) < whole / 2 and element.find(".//h1") is None and element.getparent() is not None:
            element.drop_tree()


def _sentences(element: Any) -> int:
    return "".join(_pieces(element)).count("。")


def _pieces(element: Any) -> Iterator[str]:
    """The text of an element with a line feed around every block; a tab parts the cells of a row."""
    if not isinstance(element.tag, str) or element.tag in _LEFT_OUT:
        return
    if element.tag == "table" and not _is_layout(element):
        yield "\n"
        yield from _rows(element)
        return
    block = element.tag not in _INLINE
    if block or element.tag == "br":
        yield "\n"
    yield _folded(element.text)
    for child in element:
        yield from _pieces(child)
        yield _folded(child.tail)
    if block and element.tag != "br":
        yield "\n"


def _rows(table: Any) -> Iterator[str]:
    """A line a row; a cell merged downwards is said again in each row, what one covers to its right is empty."""
    reaching: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is not table:
            continue
        line: list[str] = []
        for cell in (*(cell for cell in row if cell.tag in ("td", "th")), None):
            while reaching.get(len(line), (0, ""))[0]:
                rows, text = reaching[len(line)]
                reaching[len(line)] = rows - 1, text
                line.append(text)
            if cell is not None:
                text, rows, columns = mend("".join(_pieces(cell))), _span(cell, "rowspan"), _span(cell, "colspan")
                for place in range(columns):
                    reaching[len(line)] = rows - 1, "" if place else text
                    line.append("" if place else text)
        yield "\t".join(line) + "\n"


def _span(cell: Any, name: str) -> int:
    written = cell.get(name, "1").strip()
    return max(1, min(int(written), _WIDEST)) if written.isascii() and written.isdigit() else 1


def _is_layout(table: Any) -> bool:
    return any(len("".join(cell.itertext())) > _LAYOUT_CELL for cell in table.iter("td", "th"))


def _folded(text: str | None) -> str:
    """Text as a browser shows it: a line end inside it is a blank."""
    return re.sub(r"[ \t\r\n\f]*[\r\n][ \t\r\n\f]*", " ", text or "")


def _lines(text: str) -> Iterator[str]:
    """Lines without blanks around; several blank ones are one."""
    blank = False
    for line in text.split("\n"):
        body = line.strip(" \u00a0\r\f\v")
        if body:
            if blank:
                yield ""
            yield body
        blank = not body
