"""Fixtures that more than one test file needs."""

import os
from pathlib import Path

import pytest

from index.bundled import prepare_bundled_model


@pytest.fixture(scope="session")
def bundled_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the bundled model in it: JUDIAN_HOME/models where that is set, so that a model converted before is used again."""
    home = os.environ.get("JUDIAN_HOME")
    cache = Path(home) / "models" if home else tmp_path_factory.mktemp("models")
    prepare_bundled_model(cache)
    return cache
