"""Questions nobody has asked yet, and a client light enough to ask them beside the service on the same two cores."""

import asyncio
import json
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from corpus.types import ReadDocument

_PLAIN = (
    "{year}年{indicator}是多少？",
    "{year}年{indicator}的目标是多少？",
    "{year}年{indicator}实际完成多少？",
    "{year}年和{other}年的{indicator}相差多少？",
)
_OF_TEXT = ("{text}，有什么要求？", "{text}由哪个单位负责？", "关于{text}，文件里怎么说？", "{text}和{indicator}有什么安排？")
_YEARS = range(2019, 2036)
_STRETCH = (8, 30)


def distinct_questions(documents: Sequence[ReadDocument], seed: int = 0) -> Iterator[str]:
    """Questions put together from indicators, years and stretches of sentences of the documents, no two the same; always in the same order."""
    chance = random.Random(seed)
    indicators = sorted({measure.indicator for document in documents for measure in document.measures})
    texts = [passage.text for document in documents for passage in document.passages]
    stretches = [stretch for text in texts for stretch in re.split(r"[，。；、：\s]", text) if _STRETCH[0] <= len(stretch) <= _STRETCH[1]]
    asked: set[str] = set()
    while True:
        year, other = chance.sample(_YEARS, 2)
        template = chance.choice(_PLAIN + _OF_TEXT)
        question = template.format(year=year, other=other, indicator=chance.choice(indicators), text=chance.choice(stretches))
        if question not in asked:
            asked.add(question)
            yield question


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: its status, its headers by lower-case name, its body, and the milliseconds until its last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: float


@dataclass(slots=True)
class Client:
    """HTTP/1.1 over one connection that is kept open, and opened again where the service has closed it."""

    port: int
    key: str = ""
    _reader: asyncio.StreamReader | None = field(default=None, init=False)
    _writer: asyncio.StreamWriter | None = field(default=None, init=False)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Raises OSError or EOFError where the service is gone."""
        return await self.send(request_bytes("POST", path, body, self.key, headers))

    async def ask(self, question: str) -> Reply:
        return await self.post("/v1/ask", json.dumps({"question": question}, ensure_ascii=False).encode())

    async def send(self, request: bytes) -> Reply:
        began = time.perf_counter()
        reused = self._writer is not None
        try:
            return await self._exchange(request, began)
        except (OSError, EOFError):
            await self.close()
            if not reused:
                raise
            return await self._exchange(request, began)

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
        self._reader = self._writer = None

    async def _exchange(self, request: bytes, began: float) -> Reply:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writer.write(request)
        await self._writer.drain()
        reply = await read_reply(self._reader, began)
        if reply.headers.get("connection") == "close":
            await self.close()
        return reply


def request_bytes(method: str, path: str, body: bytes = b"", key: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """A request as it goes over the wire."""
    told = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    if key:
        told["Authorization"] = f"Bearer {key}"
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def read_reply(reader: asyncio.StreamReader, began: float) -> Reply:
    """Raises EOFError (asyncio's IncompleteReadError) where the connection ends too early."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    elif headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    else:
        body = await reader.read()
    return Reply(int(first.split(" ")[1]), headers, body, 1000 * (time.perf_counter() - began))
