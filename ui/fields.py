"""Answers and citations as the fields that every interface gives of them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.types import Answer, Citation

_WHERE_ANY = ("note", "context")
"""Fields that are given only where they say something; the schemas of the API leave out the same (`exclude_if`)."""


def fields_of(told: "Answer | Citation") -> dict[str, Any]:
    """The fields of an answer, citations included, or of a citation, as JSON gives them."""
    return asdict(told, dict_factory=lambda pairs: {name: value for name, value in pairs if value or name not in _WHERE_ANY})
