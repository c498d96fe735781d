"""Simulated documents: like the real ones in form, of other places, years and figures, and the same each time."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.clean import mend
from corpus.load import load_documents
from corpus.read import read_document
from corpus.split import sentences
from corpus.types import ReadDocument
from eval.simulate import Simulation, is_simulated
from eval.simulated import SimulatedVectors, embed_ahead
from index.digest import vector_digest
from index.types import Progress, Vectors
from tests.letters import LetterEncoder


@pytest.fixture(scope="module")
def real() -> list[ReadDocument]:
    return [read_document(document) for document in load_documents()[:2]]


@pytest.fixture(scope="module")
def simulated(real: list[ReadDocument]) -> list[ReadDocument]:
    return list(Simulation(real).documents(220))


def test_there_are_as_many_passages_as_asked(simulated: list[ReadDocument]) -> None:
    assert [len(document.passages) for document in simulated] == [50, 50, 50, 50, 20]
    assert all(is_simulated(document.document.info.id) for document in simulated)


def test_passages_are_slices_of_their_document(simulated: list[ReadDocument]) -> None:
    for document in simulated:
        for passage in document.passages:
            assert document.document.text[passage.spans[0].start : passage.spans[-1].end] == passage.text


def test_the_same_seed_gives_the_same_documents_and_a_smaller_number_their_beginning(real: list[ReadDocument]) -> None:
    simulation = Simulation(real, seed=7)
    some, more = list(simulation.documents(100)), list(Simulation(real, seed=7).documents(150))
    assert some == more[:2]
    assert some != list(Simulation(real, seed=8).documents(100))


def test_no_sentence_is_a_real_one(real: list[ReadDocument], simulated: list[ReadDocument]) -> None:
    own = {mend(p.text[a:b]) for document in real for p in document.passages for a, b in sentences(p.text) if b - a >= 15}
    made = [p.text[a:b] for document in simulated for p in document.passages for a, b in sentences(p.text) if b - a >= 15]
    assert len(made) > 400
    assert sum(sentence in own for sentence in made) <= 0.01 * len(made)


def test_places_are_others(simulated: list[ReadDocument]) -> None:
    text = "".join(document.document.text for document in simulated)
    assert not re.search("重庆(?!祝)|两江新区|九龙坡|涪陵", text)


def test_vectors_beyond_those_at_hand_are_made_up_the_same_each_time(tmp_path: Path) -> None:
    texts = ["甲乙" * n for n in range(1, 7)]
    encoder = LetterEncoder()
    assert embed_ahead(tmp_path / "v.f32", iter(texts), 4, encoder) == 4
    assert embed_ahead(tmp_path / "v.f32", iter(texts), 4, encoder) == 4
    assert encoder.encoded == texts[:4]

    def known(digests: Sequence[bytes]) -> dict[bytes, Vectors]:
        return {own: np.asarray([1, 0, 0, 0], np.float32) for own in digests if own == vector_digest("真", True)}

    def of(wanted: list[str]) -> tuple[Vectors, int]:
        opened = SimulatedVectors(encoder, ["真", "丁"], iter(texts), tmp_path / "v.f32", known)
        return opened.encode_passages(wanted), opened.made_up

    vectors, made_up = of(["真", "丁", texts[2], texts[5]])
    assert made_up == 1
    assert vectors[:3].tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], encoder.encode_queries([texts[2]])[0].tolist()]
    assert float(np.linalg.norm(vectors[3])) == pytest.approx(1, abs=1e-6)
    assert of([texts[5]])[0].tolist() == [vectors[3].tolist()]


def test_embedding_goes_on_behind_a_row_cut_short(tmp_path: Path) -> None:
    file = tmp_path / "v.f32"
    told: list[tuple[int, int]] = []
    progress: Progress = lambda done, total, _what: told.append((done, total))  # noqa: E731
    embed_ahead(file, iter(["甲", "乙"]), 2, LetterEncoder())
    file.write_bytes(file.read_bytes()[:20])
    assert embed_ahead(file, iter(["甲", "乙", "丙"]), 3, LetterEncoder(), progress) == 3
    assert np.fromfile(file, np.float32).reshape(-1, 4).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert told == [(3, 3)]
