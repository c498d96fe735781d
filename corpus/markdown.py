"""Markdown as plain text: the marks go, table rows become lines with tabs, everything that is said stays."""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token


def markdown_text(text: str) -> str:
    """The text of a CommonMark document with tables; headings, paragraphs, items and rows are lines, blocks parted by blank lines."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("code")
    return "\n".join(_lines(parser.parse(text))).strip() + "\n"


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    label = ""
    row: list[str] = []
    in_cell = False
    for token in tokens:
        if token.type == "list_item_open":
            label = f"{token.info}{token.markup} " if token.info else "• "
        elif token.type in ("fence", "code_block", "html_block"):
            yield token.content.strip("\n")
        elif token.type == "tr_open":
            row = []
        elif token.type in ("th_open", "td_open", "th_close", "td_close"):
            in_cell = token.nesting == 1
        elif token.type == "tr_close":
            yield "\t".join(row)
        elif token.type == "inline":
            content = "".join(_inline(token.children or ()))
            if in_cell:
                row.append(content.replace("\n", " "))
            else:
                yield label + content
                label = ""
        elif (
            token.type in ("paragraph_close", "heading_close", "table_close", "bullet_list_close", "ordered_list_close")
            and not token.hidden
        ):
            yield ""


def _inline(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in ("text", "code_inline", "html_inline", "text_special"):
            yield token.content
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif token.type == "image":
            yield token.content
