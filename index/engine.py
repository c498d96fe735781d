"""The engine that the setting JUDIAN_INDEX names."""

from corpus.errors import SettingError
from index.files import Files
from index.types import Engine


def open_engine(address: str = "") -> Engine:
    """Files for an empty address; Milvus for milvus://[user:password@]host[:port][/database] (milvuss:// over TLS) and for a milvus-lite file.

    Raises SettingError for any other address, for a missing library, and when the server does not answer.
    """
    if not address:
        return Files()
    if address.startswith(("milvus://", "milvuss://")) or address.endswith(".db"):
        # Loading the client takes a second; those who search in files do without.
        from index.milvus import Milvus

        return Milvus(address)
    raise SettingError(f"环境变量 JUDIAN_INDEX={address!r} 应为空、milvus://主机:端口，或以 .db 结尾的 milvus-lite 文件路径。")
