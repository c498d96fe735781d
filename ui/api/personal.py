"""Personal data in what people write: identity card and telephone numbers."""

import re
import unicodedata
from collections.abc import Iterable

_DATE = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_GAP = r"[ \-–—·.]?"
_NUMBERS = re.compile(
    "|".join(
        (
            rf"(?<!\d)[1-9]\d{{5}}{_GAP}{_DATE}{_GAP}\d{{3}}[\dXx](?![\dXx])",  # identity card, GB 11643
            rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}(?!\d)",  # mobile telephone
            rf"(?<!\d)(?:\(0\d{{2,3}}\)|0\d{{2,3}}{_GAP}){_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)",  # fixed telephone with its area code
        )
    )
)
_KEPT = 3


def masked(text: str) -> str:
    """The text with every number of a person starred but for its first three digits; its length stays."""
    stars = list(text)
    for start, end in _spans(text):
        digits = [at for at in range(start, end) if stars[at].isalnum()]
        for at in digits[_KEPT:]:
            stars[at] = "*"
    return "".join(stars)


def masked_as(text: str, others: Iterable[str]) -> str:
    """The text with the numbers of persons starred that stand in the others too; what a document says is left."""
    for number in {other[start:end] for other in others for start, end in _spans(other)}:
        text = text.replace(number, masked(number))
    return text


def _spans(text: str) -> list[tuple[int, int]]:
    # Full-width digits count; a character that would become several stays, so that places keep their numbers.
    plain = "".join(wide if len(wide := unicodedata.normalize("NFKC", character)) == 1 else character for character in text)
    return [match.span() for match in _NUMBERS.finditer(plain)]
