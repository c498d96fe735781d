"""A corpus of three sentences and an encoder that counts letters: whatever an index does with them can be worked out by hand."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus.load import text_sha256
from corpus.types import Document, DocumentInfo, Part, Passage, PassageKind, ReadDocument, Reading, Span
from index.build import Source, build_index
from index.types import Encoder, Engine, Progress, Vectors

SENTENCES = ("甲甲乙。", "乙丙。", "丁丁丁。")
FINGERPRINT = "f" * 64


class LetterEncoder:
    """A text's vector counts 甲, 乙, 丙 and 丁, normalised; `encoded` remembers the texts that it was given."""

    def __init__(self, name: str = "letters", dimension: int = 4) -> None:
        self.name = name
        self.dimension = dimension
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded.extend(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, :4] = [text.count(letter) for letter in "甲乙丙丁"]
        if progress:
            progress(len(texts), len(texts), "数字母")
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)

    encode_passages = encode_queries


def small_document(sentences: Sequence[str] = SENTENCES) -> ReadDocument:
    """A document whose sentences are its passages."""
    text = "".join(sentences)
    info = DocumentInfo("900", "900.txt", "小文件", "某办公室", None, "2024-01-01", (2023,), (2024,), text_sha256(text))
    passages, start = [], 0
    for sentence in sentences:
        span = Span(start, start + len(sentence))
        passages.append(Passage(f"900-{start}", "900", PassageKind.PROSE, ("一、总则",), (span,), sentence))
        start = span.end
    parts = (Part(info.title, None, info.date, Span(0, len(text))),)
    return ReadDocument(Document(info, text), (), parts, tuple(passages), (), (), ())


def small_reading() -> Reading:
    return Reading("r1", "900", "丁有几个？", ("多少个丁？",), "三个", ("丁丁丁",), (Span(7, 10),), "fact", (2024,), "test")


def small_source(sentences: Sequence[str] = SENTENCES, fingerprint: str = FINGERPRINT) -> Source:
    """The small document, its one reading (in two forms) and no task."""
    return Source(
        [small_document(sentences)], [small_reading()], lambda passage: passage.text, lambda _document: ["甲办公室", "丁丁"], fingerprint
    )


def build_small(
    folder: Path,
    encoder: Encoder,
    sentences: Sequence[str] = SENTENCES,
    progress: Progress | None = None,
    engine: Engine | None = None,
    fingerprint: str = FINGERPRINT,
) -> None:
    """An index of the small source."""
    build_index(folder, small_source(sentences, fingerprint), encoder, engine, progress)
