"""Who asks at this moment: what a request's log line, its audit records and its answer have in common."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime


def new_id() -> str:
    """An id that begins with the day, so that its record is found, and that nobody can guess."""
    return f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(6)}"


@dataclass(slots=True)
class Visit:
    """One request. `key` is the name of the key that it showed; `records` counts the audit records it has led to."""

    id: str = field(default_factory=new_id)
    key: str = ""
    records: int = 0

    def next_record(self) -> str:
        """The id of the next audit record: that of the request for its first question, with a number behind it for further ones."""
        self.records += 1
        return self.id if self.records == 1 else f"{self.id}.{self.records}"


_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)


def enter(visit: Visit) -> None:
    """Makes the visit the one of this task and of the threads and tasks that it starts."""
    _visit.set(visit)


def current_visit() -> Visit:
    """The request being answered; a visit of its own where none is."""
    return _visit.get() or Visit()
