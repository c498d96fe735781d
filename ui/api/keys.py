"""The keys of the API: named, of a role, kept as hashes in one file, revocable at any time."""

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from corpus.errors import SettingError

FORMAT = 1
_PREFIX = "judian_"
_NAME = re.compile(r"[\w.-]{1,40}")


class Role(StrEnum):
    """What the holder of a key may do; administrators may also change what the service answers from."""

    USER = "user"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret: `digest` is the SHA-256 of the token, which holds 256 random bits and so needs no salt. Times are UTC, ISO 8601."""

    name: str
    role: Role
    digest: str
    created: str
    revoked: str = ""


class KeyStore:
    """The keys of a file, read again whenever it has changed, so that a revoked key is refused at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def all_keys(self) -> tuple[Key, ...]:
        """All keys, revoked ones too, oldest first. Raises SettingError for a file that cannot be read."""
        seen = self._stamp()
        if seen != self._seen:
            self._keys, self._seen = self._read() if seen else (), seen
        return self._keys

    def find(self, token: str) -> Key | None:
        """The key of a token unless it was revoked. Every key is compared in full, so that time tells nothing about the token."""
        digest = _digest(token)
        found = None
        for key in self.all_keys():
            if hmac.compare_digest(key.digest, digest) and not key.revoked:
                found = key
        return found

    def add(self, names: Sequence[str], role: Role = Role.USER) -> list[str]:
        """The tokens of new keys, kept nowhere. Raises SettingError for a name that is taken or cannot be one; then none is made."""
        tokens = [_new_token() for _ in names]
        with self._writing() as keys:
            for name, token in zip(names, tokens, strict=True):
                if not _NAME.fullmatch(name):
                    raise SettingError(f"密钥名称 {name[:60]!r} 不合要求：用 1 到 40 个字母、汉字、数字、点、横线或下划线。")
                if any(key.name == name for key in keys):
                    raise SettingError(f"已有名为 {name} 的密钥（撤销过的名称也不再用，以免记录混淆），请换一个名称。")
                keys.append(Key(name, role, _digest(token), _now()))
        return tokens

    def renew(self, name: str, role: Role) -> str:
        """A fresh token for a key that a program holds, in place of the one that it held before."""
        token = _new_token()
        with self._writing() as keys:
            keys[:] = [*(key for key in keys if key.name != name), Key(name, role, _digest(token), _now())]
        return token

    def revoke(self, name: str) -> None:
        """Raises SettingError where no key that is in use has the name."""
        with self._writing() as keys:
            if not any(key.name == name and not key.revoked for key in keys):
                names = "、".join(key.name for key in keys if not key.revoked) or "没有"
                raise SettingError(f"没有名为 {name[:60]!r} 的有效密钥；现有：{names}。")
            keys[:] = [replace(key, revoked=_now()) if key.name == name else key for key in keys]

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _read(self) -> tuple[Key, ...]:
        try:
            found = json.loads(self.path.read_text("utf-8"))
            if found["format"] != FORMAT:
                raise ValueError(f"format {found['format']}")
            return tuple(Key(**{**item, "role": Role(item["role"])}) for item in found["keys"])
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise SettingError(f"密钥文件 {self.path} 无法读取或已损坏：请从备份恢复，或删除后用 judian keys add 重新发放。") from exc

    @contextmanager
    def _writing(self) -> Iterator[list[Key]]:
        """The keys to be changed; written whole or not at all, and by one process at a time."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                keys = list(self._read() if self.path.exists() else ())
                yield keys
                self._write(keys)
        except OSError as exc:
            raise SettingError(f"无法写入密钥文件 {self.path}：{exc}。请检查写权限和磁盘空间。") from exc

    def _write(self, keys: list[Key]) -> None:
        unfinished = self.path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, "keys": [asdict(key) for key in keys]}, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.path)


def _new_token() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
