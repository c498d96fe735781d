"""What was computed lately, kept for the next who asks for it."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Generic, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Lru(Generic[_Key, _Value]):
    """The values used last, at most `most` of them; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[_Key, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: _Key) -> _Value | None:
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def split(self, keys: Iterable[_Key]) -> tuple[dict[_Key, _Value], list[_Key]]:
        """The values of those keys that are kept, and the other keys, each once and in their order."""
        asked = dict.fromkeys(keys)
        known = {key: value for key in asked if (value := self.get(key)) is not None}
        return known, [key for key in asked if key not in known]

    def put(self, key: _Key, value: _Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
