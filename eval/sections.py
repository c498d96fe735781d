"""Pages of Markdown to which several commands write a section each."""

from collections.abc import Sequence

_NEXT = "\n## "


def with_section(page: str, section: str) -> str:
    """The page with a section in the place of the one of the same heading, or at its end."""
    heading = section.partition("\n")[0]
    before, found, rest = page.partition(f"{heading}\n")
    _, more, after = rest.partition(_NEXT)
    behind = f"{_NEXT}{after}" if found and more else ""
    return f"{before.rstrip()}\n\n{section.rstrip()}\n{behind}".lstrip()


def section_of(page: str, heading: str) -> str:
    """The section of a heading ("## ..."); empty without one."""
    _, found, rest = page.partition(f"{heading}\n")
    return f"{heading}\n{rest.partition(_NEXT)[0].rstrip()}\n" if found else ""


def keeping(page: str, earlier: str, headings: Sequence[str]) -> str:
    """A page that was written anew, with those sections of the earlier one that other commands write."""
    for heading in headings:
        section = section_of(earlier, heading)
        page = with_section(page, section) if section else page
    return page
