"""The product in one place: a question is understood, passages and readings are found, an answer is put together, checked and cited."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from datetime import date
from functools import lru_cache

from corpus.errors import UnknownDocumentError
from corpus.types import Measure, Passage, PassageKind, ReadDocument, Span, Task
from index.runtime import available_cores
from index.store import LoadedIndex
from index.types import Encoder
from rag.answer import Answerer
from rag.compose import Composer
from rag.followup import Completion, completions
from rag.lexicon import read_lexicon
from rag.material import Findings, Gatherer
from rag.question import Question, asked_in_full, clean_question, names_nothing, understand
from rag.rank import Rankers, load_rankers
from rag.retrieve import Query, Retriever
from rag.speak import Access, Speaker, plain_events
from rag.spelling import Spelling
from rag.tasks import Tasks
from rag.types import Answer, AnswerEvent, Citation, CitationVia, Draft, Evidence, Mode, Turn
from rag.writing import renumbered

ABSTENTION = "文件中没有找到这个问题的答案。"
NAMES_NOTHING = "问题没有说明问的是什么，请写出指标、项目、任务或单位的名称再问。"
NEAREST_SHOWN = 3
EARLIER = 4
"""Questions of the user before, at most, that a follow-up may lean on."""

QUESTIONS_KEPT = 1024
"""Questions of which is kept how they were understood."""


class Assistant:
    """Answers questions about the documents of an index. Safe to use from several threads."""

    def __init__(
        self,
        index: LoadedIndex,
        encoder: Encoder,
        use_readings: bool = True,
        rankers: Rankers | None = None,
        speaker: Speaker | None = None,
    ) -> None:
        self.documents = index.documents
        self.built = index.built
        self.fingerprint = index.fingerprint
        self._by_id = index.records.by_id
        self._passages = index.all_passages
        self._counterparts = index.counterparts
        self._records = index.records
        self._structured = index.records.structured()
        self._tasks = Tasks(tuple(task for document in self._structured for task in document.tasks))
        self._lexicon = read_lexicon(self._tasks.units)
        self._present = max((year for info in index.records.infos() if (year := info.year)), default=date.today().year)
        self._retriever = Retriever(index, encoder, self._lexicon, use_readings)
        self._answerer = Answerer(self._retriever, self._tasks, self._structured, rankers or load_rankers(), self._present)
        self._spelling = Spelling(index.segmenter, index.records.passages_with, self._written)
        self._composer = Composer(self._by_id, self._passage_at)
        self._gatherer = Gatherer(self._retriever, self._composer.cite, self._whole)
        self._speaker = speaker
        # Every question of a conversation comes with those before it.
        self._meant = lru_cache(maxsize=QUESTIONS_KEPT)(self._read_meant)
        # More questions at work than there are cores only take Python's lock from each other: with 16 an answer costs a quarter more.
        self._at_work = ThreadPoolExecutor(available_cores(), thread_name_prefix="finding")

    def with_speaker(self, speaker: Speaker | None) -> "Assistant":
        """The same assistant with another chat model, or with none."""
        other = copy(self)
        other._speaker = speaker
        return other

    def close(self) -> None:
        """Ends the processes that work for it; there are none unless it is made so."""

    def prepare(self, goes_on: Callable[[], bool]) -> None:
        """Computes ahead what would make the first questions about documents that nobody has read wait, as long as `goes_on` says so."""
        self._answerer.prepare(goes_on)

    def ask(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = (), top_k: int = 5
    ) -> Answer:
        """An answer whose every figure stands in what it cites, or an abstention with the nearest passages.

        Raises QuestionError for a question that cannot be taken, UnknownDocumentError for a document that is not here.
        """
        if self._speaker is None:
            return self._find(question, history, documents, years, top_k).answer
        *_, whole = self.stream(question, history, documents, years, top_k)
        assert isinstance(whole, Answer)
        return renumbered(whole)

    def stream(
        self, question: str, history: Sequence[Turn] = (), documents: Sequence[str] = (), years: Sequence[int] = (), top_k: int = 5
    ) -> Iterator[AnswerEvent]:
        """The same answer piece by piece: its references, each sentence as it passes the check, and the whole last. Raises as `ask` does.

        Marks are those of the references, of which a chat model may leave some uncited; `ask` numbers what is cited anew.
        """
        found = self._find(question, history, documents, years, top_k)
        if self._speaker is None:
            return plain_events(found.answer)
        access = Access(
            gather=lambda rounds, tokens: self._gatherer.gather(rounds, documents, tokens),
            find=lambda part: self._find(part, (), documents, years, top_k),
            rarity=self._retriever.rarity,
        )
        return self._speaker.events(found, access, history, top_k)

    def _find(self, question: str, history: Sequence[Turn], documents: Sequence[str], years: Sequence[int], top_k: int) -> Findings:
        """The answer without a model, with what was found on the way to it."""
        self._check(documents)
        return self._at_work.submit(self._found, question, history, documents, years, top_k).result()

    def _found(self, question: str, history: Sequence[Turn], documents: Sequence[str], years: Sequence[int], top_k: int) -> Findings:
        started = time.perf_counter()
        understood = self._understand(question, history)
        if years:
            understood = understood.within(tuple(years))
        understood_at = time.perf_counter()
        query = self._retriever.query(understood.text)
        found_at = time.perf_counter()
        draft = self._answerer.answer(understood, query, documents)
        answer = self._compose(understood, query, draft, documents, top_k)
        done = time.perf_counter()
        timings = {
            "understand": understood_at - started,
            "retrieve": found_at - understood_at,
            "answer": done - found_at,
            "total": done - started,
        }
        whole = Answer(
            answer=answer.answer,
            abstained=answer.abstained,
            mode=answer.mode,
            question=understood.text,
            citations=answer.citations,
            confidence=answer.confidence,
            related=draft.related,
            timings_ms={stage: round(1000 * seconds, 2) for stage, seconds in timings.items()},
        )
        return Findings(question, understood, query, draft, whole)

    def search(self, query: str, top_k: int = 10, documents: Sequence[str] = ()) -> list[Citation]:
        """The passages that fit a query best, best first: those that an answer to it rests on, then those found by search."""
        self._check(documents)
        return self._at_work.submit(self._searched, query, top_k, documents).result()

    def _searched(self, text: str, top_k: int, documents: Sequence[str]) -> list[Citation]:
        understood = self._understand(text, ())
        query = self._retriever.query(understood.text)
        draft = self._answerer.answer(understood, query, documents)
        proof = [item for statement in draft.statements for item in statement.evidence]
        return self._nearest(query, top_k, documents, proof)

    def tasks(self, unit: str = "", role: str = "any", chapter: str = "", text: str = "") -> list[Task]:
        """The numbered tasks of a unit (by any of its names) in a role ("lead", "cooperate", "any"), of a chapter, with a text in them."""
        named = self._lexicon.units.get(unit, unit)
        return [
            task
            for task in self._tasks.all
            if (not unit or (role != "cooperate" and named in task.lead_units) or (role != "lead" and named in task.cooperating_units))
            and (not chapter or any(chapter in heading for heading in task.heading_path))
            and (not text or text in task.text)
        ]

    def measures(self, indicator: str = "", year: int | None = None) -> list[Measure]:
        """The values of the indicator tables, by a text in the indicator's name and by year, in the documents' order."""
        return [
            measure
            for document in self._structured
            for measure in document.measures
            if indicator in measure.indicator and year in (None, measure.year)
        ]

    def document(self, document_id: str) -> ReadDocument:
        self._check([document_id])
        return self._by_id[document_id]

    def passage(self, passage_id: str) -> Passage:
        """Raises UnknownDocumentError for an id that no passage has."""
        number = self._records.passage_number(passage_id)
        if number is None:
            raise UnknownDocumentError(f"没有编号为 {passage_id[:60]!r} 的段落；段落编号见引文的 passage_id。")
        return self._passages[number]

    def said_elsewhere(self, passage_id: str) -> tuple[Passage, ...]:
        """The passages of other documents that say what a passage says or a part of it, most alike first."""
        return tuple(self.passage(other) for other in self._counterparts.of_passage(passage_id))

    def _understand(self, text: str, history: Sequence[Turn]) -> Question:
        """The question as it was meant after the user's earlier ones: of its completions, the one that the documents answer best."""
        earlier = whole = ""
        asked = [turn.content for turn in history if turn.role == "user" and turn.content.strip()]
        for said in (*asked[-EARLIER:], text):
            best = self._meant(self._spelling.corrected(clean_question(said)), whole, earlier)
            earlier, whole = whole, best.text
        return best

    def _read_meant(self, text: str, whole: str, earlier: str) -> Question:
        """A question after the one that was asked before it, made `whole`, and the one `earlier` than that."""
        meant = completions(text, whole, self._lexicon, earlier) if whole else (Completion(asked_in_full(text), 1.0),)
        questions = [understand(completion.text, self._lexicon, self._present) for completion in meant]
        return self._answerer.likeliest(questions, [completion.prior for completion in meant])

    def _written(self) -> Iterator[str]:
        """Texts in which words stand as people use them: the readings, and everyday names."""
        for reading in self._retriever.index.all_readings:
            yield "".join((reading.question, reading.answer, *reading.quotes))
        yield from (*self._lexicon.units, *self._lexicon.synonyms)

    def _compose(self, question: Question, query: Query, draft: Draft, documents: Sequence[str], top_k: int) -> Answer:
        most = max(top_k, draft.records)
        composed = self._composer.compose(draft.statements, most)
        if not composed.statements and names_nothing(question.text):
            return Answer(NAMES_NOTHING, True, Mode.EXTRACTIVE, question.text, (), 0.0)
        if not composed.statements:
            near = [item for statement in draft.left_out for item in statement.evidence]
            nearest = tuple(self._nearest(query, min(top_k, NEAREST_SHOWN), documents, near))
            reason = "".join(f"{statement.text.rstrip('。')}。" for statement in draft.left_out)
            return Answer(ABSTENTION + reason, True, Mode.EXTRACTIVE, question.text, nearest, round(draft.confidence, 4))
        modes = {statement.mode for statement in composed.statements}
        mode = modes.pop() if len(modes) == 1 else Mode.MIXED
        return Answer(composed.text, False, mode, question.text, composed.citations, round(draft.confidence, 4))

    def _nearest(self, query: Query, top_k: int, documents: Sequence[str], proof: Sequence[Evidence] = ()) -> list[Citation]:
        """Passages as citations: those that hold the `proof` of an answer first, then the best of a search, each cited whole."""
        hits = self._retriever.passages(query, top_k + len(proof), documents)
        best = max((hit.score for hit in hits), default=0.0)
        candidates = [replace(item, score=best + item.score) for item in proof]
        candidates += [self._whole(self._passages[hit.passage], hit.score) for hit in hits]
        citations: dict[str, Citation] = {}
        for evidence in candidates:
            citation = self._composer.cite(evidence, len(citations) + 1)
            if citation and citation.passage_id not in citations and len(citations) < top_k:
                citations[citation.passage_id] = citation
        return list(citations.values())

    def _whole(self, passage: Passage, score: float) -> Evidence:
        """A whole passage as evidence; of a table row that stands with its parent, the row itself."""
        start = passage.spans[-1].start if passage.kind is PassageKind.TABLE_ROW else passage.spans[0].start
        return Evidence(passage.document_id, Span(start, passage.spans[-1].end), CitationVia.PASSAGE, score)

    def _passage_at(self, document_id: str, position: int) -> Passage | None:
        number = self._retriever.passage_at(document_id, position)
        return None if number is None else self._passages[number]

    def _check(self, documents: Sequence[str]) -> None:
        for document_id in documents:
            if document_id not in self._by_id:
                raise UnknownDocumentError(f"没有编号为 {document_id[:40]!r} 的文件；现有：{'、'.join(self._by_id)}。")
