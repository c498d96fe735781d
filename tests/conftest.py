"""Fixtures that more than one test file needs: the real encoder and the real index, made once and kept between runs."""

import os
from pathlib import Path

import pytest

from corpus.errors import IndexMismatchError, IndexMissingError
from index.bundled import prepare_bundled_model
from index.encoder import OnnxEncoder, open_encoder
from index.store import load_index, read_manifest
from index.types import Encoder
from rag.assistant import Assistant
from rag.config import Settings
from rag.wire import prepare_index
from ui.quiet import switch_off_telemetry


def pytest_configure() -> None:
    """All tests share one JUDIAN_HOME, that of the environment or the usual one, so that nothing is converted or embedded twice."""
    os.environ.setdefault("JUDIAN_HOME", str(Path("~/.judian").expanduser()))
    switch_off_telemetry()


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
def home() -> Path:
    """A JUDIAN_HOME with a current index of the bundled model; an index that the user has made with another model is left alone."""
    home = Path(os.environ["JUDIAN_HOME"])
    try:
        if read_manifest(home / "index")["encoder"] != OnnxEncoder.name:
            home = home / "tests"
    except (IndexMissingError, IndexMismatchError):
        pass
    prepare_index(Settings(home=home))
    return home


@pytest.fixture(scope="session")
def assistant(home: Path, encoder: Encoder) -> Assistant:
    """The assistant over the real index."""
    return Assistant(load_index(home / "index", encoder), encoder)
