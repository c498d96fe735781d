"""What the service holds, asked for once in a while and kept for every tab. What is asked for raises ServiceError."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import streamlit as st

from corpus.errors import JudianError
from corpus.tables import Table, find_tables
from ui.client import DocumentCard, MeasureRecord, OutlineEntry, Service, TaskRecord, service_key
from ui.page.document_view import Block, lay_out

_MINUTE, _WHILE = 60, 300
_HASHED: dict[str | type[Any], Callable[[Any], Any]] = {Service: service_key}


@st.cache_resource(ttl=_MINUTE, show_spinner=False, hash_funcs=_HASHED)
def known_documents(service: Service) -> tuple[DocumentCard, ...]:
    return service.documents()


@st.cache_resource(ttl=_WHILE, show_spinner=False, hash_funcs=_HASHED)
def known_tasks(service: Service) -> tuple[TaskRecord, ...]:
    return service.tasks()


@st.cache_resource(ttl=_WHILE, show_spinner=False, hash_funcs=_HASHED)
def known_measures(service: Service) -> tuple[MeasureRecord, ...]:
    return service.measures()


@st.cache_resource(ttl=_WHILE, max_entries=32, show_spinner=False, hash_funcs=_HASHED)
def known_text(service: Service, document_id: str) -> str:
    return service.text(document_id)


@st.cache_resource(ttl=_WHILE, max_entries=32, show_spinner=False, hash_funcs=_HASHED)
def known_tables(service: Service, document_id: str) -> tuple[Table, ...]:
    return find_tables(known_text(service, document_id))


@st.cache_resource(ttl=_WHILE, max_entries=32, show_spinner=False, hash_funcs=_HASHED)
def known_outline(service: Service, document_id: str) -> tuple[OutlineEntry, ...]:
    return service.outline(document_id)


@st.cache_resource(ttl=_WHILE, max_entries=16, show_spinner=False, hash_funcs=_HASHED)
def known_layout(service: Service, document_id: str) -> tuple[Block, ...]:
    return lay_out(known_text(service, document_id), known_outline(service, document_id))


@st.cache_resource(ttl=_MINUTE, show_spinner=False, hash_funcs=_HASHED)
def _endpoints(service: Service) -> frozenset[str]:
    return service.endpoints()


def known_units(service: Service) -> tuple[str, ...]:
    """Every unit that a task names, those with most tasks first."""
    counts = Counter(unit for task in known_tasks(service) for unit in dict.fromkeys((*task.lead_units, *task.cooperating_units)))
    return tuple(sorted(counts, key=lambda unit: (-counts[unit], unit)))


def offers(service: Service, endpoint: str) -> bool:
    """Whether the service has the endpoint ("POST /v1/feedback"); False too while it cannot be reached."""
    try:
        return endpoint in _endpoints(service)
    except JudianError:
        return False


def forget() -> None:
    """Everything is asked for anew: the documents have changed."""
    for kept in (
        known_documents,
        known_tasks,
        known_measures,
        known_text,
        known_tables,
        known_outline,
        known_layout,
        _endpoints,
    ):
        kept.clear()
