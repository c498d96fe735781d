"""The engine that JUDIAN_INDEX names, by its address."""

from pathlib import Path

import pytest

from corpus.errors import IndexMismatchError, ServiceError, SettingError
from index.engine import open_engine
from index.files import Files
from index.store import is_current, load_index
from tests.letters import FINGERPRINT, LetterEncoder, build_small


def test_no_address_is_files() -> None:
    assert isinstance(open_engine(), Files)
    assert open_engine("").name == "files"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("milvus://db.example:19531", "milvus://db.example:19531"),
        ("milvus://db.example", "milvus://db.example:19530"),
        ("milvuss://reader:p%40ss@db.example/city", "milvuss://db.example:19530/city"),
        ("/srv/judian/index.db", "/srv/judian/index.db"),
    ],
)
def test_a_name_tells_the_place_and_no_password(address: str, name: str) -> None:
    assert open_engine(address).name == name


@pytest.mark.parametrize("address", ["http://db.example", "qdrant://db", "index", "milvus:db"])
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match=r"JUDIAN_INDEX=.*应为空、milvus://主机:端口"):
        open_engine(address)


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pymilvus")
    monkeypatch.setattr("index.milvus._TIMEOUT_S", 1.0)
    with pytest.raises(ServiceError, match=r"无法连接向量库 milvus://127\.0\.0\.1:1（.*请检查 JUDIAN_INDEX"):
        open_engine("milvus://127.0.0.1:1").open(Path(), "passages", None, "one")  # type: ignore[arg-type]


def test_an_index_of_another_engine_is_refused(tmp_path: Path) -> None:
    build_small(tmp_path / "index", LetterEncoder())
    other = open_engine(str(tmp_path / "milvus.db"))
    with pytest.raises(IndexMismatchError, match=r"存放在 files，当前设置是 .*milvus\.db：请运行 judian index build 重建"):
        load_index(tmp_path / "index", LetterEncoder(), other)
    assert is_current(tmp_path / "index", "letters", FINGERPRINT)
    assert not is_current(tmp_path / "index", "letters", FINGERPRINT, other.name)
