"""Fixtures that more than one test file needs: the real encoder and the real index, made once and kept between runs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import IndexMismatchError, IndexMissingError
from index.bundled import prepare_bundled_model
from index.encoder import OnnxEncoder, open_encoder
from index.matcher import OnnxMatcher
from index.store import load_index, read_manifest
from index.types import Encoder, Matcher
from rag.assistant import Assistant
from rag.config import Settings
from rag.wire import prepare_index
from tests.llama_server import NAME, running
from ui.quiet import switch_off_telemetry


def pytest_configure() -> None:
    """All tests share one JUDIAN_HOME, that of the environment or the usual one, so that nothing is converted or embedded twice."""
    os.environ.setdefault("JUDIAN_HOME", str(Path("~/.judian").expanduser()))
    # What tests ask is no record of anybody's, and they ask fast.
    os.environ |= {"JUDIAN_AUDIT": "off", "JUDIAN_ADDRESS_RATE": "off"}
    switch_off_telemetry()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last: its driver keeps an event loop running in this thread, which no other test could then start."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def bundled_cache() -> Path:
    """A cache folder with the bundled model in it."""
    cache = Path(os.environ["JUDIAN_HOME"]) / "models"
    prepare_bundled_model(cache)
    return cache


@pytest.fixture(scope="session")
def encoder(bundled_cache: Path) -> Encoder:
    """The bundled model."""
    return open_encoder("bundled", bundled_cache)


@pytest.fixture(scope="session")
def matcher(bundled_cache: Path) -> Matcher:
    """The bundled model as it was taught to compare questions with readings."""
    return OnnxMatcher(bundled_cache)


@pytest.fixture(scope="session")
def chat_server() -> Iterator[tuple[str, str]]:
    """(base URL, model name) of a real chat model: what JUDIAN_TEST_LLM names (and JUDIAN_TEST_LLM_NAME), or with "local" llama.cpp's server."""
    wanted = os.environ.get("JUDIAN_TEST_LLM", "")
    if not wanted:
        pytest.skip("JUDIAN_TEST_LLM names no server")
    if wanted != "local":
        yield wanted, os.environ.get("JUDIAN_TEST_LLM_NAME", "default")
        return
    with running(Path(os.environ["JUDIAN_HOME"]) / "models" / "chat", int(os.environ.get("JUDIAN_TEST_LLM_THREADS", "0"))) as url:
        yield url, NAME


@pytest.fixture(scope="session")
def home() -> Path:
    """A JUDIAN_HOME with a current index of the bundled documents and model; that of a user who has other ones is left alone."""
    home = Path(os.environ["JUDIAN_HOME"])
    if _has_other_documents(home) or _has_other_model(home):
        home = home / "tests"
    prepare_index(Settings(home=home))
    return home


@pytest.fixture(scope="session")
def assistant(home: Path, encoder: Encoder, matcher: Matcher) -> Assistant:
    """The assistant over the real index."""
    return Assistant(load_index(home / "index", encoder, matcher=matcher), encoder)


def _has_other_documents(home: Path) -> bool:
    return (home / "corpus" / "manifest.toml").exists()


def _has_other_model(home: Path) -> bool:
    try:
        return bool(read_manifest(home / "index")["encoder"] != OnnxEncoder.name)
    except (IndexMissingError, IndexMismatchError):
        return False
