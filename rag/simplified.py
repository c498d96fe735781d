"""Traditional characters as simplified ones, which the documents are written in: OpenCC's table of characters and phrases."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC


def simplified(text: str) -> str:
    """A text in simplified characters; the same text where it has no others."""
    try:
        # The set of 1980 holds simplified characters alone, so that hardly a question has to be looked up.
        text.encode("gb2312")
    except UnicodeEncodeError:
        return str(_converter().convert(text))
    return text


@lru_cache(maxsize=1)
def _converter() -> "OpenCC":
    from opencc import OpenCC

    return OpenCC("t2s")
