"""From an understood question to the statements that answer it: over records where it asks for them, else out of readings, else out of passages."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property

from corpus.figures import Figure
from corpus.readings import ReadingType
from corpus.types import MeasureKind, PassageKind, ReadDocument, Reading, Span, StatedMeasure, Task, Via
from index.segment import bigrams, normal
from rag.abbreviations import answer_from_abbreviations
from rag.arithmetic import (
    amounts_in,
    asks_for_amount,
    asks_for_one_amount,
    asks_to_work_out,
    counted,
    gives_result,
    gives_results,
    holds,
    recast,
    results_asked,
    results_told,
    rounds,
    shows_result,
    still_missing,
    without_goal,
    worked_out,
    worked_out_of_items,
)
from rag.decompose import Facet, by_year, each_of, facets_of, things_of
from rag.guard import MUNICIPAL, TWO_WORKED_OUT, WHOLE_CITY, conflicts, outside_places_in, pieces_of, places_in, rules_out, without_left_out
from rag.indicators import answer_from_indicators
from rag.measures import Measures
from rag.mentions import answer_from_mentions
from rag.narrow import narrowed
from rag.outline import answer_from_outline
from rag.parts import apart, fits, opposed, told_once
from rag.question import (
    Aim,
    Ask,
    Question,
    aim_of,
    asks_for_units,
    asks_of_a_day,
    asks_yes_or_no,
    bare,
    beyond_tasks,
    content_of,
    names_nothing,
)
from rag.rank import Part, Ranker, Rankers, Scored, overlap
from rag.retrieve import CANDIDATES, Query, Retriever
from rag.said import (
    SAME_ANSWER,
    SAME_THING,
    Clause,
    alike,
    as_statement,
    clause_around,
    figures_for_all,
    in_context,
    names_several,
    numbers_in,
    numbers_of,
    parallels,
    says_again,
)
from rag.series import Series, tells, wanted
from rag.structured import (
    answer_from_tasks,
    matters_in,
    names_unknown_unit,
    responsible,
    sentences_of_tasks,
    tasks_in_the_other_role,
)
from rag.tasks import Tasks
from rag.types import CitationVia, Draft, ReadingHit, Statement
from rag.verdict import are_opposed, with_verdict

FROM_WHOLE = 12
"""Readings found for a whole question that are weighed for each of its parts too."""

ANSWERED = 0.3
"""Probability from which a reading is taken as the answer; chosen on the `tune` questions."""

ANSWERED_IN_PART = 0.12
"""The same where several things are asked and no reading answers all of them."""

FACET_ANSWERED = 0.5
"""The same for the surest of several things asked: they vouch for each other."""

FACET_ALSO = 0.3
"""The same for the others."""

TASK_FITS = 0.9
"""Cosine from which a task is the one that is meant, whatever the learnt metric says; chosen on the `tune` questions."""

TASK_FITS_AS_LEARNT = 0.4
"""Cosine in the learnt metric from which it is, too."""

ALSO_SAID = 0.15
"""Probability from which a further reading is said, if it holds what the first leaves out."""

RELEVANT = 0.3
"""Probability that a question concerns the documents, from which an answer is looked for."""

SURELY_LEFT_OUT = 0.95
"""Probability from which a reading of what the documents leave out is believed, whatever else is found."""

ANSWERED_ALL_THE_SAME = 0.5
"""Probability from which an answer is given beside one that is less sure."""

WHETHER_ALL_THE_SAME = 0.3
"""The same for a question that asks whether: what the documents say of the thing answers it."""

GAIN = 0.12
"""Share of the question that a further reading must add."""

MOST_STATEMENTS = 3

SURE = 0.7
"""Probability from which the best reading stands alone."""

ALONE = 0.9
"""Probability from which a reading with a figure is all that is said to a question for one amount."""

SURE_OF_ALL = 0.95
"""The same for one with a figure for each of several things asked."""

MAYBE = 0.07
"""Probability from which another reading is said beside one that is not sure."""

RESULT = 0.25
"""Probability from which a reading that holds the result or the operands of what is to be worked out is taken."""

OPERANDS_AT_LEAST = 0.05
"""The same for one whose answer has an amount for each of two things that are named."""

AS_LIKELY = 0.6
"""Share of the best reading's probability that one with the operands must have."""

STATED = 0.8
"""Share of it that one which states the result must have."""

AS_GOOD = 0.8
"""Share of the probability of what was planned that what came of it must have."""

MOST_OPERANDS = 4
"""Readings among which it is looked for."""

_WHETHER_SAME = re.compile(r"出入|一样|一致|相同|同一个|对[得不]上|矛盾|打架")
"""What asks whether documents agree with each other."""

SAME_INDICATOR = 0.5
"""Share of the character pairs of two indicators' names from which they are one thing called in two ways."""

OPERAND_SURE = 0.4
"""Probability that both figures of a difference or a sum must have."""

MAYBE_A_PART = 0.03
"""The same where several things are asked."""

AT_ONCE = 0.2
"""How much less sure than its parts a whole question may be answered by one reading that is said in their place."""

MOST_RELATED = 3
"""Questions that may be asked next."""

MOST_LOOKED_AT = 12
"""Readings among which these are looked for."""

MOST_FURTHER = 2

LONGEST_BESIDE = 150
"""Characters of an answer that is said beside another because it holds what that leaves out."""

LONGEST_STATED = 130
"""Characters of a statement and what is said before it."""

LONGEST_FURTHER = 60
"""Characters of one that is said beside another because that is not sure enough to stand alone."""

MOST_TASKS_READ = 100
"""Tasks among which that is looked for which readings quote."""

YEAR_OF_TASK = 0.03
"""Cosine that the right year is worth between two tasks of one matter."""

FIGURE_OF_TASK = 0.03
"""The same for a figure that the question names."""

OF_THE_THING = 0.52
"""Share of the question's pairs of characters that a reading of what is left out must have, so that it is said."""

COMPLETES = 0.5
"""Probability from which a reading is said for one of several things asked of which an answer has no figure; chosen on the `tune` questions."""

_SEVERAL = re.compile(r"[各和跟与、]|分别|都|怎么|如何|哪|什么|啥|吗|[了没]没")
"""Words of a question that may ask for more than the one amount that it names."""

_AMOUNT = re.compile(r"多少|几|率|增速|增幅|比重|占比|数量|规模|总量|[高低大长]")
_SCOPE = re.compile(r"全市|市本?级|本级|市里|区县")
_SPOKEN_BY = re.compile(r"^[^，,。；;？?]{2,8}[局委办厅院](?:自己)?(?:说|讲|提出?|报告|汇报)")
"""Words at the beginning that only say who speaks in the document."""


class Answerer:
    """Chooses what to say. Holds no state but what it was given."""

    def __init__(self, retriever: Retriever, tasks: Tasks, outlines: Sequence[ReadDocument], rankers: Rankers, present: int) -> None:
        self._retriever = retriever
        self._tasks = tasks
        self._outlines = outlines
        self._measures = Measures(outlines)
        readings = tuple(retriever.index.all_readings)
        self._series = Series(outlines, readings if retriever.use_readings else (), retriever.index.records.by_id, present)
        self._rankers = rankers
        read = {reading.document_id for reading in readings if reading.via is Via.READING}
        self._unread = frozenset(info.id for info in retriever.index.records.infos() if not retriever.use_readings or info.id not in read)
        self.present = present

    def answer(self, question: Question, query: Query, documents: Sequence[str] = ()) -> Draft:
        """The statements that answer a question; none when nothing fits."""
        plain = without_goal(question.text)
        if plain:
            alone = question.about(plain, question.years, question.aim)
            draft = self._drafted(_Asked(self, alone, self._retriever.query(plain), documents))
            missing = still_missing(question.text, draft.statements[0]) if draft.statements else []
            return replace(draft, statements=(draft.statements[0], *missing)) if missing else draft
        asked = _Asked(self, question, query, documents)
        draft = self._drafted(asked)
        if len(draft.statements) == 1:
            told = recast(question.text, draft.statements[0])
            draft = replace(draft, statements=(*told, *still_missing(question.text, told[0])))
        return _completed(replace(draft, statements=tuple(asked.narrowed(statement) for statement in draft.statements)), asked)

    def _drafted(self, asked: "_Asked") -> Draft:
        """What a question is answered with, before anything is worked out anew or said beside it."""
        question, query, documents = asked.question, asked.query, asked.documents
        over_records = self._over_records(question)
        if over_records:
            borne_out = _borne_out(over_records, asked)
            return Draft(borne_out, 1.0, sum(len(statement.evidence) for statement in borne_out))
        of_other_role = tasks_in_the_other_role(question, self._tasks, self._retriever.lexicon)
        if of_other_role:
            return _left_out(of_other_role, ())
        if names_nothing(question.text):
            return Draft((), 0.0)
        if question.ask in (Ask.RESPONSIBLE, Ask.COUNT_TASKS, Ask.LIST_TASKS, Ask.COUNT_SECTION) and (
            beyond_tasks(question.text) or names_unknown_unit(question, self._retriever.lexicon)
        ):
            return Draft((), 0.0)
        if asks_of_a_day(question.text) or self._retriever.lacks_rate(question.text):
            return Draft((), 0.0)
        if question.ask is Ask.RESPONSIBLE and not self._tells_outcome(asked) and not self._told_without_tasks(asked):
            draft = self._responsible(question, query, documents) or self._responsible_as_read(asked)
            if draft:
                return draft
        spelt_out = answer_from_abbreviations(question, self._retriever, documents)
        if spelt_out:
            return Draft(tuple(spelt_out), 1.0)
        whole = asked.whole
        if whole and self._relevant(whole) < RELEVANT:
            return Draft((), 0.0)
        facets = asked.facets
        settling = self._settling(asked)
        if settling:
            # It leads for whoever looks at what was found from here on.
            whole.remove(settling)
            whole.insert(0, settling)
        best = whole[0].hit.reading if whole else None
        judged = best and best.type == ReadingType.YESNO and whole[0].probability >= SURE
        mentions = [] if judged else answer_from_mentions(question, self._retriever, documents)
        if mentions:
            return Draft(tuple(mentions), 1.0)
        settled = settling is not None
        over_years = [] if settled else self._by_year(asked) or self._over_years(asked)
        if over_years:
            for_all = self._all_results(asked, sum("：" in statement.text for statement in over_years))
            if for_all:
                return Draft((for_all,), for_all.confidence, len(for_all.evidence))
            return Draft(tuple(over_years), over_years[0].confidence, sum(len(statement.evidence) for statement in over_years))
        if asks_to_work_out(question.text) and (asks_for_amount(question.text) or not asks_yes_or_no(question.text)):
            results = self._result(question, query, whole)
            if results:
                return Draft(tuple(results), results[0].confidence, sum(len(statement.evidence) for statement in results))
        fuller = self._fuller(asked) if best and not settled else None
        if fuller:
            whole.remove(fuller)
            whole.insert(0, fuller)
            best, settled = fuller.hit.reading, True
        at_once = settled or (best and whole[0].probability >= ANSWERED and _sets_all_side_by_side(whole[0], question, len(facets)))
        several = len(facets) > 1
        if several and not at_once:
            draft = self._several(asked)
            if draft:
                return draft
        left_out = bool(best and best.leaves_out) and not _is_answered(question, whole)
        answering = asked.answering
        if not several and (left_out or not answering or answering[0].probability < ANSWERED):
            sure = _sure_as_a_part(asked)
            if sure:
                left_out, answering = False, [sure, *(scored for scored in answering if scored.hit.reading.id != sure.hit.reading.id)]
        if left_out:
            nearest = whole[0]
            unsaid = [as_statement(nearest.hit.reading, nearest.probability)] if _asks_for(question, nearest.hit) else []
            return _left_out(unsaid, _questions_of(whole, []))
        whole = answering
        if whole and whole[0].probability >= (ANSWERED_IN_PART if several else ANSWERED):
            stages = self._both_stages(asked, whole[0].hit.reading) if not several else []
            if stages:
                return Draft(tuple(stages), whole[0].probability, sum(len(statement.evidence) for statement in stages))
            tells_each = settling if len(wanted(question, self.present)) > 1 else None
            chosen = [tells_each] if tells_each else self._complete(question, whole, len(facets))
            parallel = parallels(chosen[0], whole)
            row = self._rows(whole[0].hit.reading, question)
            label = f"{question.years[0]}年目标" if self._plans_the_past(whole[0].hit.reading, question) else ""
            first = row or as_statement(chosen[0].hit.reading, chosen[0].probability, label, others=parallel)
            results = worked_out(question.text, [asked.narrowed(first)])
            if results:
                statements = [first, *results]
            else:
                alone = several or len(chosen) == 1
                first = self._alone(first, whole[0].hit.reading, question, len(facets)) if alone else counted(question.text, first)
                kind = [] if row else self._measures.attribute(whole[0].hit.reading, question)
                statements = [first, *kind, *(self._further(scored, question) for scored in chosen[1:])]
            return Draft(tuple(statements), whole[0].probability, related=_questions_of(whole[1:], [whole[0].hit.reading.answer]))
        return Draft((), whole[0].probability if whole else 0.0, related=_questions_of(whole, []))

    def _settling(self, asked: "_Asked") -> Scored | None:
        """The reading that surely sets side by side all that is asked: the best one, one that is surer and of no other years than those asked, or
        of those as likely that have a figure for each thing, year and aim asked for, which the best one has not, the one with the fewest."""
        if not asked.whole:
            return None
        first, *others = asked.whole[:MOST_LOOKED_AT]
        question = asked.question
        years, slots, things = set(question.years), wanted(question, self.present), len(each_of(question.text))
        # Of two things each has a figure for each of several years and aims.
        count = max(len(asked.facets), things * len(slots) if min(things, len(slots)) > 1 else 0)

        def compares(scored: Scored, at_least: float) -> bool:
            return scored.probability >= at_least and self._compares(scored.hit.reading, question, asked.query.text, count)

        def is_surer(scored: Scored) -> bool:
            return len(years) > 1 and years == set(scored.hit.reading.years) and scored.probability > first.probability

        def tells_all(reading: Reading) -> bool:
            return tells(reading, slots, self.present) and (len(slots) >= count or figures_for_all(reading, count))

        for scored in (first, *filter(is_surer, others[: MOST_OPERANDS - 1])):
            if compares(scored, SURE):
                return scored
        if len(slots) < 2 or tells_all(first.hit.reading):
            return None
        as_likely = max(ANSWERED, AS_GOOD * first.probability)
        telling = [one for one in others if tells_all(one.hit.reading) and compares(one, as_likely)]
        return min(telling, key=lambda one: len(numbers_of(one.hit.reading)), default=None)

    def _fuller(self, asked: "_Asked") -> Scored | None:
        """Of readings as likely as the best one that with its figures tells one for each of several amounts asked, which it does not."""
        first, *others = asked.whole[:MOST_OPERANDS]
        best, count = first.hit.reading, len(asked.facets)
        text = asked.question.text
        if count < 2 or not asks_for_amount(text) or asks_to_work_out(text) or best.leaves_out or figures_for_all(best, count):
            return None

        def tells_more(scored: Scored) -> bool:
            reading = scored.hit.reading
            as_likely = scored.probability >= max(ANSWERED, AS_GOOD * first.probability) and overlap(best, reading)
            compares = reading.leaves_out or reading.type in (ReadingType.COMPARE, ReadingType.AGGREGATE)
            return as_likely and not compares and numbers_of(best) < numbers_of(reading) and figures_for_all(reading, count)

        return next(filter(tells_more, others), None)

    def _tells_outcome(self, asked: "_Asked") -> bool:
        """Whether a question asks who is responsible and whether anything came of it, and the best reading surely tells both."""
        if asked.question.aim is not Aim.RESULT or not asks_yes_or_no(asked.question.text) or not asked.whole:
            return False
        best = asked.whole[0]
        return best.probability >= SURE and bool(self._retriever.lexicon.units_in(best.hit.reading.answer))

    def _tasks_behind(self, reading: Reading) -> list[Task]:
        """The tasks that a reading quotes."""
        found = (self._tasks.at(place.document_id, place.span.start) for place in reading.places)
        return [task for task in found if task]

    def _told_without_tasks(self, asked: "_Asked") -> bool:
        """Whether the best reading surely tells who is responsible for something that is no task."""
        best = asked.whole[0] if asked.whole else None
        tells = best is not None and best.probability >= SURE and best.hit.reading.type == ReadingType.RESPONSIBILITY
        return bool(best and tells and not self._tasks_behind(best.hit.reading))

    def _responsible_as_read(self, asked: "_Asked") -> Draft | None:
        """Who is responsible for the likeliest of the tasks that the readings found quote; None where units are not surely asked for."""
        best = asked.answering[0] if asked.answering else None
        told_otherwise = best and best.probability >= SURE and not self._tasks_behind(best.hit.reading)
        if not asks_for_units(asked.question.text) or told_otherwise:
            return None
        likely = [scored for scored in asked.answering[:MOST_LOOKED_AT] if scored.probability >= ANSWERED]
        behind = {task.number for scored in likely for task in self._tasks_behind(scored.hit.reading)}
        hits = self._retriever.tasks(asked.query, MOST_TASKS_READ, asked.documents)
        hit = next((hit for hit in hits if int(hit.reading.ref) in behind), None)
        task = self._tasks.by_number(int(hit.reading.ref), hit.reading.document_id) if hit else None
        if task is None:
            return None
        return Draft((responsible(task, asked.question, likely[0].probability),), likely[0].probability)

    def _by_year(self, asked: "_Asked") -> list[Statement]:
        """For each of several years of which several amounts are asked a reading that tells all of them; none where one year has no such reading."""
        facets = () if asks_to_work_out(asked.question.text) else by_year(asked.question.text)
        if not facets:
            return []
        statements = []
        for facet, query in zip(facets, self._retriever.queries([facet.text for facet in facets]), strict=True):
            own = _Asked(self, asked.question.about(facet.text, facet.years, facet.aim), query, asked.documents)
            best = next((one for one in own.answering[:MOST_OPERANDS] if set(one.hit.reading.years) <= set(facet.years)), None)
            if best is None or best.probability < FACET_ANSWERED or not figures_for_all(best.hit.reading, len(own.facets)):
                return []
            statements.append(as_statement(best.hit.reading, best.probability, facet.label))
        return statements

    def _over_years(self, asked: "_Asked") -> list[Statement]:
        """The values of an indicator in several years; of each of two where the same is asked of both and both are told."""
        told = self._told_over_years(asked)
        texts = each_of(asked.question.text) if len(wanted(asked.question, self.present)) > 1 else ()
        # The line of an indicator begins with its name and a colon, that of a difference does not.
        if len(texts) < 2 or sum("：" in statement.text for statement in told) >= len(texts):
            return told
        if self._tells_of_all(asked, len(texts)):
            return []
        each = zip(texts, things_of(asked.question.text), self._retriever.queries(texts), strict=True)
        of_each = [
            self._told_of(thing, _Asked(self, replace(asked.question, text=text), query, asked.documents)) for text, thing, query in each
        ]
        return [statement for statements in of_each for statement in statements] if all(of_each) else told

    def _told_of(self, thing: str, asked: "_Asked") -> list[Statement]:
        """The values of one of several things in several years: out of its series, else what answers the question asked of it alone."""
        told = self._told_over_years(asked)
        draft = Draft((), 0.0) if told else self._drafted(asked)
        if told or not draft.statements or draft.confidence < FACET_ANSWERED:
            return told
        return [replace(one, text=f"{thing}：{one.text}") for one in draft.statements[:1]] + list(draft.statements[1:])

    def _tells_of_all(self, asked: "_Asked", things: int) -> bool:
        """Whether a reading surely has a figure for each of so many things in each of the years, which it was written to set side by side."""
        slots = wanted(asked.question, self.present)
        return any(
            scored.probability >= SURE
            and scored.hit.reading.type in (ReadingType.COMPARE, ReadingType.AGGREGATE)
            and tells(scored.hit.reading, slots, self.present)
            and figures_for_all(scored.hit.reading, things * len(slots))
            for scored in asked.answering[:MOST_OPERANDS]
        )

    def _told_over_years(self, asked: "_Asked") -> list[Statement]:
        return self._over_slots(asked.question, asked)

    def _over_slots(self, question: Question, asked: "_Asked") -> list[Statement]:
        rewritten = self._retriever.lexicon.rewritten(question.text)
        return self._series.answer(question, asked.query.text, rewritten, asked.answering)

    def _both_stages(self, asked: "_Asked", best: Reading) -> list[Statement]:
        """What was planned for a year and what came of it, where the question asks for neither and the best reading tells what was planned."""
        if not _planned(best, asked.question):
            return []
        return self._over_slots(replace(asked.question, aim=Aim.BOTH), asked)

    def _plans_the_past(self, reading: Reading, question: Question) -> bool:
        """Whether a reading tells what was planned for a year that is over, of which neither plan nor result is asked for, and does not say so."""
        return bool(_planned(reading, question)) and question.years[0] < self.present and aim_of(reading.answer) is not Aim.TARGET

    def _compares(self, reading: Reading, question: Question, expanded: str, count: int) -> bool:
        """Whether a reading was written to set values side by side and has one for each of so many things, in the years asked for, those planned
        beside those that came of it."""
        slots = wanted(question, self.present)
        years, told = {*question.years, *(slot.year for slot in slots)}, set(reading.years)
        if reading.type not in (ReadingType.COMPARE, ReadingType.AGGREGATE) or not years <= told or (len(years) == 1 and not told <= years):
            return False
        of_each = len(slots) < 2 or tells(reading, slots, self.present)
        works_out = asks_to_work_out(question.text)
        result = works_out and gives_result(question.text, expanded, reading.answer)
        # The clause that asks for the result is a thing asked for, too.
        enough = figures_for_all(reading, count) or len(slots) >= max(2, count - result)
        return of_each and enough and (result or not works_out)

    def _over_records(self, question: Question) -> list[Statement]:
        """Statements for a question about tasks, headings or the rows of tables as a whole."""
        return (
            answer_from_tasks(question, self._tasks, self._retriever.lexicon)
            or answer_from_outline(question, self._outlines)
            or answer_from_indicators(question, self._outlines)
        )

    def likeliest(self, questions: Sequence[Question], priors: Sequence[float]) -> Question:
        """Of several things that may have been meant, the one that is answered most surely, weighed by its prior; the likeliest comes first."""
        if len(questions) == 1:
            return questions[0]
        best, most = questions[0], 0.0
        for question, prior in zip(questions, priors, strict=True):
            # Nothing is answered more surely than for sure.
            if prior <= most:
                break
            worth = prior * self._promise(question, self._retriever.query(question.text))
            if worth > most:
                best, most = question, worth
        return best

    def _promise(self, question: Question, query: Query) -> float:
        """How surely a question would be answered, 0 to 1, told before it is."""
        if self._over_records(question):
            return 1.0
        if question.ask is Ask.RESPONSIBLE:
            tasks = self._retriever.tasks(query, 1)
            return max(0.0, tasks[0].learnt) if tasks else 0.0
        scored = self.scored(question.text, question, query, ())
        if scored and scored[0].hit.reading.leaves_out and scored[0].probability >= SURE:
            return scored[0].probability
        return next((one.probability for one in scored if not one.hit.reading.leaves_out), 0.0)

    def _complete(self, question: Question, whole: Sequence[Scored], count: int) -> list[Scored]:
        """The best reading, and those that hold what it leaves out of a question for so many things."""
        chosen, several = [whole[0]], count > 1
        best, probability = whole[0].hit.reading, whole[0].probability
        if not several and probability >= ALONE and asks_for_one_amount(question.text) and numbers_of(best):
            return chosen
        if several and probability >= SURE_OF_ALL and not best.computed and numbers_of(best) and figures_for_all(best, count):
            return chosen
        wanted = {term: self._retriever.rarity(term) for term in bigrams(content_of(question.text))}
        total = sum(wanted.values()) or 1.0
        left = {term for term in wanted if term not in self._retriever.terms_of(whole[0].hit.reading)}
        said = normal(whole[0].hit.reading.answer).removesuffix("等")
        for scored in whole[1:8]:
            gained = {term for term in left if term in self._retriever.terms_of(scored.hit.reading)}
            answer = scored.hit.reading.answer
            if (
                len(answer) > (LONGEST_BESIDE if scored.hit.reading.via is not Via.STATEMENT else LONGEST_STATED - len(said))
                or says_again(said, normal(answer))
                or _same_figures(scored.hit.reading, [one.hit.reading for one in chosen])
                or any(are_opposed(scored.hit.reading, one.hit.reading) for one in chosen)
                or scored.hit.reading.type == best.type == ReadingType.YESNO
            ):
                continue
            if scored.probability >= ALSO_SAID and sum(wanted[term] for term in gained) / total >= GAIN and len(chosen) < MOST_STATEMENTS:
                chosen.append(scored)
                left -= gained
        not_all = several and not whole[0].hit.reading.elsewhere
        if len(chosen) == 1 and (not_all or whole[0].probability < SURE):
            chosen += self._others(question, whole, [whole[0].hit.reading], 1, MAYBE_A_PART if several else MAYBE)
        return chosen

    def _others(self, question: Question, whole: Sequence[Scored], said: Sequence[Reading], most: int, floor: float) -> list[Scored]:
        """The next best readings that say something new, where the best one is not sure enough to stand alone."""
        others: list[Scored] = []
        for scored in whole[:4]:
            reading, answer = scored.hit.reading, normal(scored.hit.reading.answer)
            known = [normal(other.answer) for other in (*said, *(o.hit.reading for o in others))]
            if (
                not any(says_again(answer, other) for other in known)
                and not _same_figures(reading, (*said, *(o.hit.reading for o in others)))
                and not any(are_opposed(reading, other) for other in (*said, *(o.hit.reading for o in others)))
                and (reading.type != ReadingType.YESNO or asks_yes_or_no(question.text))
                and scored.probability >= floor
                and len(reading.answer) <= LONGEST_FURTHER
                and len(others) < most
            ):
                others.append(scored)
        return others

    def _all_results(self, asked: "_Asked", found: int) -> Statement | None:
        """What surely gives all of the several results asked for, of which only so many were found otherwise."""
        question, count = asked.question, results_asked(asked.question.text)
        if count < 2 or found >= count or not asks_to_work_out(question.text):
            return None
        told = self._result(question, asked.query, asked.whole)
        return next((one for one in told if one.confidence >= SURE and results_told(one.text) >= count), None)

    def _result(self, question: Question, query: Query, whole: Sequence[Scored]) -> list[Statement]:
        """A sum or a difference that a reading found states, or that is worked out of the items of its answer which the question names."""
        likely = [
            as_statement(scored.hit.reading, scored.probability)
            for scored in whole[: MOST_OPERANDS if results_asked(question.text) < 2 else MOST_LOOKED_AT]
            if not scored.hit.reading.leaves_out and scored.probability >= max(RESULT, AS_LIKELY * whole[0].probability)
        ]
        surest = [one for one in likely if one.confidence >= STATED * whole[0].probability]
        stated = [one for one in surest if gives_result(question.text, query.text, one.text)]
        for_all = [one for one in stated if results_told(one.text) >= results_asked(question.text)]
        if results_asked(question.text) > 1 and not for_all:
            for_all = [one for one in surest if gives_results(question.text, query.text, one.text)]
        if TWO_WORKED_OUT.search(query.text):
            # An answer that has an amount for each of the two is the one that is meant, however it is asked for.
            likely += [
                as_statement(scored.hit.reading, scored.probability)
                for scored in whole[:MOST_LOOKED_AT]
                if not scored.hit.reading.leaves_out and OPERANDS_AT_LEAST <= scored.probability < RESULT
            ]
        worked = (worked_out_of_items(question.text, query.text, statement) for statement in likely)
        return next((statements for statements in [*([one] for one in for_all or stated), *worked] if statements), [])

    def _further(self, scored: Scored, question: Question) -> Statement:
        """A reading said beside another: by its stretch, which names what it is about, where that is short."""
        reading = scored.hit.reading
        row = self._rows(reading, question)
        level = MUNICIPAL if MUNICIPAL in reading.question and MUNICIPAL not in reading.answer and not _SCOPE.search(question.text) else ""
        statement = row or as_statement(reading, scored.probability, level)
        quote = "".join("".join(reading.quotes).split()).strip("，。；、")
        if row is None and len(quote) <= LONGEST_FURTHER and normal(reading.answer) in normal(quote):
            return replace(statement, text=quote)
        return statement

    def _responsible(self, question: Question, query: Query, documents: Sequence[str]) -> Draft | None:
        """Who is responsible for the task that is meant, or for each of those that the sentences of a question ask for."""
        sentences = sentences_of_tasks(question)
        asked = zip(sentences, self._retriever.queries([one.text for one in sentences]), strict=True)
        drafts = [self._responsible_for(*one, documents) for one in asked]
        found = [draft for draft in drafts if draft]
        if len(found) < max(2, len(sentences)):
            return self._responsible_for(question, query, documents) or self._responsible_for_matter(question, documents)
        statements = tuple(statement for draft in found for statement in draft.statements)
        return Draft(statements, min(draft.confidence for draft in found), len(statements))

    def _responsible_for_matter(self, question: Question, documents: Sequence[str]) -> Draft | None:
        """The same where only one clause of a question names the matter, told by that clause alone."""
        matters = matters_in(question.text)
        drafts = [
            self._responsible_for(replace(question, text=f"{matter}由谁负责"), query, documents, whole=asks_for_amount(question.text))
            for matter, query in zip(matters, self._retriever.queries(matters), strict=True)
        ]
        return max((draft for draft in drafts if draft and draft.confidence >= TASK_FITS), key=lambda draft: draft.confidence, default=None)

    def _responsible_for(self, question: Question, query: Query, documents: Sequence[str], whole: bool = False) -> Draft | None:
        """Who is responsible for the task that is meant, told behind its words, the `whole` of them or cut short; None where none fits."""
        named = amounts_in(question.text)
        hits = sorted(
            self._retriever.tasks(query, 5, documents),
            key=lambda hit: -(hit.cosine + _year_bonus(question, hit.reading) + _figure_bonus(named, hit.reading)),
        )
        task = self._tasks.by_number(int(hits[0].reading.ref), hits[0].reading.document_id) if hits else None
        if task is None or (hits[0].cosine < TASK_FITS and hits[0].learnt < TASK_FITS_AS_LEARNT):
            return None
        if not asks_for_units(question.text):
            others = self._retriever.readings(query, 1, documents)
            if others and others[0].cosine > hits[0].cosine:
                return None
        related = tuple(f"“{hit.reading.question}”由谁牵头？" for hit in hits[1:4])
        return Draft((responsible(task, question, hits[0].cosine, whole=whole),), hits[0].cosine, related=related)

    def _several(self, asked: "_Asked") -> Draft | None:
        """One statement for each thing asked, in the question's order; None when fewer than two are found."""
        question, facets, whole = asked.question, asked.facets, asked.whole
        found = [(facet, scored) for facet, scored in zip(facets, asked.parts, strict=True) if scored]
        pairs = (opposed if question.ask is Ask.DIFFERENCE else apart)(found)
        sure = [pair for pair in pairs if pair[1].probability >= (FACET_ANSWERED if len(pairs) == 1 else FACET_ALSO)]
        surest = max((scored.probability for _, scored in sure), default=0.0)
        if surest < FACET_ANSWERED:
            return None
        unsaid = [as_statement(s.hit.reading, s.probability) for _, s in sure if s.hit.reading.leaves_out]
        if len(unsaid) == len(sure):
            if _is_answered(question, whole):
                return None
            told = all(_asks_for(question, scored.hit) for _, scored in sure)
            return _left_out(unsaid if told else [], _questions_of(whole, []))
        if unsaid and all(scored.probability < SURE for _, scored in sure if not scored.hit.reading.leaves_out):
            # What is found for the other things asked is hardly of the thing of which this is left out.
            of_it = [scored for _, scored in sure if scored.hit.reading.leaves_out and _asks_for(question, scored.hit)]
            return _left_out([as_statement(scored.hit.reading, scored.probability) for scored in of_it], _questions_of(whole, []))
        whole = asked.answering
        sure = told_once(sure)
        served: dict[str, list[Facet]] = defaultdict(list)
        for facet, scored in sure:
            served[scored.hit.reading.id].append(facet)
        sure = [(facet, _uncut(scored) if len(served[scored.hit.reading.id]) > 1 else scored) for facet, scored in sure]
        if len(served) == 1:
            best = sure[0][1]
            parts = [as_statement(best.hit.reading, scored.probability, facet.label) for facet, scored in sure]
            results = worked_out(question.text, parts) if len(parts) > 1 else []
            results = results or worked_out(question.text, [as_statement(best.hit.reading, best.probability)])
            if results:
                return Draft((as_statement(best.hit.reading, best.probability), *results), best.probability, 4)
            if len(sure) == 1 and whole:
                return None
            reading = best.hit.reading
            rows = self._rows(reading, question.about(question.text, sure[0][0].years, Aim.ANY if len(sure) > 1 else question.aim))
            alone = rows or self._alone(as_statement(reading, surest), reading, question, len(facets))
            return Draft((alone,), surest, 4)
        statements = [
            self._rows(s.hit.reading, question.about(question.text, f.years, f.aim))
            or _together(
                f, asked, counted(f.text, as_statement(s.hit.reading, s.probability, f.label if len(served[s.hit.reading.id]) == 1 else ""))
            )
            for f, s in sure
            if s.hit.reading.via is Via.MEASURE or served[s.hit.reading.id][0] is f
        ]
        results = worked_out(question.text, statements) if min(s.probability for _, s in sure) >= OPERAND_SURE else []
        if (
            not results
            and whole
            and whole[0].probability >= max(SURE, surest - AT_ONCE)
            and names_several(whole[0].hit.reading, len(facets))
        ):
            return None
        if not results and len(sure) < len(facets):
            spoken = [scored.hit.reading for _, scored in sure]
            results = [self._further(scored, question) for scored in self._others(question, whole, spoken, MOST_FURTHER, MAYBE_A_PART)]
        statements += results
        confidence = min(scored.probability for _, scored in sure) if len(sure) == len(facets) else min(ANSWERED, sure[0][1].probability)
        return Draft(tuple(statements), confidence, sum(len(s.evidence) for s in statements))

    def _alone(self, statement: Statement, reading: Reading, question: Question, parts: int) -> Statement:
        """A reading's statement as it stands alone in an answer to a question of so many parts: counted, or in its context."""
        listed = counted(question.text, statement)
        return listed if listed is not statement else in_context(statement, reading, question, self._clause(reading), parts)

    def _clause(self, reading: Reading) -> Clause | None:
        """The clause that a reading stands in; none for a row of a table, and where a page number stands in its midst."""
        place = reading.places[0] if reading.places else None
        number = self._retriever.passage_at(place.document_id, place.span.start) if place else None
        if place is None or number is None:
            return None
        passage = self._retriever.index.all_passages[number]
        within = Span(min(place.span.start, passage.spans[0].start), max(place.span.end, passage.spans[-1].end))
        clause = clause_around(self._retriever.text_of(place.document_id), within, place.span)
        return clause if passage.kind is not PassageKind.TABLE_ROW and normal(clause.text) in normal(passage.text) else None

    def _rows(self, reading: Reading, question: Question) -> Statement | None:
        """The statement of an indicator's cells that a question asks for, where the reading is one of a table."""
        return self._measures.statement(reading, question) if reading.via is Via.MEASURE else None

    def scored(self, text: str, question: Question, query: Query, documents: Sequence[str]) -> list[Scored]:
        """The readings found, and what documents that nobody has read state, best first, each with the probability that it answers."""
        found = self._retriever.readings(query, CANDIDATES, documents)
        ranked = self._rankers.readings.rank(text, question, self._borne(text, question, query, found), self.present)
        read = _whole_list_first(text, _whole_city_first(text, _result_first(question, _sound_first(ranked))))
        stated = self._stated(query, asks_for_one_amount(question.text) and not _SEVERAL.search(question.text), documents)
        if not stated:
            return read
        return _surest_first(read, self._rankers.statements.rank(text, question, self._borne(text, question, query, stated), self.present))

    def _stated(self, query: Query, one_amount: bool, documents: Sequence[str]) -> list[ReadingHit]:
        return self._retriever.statements(query, self._unread, documents, one_amount) if self._unread else []

    def prepare(self, goes_on: Callable[[], bool]) -> None:
        """Computes ahead what the statements of documents that nobody has read are compared by, as long as `goes_on` says so."""
        self._retriever.prepare(sorted(self._unread), goes_on)

    def _relevant(self, whole: Sequence[Scored]) -> float:
        """The probability that a question concerns the documents, told by what was found for it."""
        kinds = zip((self._rankers.readings, self._rankers.statements), _by_kind(whole), strict=True)
        return max(ranker.relevant(found) for ranker, found in kinds if found)

    def ranked_parts(
        self, question: Question, facets: Sequence[Facet], whole: Sequence[Scored], documents: Sequence[str]
    ) -> list[list[Scored]]:
        """For each of the things asked what was found for it or for the whole question, best first."""
        queries = self._retriever.queries([facet.text for facet in facets])
        asked = [(facet, question.about(facet.text, facet.years, facet.aim), query) for facet, query in zip(facets, queries, strict=True)]
        whole_read, whole_stated = _by_kind(whole)
        own = [self._retriever.readings(query, CANDIDATES, documents) for query in queries]
        read = self._ranked_parts(self._rankers.readings, asked, own, whole_read)
        if not self._unread:
            return read
        own = [self._stated(query, bool(_AMOUNT.search(question.text)), documents) for query in queries]
        stated = self._ranked_parts(self._rankers.statements, asked, own, whole_stated)
        return [_surest_first(*found) for found in zip(read, stated, strict=True)]

    def _ranked_parts(
        self,
        ranker: Ranker,
        asked: Sequence[tuple[Facet, Question, Query]],
        found: Sequence[Sequence[ReadingHit]],
        whole: Sequence[Scored],
    ) -> list[list[Scored]]:
        """Of one kind, for each of the things asked, what was found for it or for the whole question, best first."""
        parts = []
        for (facet, question, query), own in zip(asked, found, strict=True):
            known = {hit.reading.id for hit in own}
            more = self._retriever.fitted(query, [s.hit for s in whole[:FROM_WHOLE] if s.hit.reading.id not in known])
            hits = tuple(hit for hit in self._borne(facet.text, question, query, [*own, *more]) if fits(facet, hit.reading))
            parts.append(Part(facet.text, question, hits))
        ranked = ranker.rank_parts(parts, whole, self.present)
        return [_whole_city_first(part.text, own) for part, own in zip(parts, ranked, strict=True)]

    def _borne(self, text: str, question: Question, query: Query, found: Sequence[ReadingHit]) -> list[ReadingHit]:
        """Those of the readings found that what is asked does not rule out, each with what speaks against it."""
        names = [name for name in self._retriever.names_in(without_left_out(text)) if name not in self._retriever.lexicon.synonyms]
        named = (*names, *(_offices(question) if question.ask is not Ask.RESPONSIBLE else ()))
        around = self._retriever.around
        against = [conflicts(query.text, question.years, named, hit.reading, around) for hit in found]
        return [
            replace(hit, reading=with_verdict(text, hit.reading), conflicts=some)
            for hit, some in zip(found, against, strict=True)
            if not rules_out(some)
        ]


class _Asked:
    """A question that is being answered, and what is found for it, each at most once: the readings for the whole of it, the things that it asks,
    and the readings for each of these."""

    def __init__(self, answerer: Answerer, question: Question, query: Query, documents: Sequence[str]) -> None:
        self.question = question
        self.query = query
        self.documents = documents
        self._answerer = answerer

    @cached_property
    def whole(self) -> list[Scored]:
        return self._answerer.scored(self.question.text, self.question, self.query, self.documents)

    @property
    def answering(self) -> list[Scored]:
        """Those for the whole of it that do not only tell what the documents leave out."""
        return [scored for scored in self.whole if not scored.hit.reading.leaves_out]

    @cached_property
    def facets(self) -> tuple[Facet, ...]:
        facets = facets_of(bare(self.question.text), self._answerer.present)
        places = outside_places_in(self.question.text)
        if len(places) != 1:
            return facets
        return tuple(facet if places_in(facet.text) else replace(facet, text=places[0] + facet.text) for facet in facets)

    def narrowed(self, statement: Statement) -> Statement:
        """A statement without what it tells of other things than those asked for."""
        return narrowed(self.question.text, self.query.text, len(self.facets), statement)

    @cached_property
    def parts(self) -> list[list[Scored]]:
        return self._answerer.ranked_parts(self.question, self.facets, self.whole, self.documents)


def _uncut(scored: Scored) -> Scored:
    """A statement that answers several things asked as it stands, not cut to what tells one of them."""
    reading = scored.hit.reading
    if reading.via is not Via.STATEMENT:
        return scored
    return replace(scored, hit=replace(scored.hit, reading=replace(reading, answer=reading.question)))


def _by_kind(found: Sequence[Scored]) -> tuple[list[Scored], list[Scored]]:
    """The readings among what was found, and the statements, each in their order."""
    stated = [scored for scored in found if scored.hit.reading.via is Via.STATEMENT]
    return [scored for scored in found if scored.hit.reading.via is not Via.STATEMENT], stated


def _surest_first(read: Sequence[Scored], stated: Sequence[Scored]) -> list[Scored]:
    """Readings and statements together; those of each kind stay in their order where they are equally sure."""
    return sorted((*read, *stated), key=lambda scored: -scored.probability)


def _borne_out(statements: Sequence[Statement], asked: _Asked) -> tuple[Statement, ...]:
    """The statements over tables and headings, the first one citing also the prose that says the same, where there is some."""
    if _cites_tasks(statements):
        return tuple(statements)
    first, *others = statements
    said = normal("".join(statement.text for statement in statements))
    for scored in asked.whole[:3]:
        reading = scored.hit.reading
        same = normal(reading.answer).rstrip("。") in said or alike(reading.answer, first.text) >= SAME_ANSWER
        if same and reading.via is Via.READING and scored.probability >= ANSWERED_IN_PART:
            prose = as_statement(reading, scored.probability).evidence
            return (replace(first, evidence=(*prose, *first.evidence)), *others)
    return tuple(statements)


def _together(facet: Facet, asked: _Asked, statement: Statement) -> Statement:
    """An answer to one of several things; where this asks for a sum, what those of its items come to that the question names."""
    results = worked_out_of_items(facet.text, asked.query.text, statement)
    return results[0] if len(results) == 1 else statement


def _cites_tasks(statements: Sequence[Statement]) -> bool:
    return any(evidence.via is CitationVia.TASK for statement in statements for evidence in statement.evidence)


def _completed(draft: Draft, asked: _Asked) -> Draft:
    """A draft with what answers those of several things asked of which it has no figure."""
    told_whether = draft.confidence >= SURE and _WHETHER_SAME.search(asked.question.text)
    if not draft.statements or draft.confidence == 1.0 or told_whether or len(asked.facets) < 2:
        return draft
    of_tasks = _cites_tasks(draft.statements)
    wanted = [number for number, facet in enumerate(asked.facets) if not of_tasks or _asks_for_result(facet)]
    if not wanted:
        return draft
    told = "；".join(statement.text for statement in draft.statements)
    worked_out_already = any(shows_result(statement.text) for statement in draft.statements)
    if worked_out_already and asked.question.ask is Ask.DIFFERENCE and len(asked.facets) == 2:
        return draft  # How far two things lie apart is told with both of them.
    said = numbers_in(told)
    added: list[Statement] = []
    for facet, ranked in ((asked.facets[number], asked.parts[number]) for number in wanted):
        best = ranked[0] if ranked and not (worked_out_already and asks_to_work_out(facet.label)) else None
        if best is None or best.hit.reading.leaves_out or best.probability < COMPLETES or _plans_unasked(best.hit.reading, facet):
            continue
        figures = numbers_of(best.hit.reading)
        tells_whether = of_tasks and not figures and asks_yes_or_no(facet.text)
        if (tells_whether or (figures and not figures & said)) and len(added) < MOST_FURTHER and not rounds(told, best.hit.reading.answer):
            added.append(as_statement(best.hit.reading, best.probability, facet.label))
            said |= figures
    return replace(draft, statements=(*draft.statements, *added)) if added else draft


def _sets_all_side_by_side(scored: Scored, question: Question, count: int) -> bool:
    """Whether a reading over several documents has a figure for each of so many things asked, or surely says whether the documents agree, which is
    asked."""
    reading = scored.hit.reading
    says_whether = reading.type == ReadingType.YESNO and scored.probability >= SURE and _WHETHER_SAME.search(question.text)
    return bool(reading.elsewhere) and (bool(says_whether) or figures_for_all(reading, count))


def _same_figures(reading: Reading, said: Sequence[Reading]) -> bool:
    """Whether a reading has several figures, all of which were said, and not to work something out of them."""
    figures = numbers_of(reading)
    return len(figures) > 1 and figures <= frozenset(number for other in said if not other.computed for number in numbers_of(other))


def _asks_for_result(facet: Facet) -> bool:
    """Whether one of several things asks how much came of something, or whether anything did, which no task tells."""
    asks = asks_for_amount(facet.text) or asks_yes_or_no(facet.text)
    return facet.aim is Aim.RESULT and asks and not asks_for_units(facet.text)


def _plans_unasked(reading: Reading, facet: Facet) -> bool:
    """Whether a reading tells what was planned, where one of several things does not ask for that."""
    return aim_of(reading.question) is Aim.TARGET and facet.aim in (Aim.ANY, Aim.RESULT)


def _asks_for(question: Question, hit: ReadingHit) -> bool:
    """Whether a reading of what the documents leave out speaks of the thing, the years and the places that are asked for."""
    own = "".join((*hit.reading.wordings, hit.reading.answer))
    of_it = set(question.years) <= set(hit.reading.years) and all(place in own for place in places_in(question.text))
    return of_it and hit.overlap >= OF_THE_THING


def _led_by(first: Scored, ranked: list[Scored]) -> list[Scored]:
    """The readings ranked with one of them before the others."""
    return [first, *(other for other in ranked if other is not first)]


def _result_first(question: Question, ranked: list[Scored]) -> list[Scored]:
    """The readings ranked, with what came of a thing in a year before what was planned for it and is hardly likelier, where neither is asked for."""
    planned = _planned(ranked[0].hit.reading, question) if ranked else []
    for scored in ranked[1:MOST_LOOKED_AT] if planned else []:
        told = _told(scored.hit.reading, MeasureKind.ACTUAL, question)
        same = any(_is_the_same(one, other) for one in planned for other in told)
        if same and scored.probability >= AS_GOOD * ranked[0].probability:
            return _led_by(scored, ranked)
    return ranked


def _whole_city_first(text: str, ranked: list[Scored]) -> list[Scored]:
    """The readings ranked, with what is told of the whole city before the same of the municipal level, which is hardly likelier, where a text names
    neither."""
    if not ranked or MUNICIPAL not in ranked[0].hit.reading.question or _SCOPE.search(text):
        return ranked
    first = ranked[0]
    for scored in ranked[1:MOST_LOOKED_AT]:
        of_city = WHOLE_CITY in scored.hit.reading.question and MUNICIPAL not in scored.hit.reading.question
        if of_city and _asks_the_same(first, scored) and scored.probability >= AS_GOOD * first.probability:
            return _led_by(scored, ranked)
    return ranked


def _whole_list_first(text: str, ranked: list[Scored]) -> list[Scored]:
    """The readings ranked, with a list before a part of it ("江北区的有哪些") that is hardly likelier, where a text does not ask for that part."""
    if not ranked:
        return ranked
    best = ranked[0].hit.reading
    part, asked = _listed(best), frozenset(bigrams(content_of(text)))
    named = asked & frozenset(bigrams(content_of(best.question)))
    for scored in ranked[1:MOST_LOOKED_AT] if part else []:
        other = scored.hit.reading
        # A reading that lists other things beside has them behind a semicolon.
        longer = part < _listed(other) and other.answer.count("；") <= best.answer.count("；") and overlap(best, other)
        as_likely = scored.probability >= AS_GOOD * ranked[0].probability
        if longer and as_likely and named <= frozenset(bigrams(content_of(other.question))):
            return _led_by(scored, ranked)
    return ranked


def _listed(reading: Reading) -> frozenset[str]:
    """The things that a reading lists, each as it is searched for; none for one that only tells figures, or what is left out."""
    if reading.leaves_out or reading.type not in (ReadingType.LIST, ReadingType.ENTITY):
        return frozenset()
    pieces = (normal(piece) for piece in pieces_of(reading.answer.removesuffix("等")))
    return frozenset(piece for piece in pieces if piece and not re.search(r"\d", piece))


def _asks_the_same(first: Scored, other: Scored) -> bool:
    """Whether the question of a reading of the municipal level is that of another one, asked of the whole city."""
    return alike(first.hit.reading.question.replace(MUNICIPAL, WHOLE_CITY), other.hit.reading.question) >= SAME_THING


def _planned(reading: Reading, question: Question) -> list[StatedMeasure]:
    """What a reading tells as planned for the year that is asked for, where neither plan nor result is."""
    return _told(reading, MeasureKind.TARGET, question) if question.aim is Aim.ANY else []


def _told(reading: Reading, kind: MeasureKind, question: Question) -> list[StatedMeasure]:
    """The values that a reading tells, where all are of one kind and of the year that is asked for."""
    of_kind = all(measure.kind is kind and (measure.year,) == question.years for measure in reading.measures)
    return list(reading.measures) if of_kind else []


def _is_the_same(one: StatedMeasure, other: StatedMeasure) -> bool:
    """Whether two values are of one thing, which one of them may name at greater length."""
    first, second = set(one.indicator), set(other.indicator)
    longer = first <= second or second <= first
    return longer or (one.unit == other.unit and alike(one.indicator, other.indicator) >= SAME_INDICATOR)


def _sound_first(ranked: list[Scored]) -> list[Scored]:
    """The readings ranked, with one that nothing speaks against and that is sure before one that something speaks against and that is unlikely."""
    if not ranked or not ranked[0].hit.conflicts or ranked[0].probability >= ANSWERED:
        return ranked
    sound = (one for one in ranked[1:MOST_OPERANDS] if not one.hit.conflicts and not one.hit.reading.leaves_out and one.probability >= SURE)
    first = next(sound, None)
    return _led_by(first, ranked) if first else ranked


def _is_answered(question: Question, whole: Sequence[Scored]) -> bool:
    """Whether a question that may ask for what the documents leave out is answered by another reading all the same."""
    likeliest = next((scored.probability for scored in whole if not scored.hit.reading.leaves_out), 0.0)
    if asks_yes_or_no(question.text) and likeliest >= SURE:
        return True
    enough = WHETHER_ALL_THE_SAME if asks_yes_or_no(question.text) else ANSWERED_ALL_THE_SAME
    return likeliest >= enough and whole[0].probability < SURELY_LEFT_OUT


def _sure_as_a_part(asked: _Asked) -> Scored | None:
    """The reading that answers the one thing asked, where what is found for it as for one of several things is sure, and not that it is left out."""
    best = asked.parts[0][0] if asked.parts and asked.parts[0] else None
    unsaid = bool(asked.whole) and asked.whole[0].hit.reading.leaves_out and asked.whole[0].probability >= SURELY_LEFT_OUT
    return best if best and best.probability >= ALONE and not best.hit.reading.leaves_out and not unsaid else None


def _left_out(unsaid: Sequence[Statement], related: tuple[str, ...]) -> Draft:
    """Nothing to say, and what of the question the documents are known not to say."""
    distinct = tuple({statement.text: statement for statement in unsaid}.values())
    return Draft((), 0.0, related=related, left_out=distinct)


def _questions_of(found: Sequence[Scored], said: Sequence[str]) -> tuple[str, ...]:
    """The questions of the best readings that say something else than the answers `said` and than each other."""
    known = list(map(normal, said))
    questions: list[str] = []
    for scored in found[:MOST_LOOKED_AT]:
        answer = normal(scored.hit.reading.answer)
        if scored.hit.reading.leaves_out or scored.hit.reading.via is Via.STATEMENT:
            continue
        if len(questions) < MOST_RELATED and not any(says_again(answer, other) for other in known):
            known.append(answer)
            questions.append(scored.hit.reading.question)
    return tuple(questions)


def _offices(question: Question) -> tuple[str, ...]:
    """The units of government a question names; not those that govern a place, whose name may mean the place itself."""
    if _SPOKEN_BY.search(question.text):
        return ()
    return tuple(unit for unit in question.units if not unit.endswith(("政府", "管委会")))


def _year_bonus(question: Question, reading: Reading) -> float:
    """What a task gains by being of the year that is asked for, and loses by being of another."""
    if not question.years or not reading.years:
        return 0.0
    return YEAR_OF_TASK if set(question.years) & set(reading.years) else -YEAR_OF_TASK


def _figure_bonus(named: Sequence[Figure], reading: Reading) -> float:
    """What a task gains by holding the amounts that a question names."""
    return FIGURE_OF_TASK if named and holds("".join(reading.quotes), named) else 0.0
