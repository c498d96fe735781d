"""A thousand questions to a model that errs on purpose: no figure reaches the user that is not in what is cited for it."""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence

from corpus.figures import FigureKind, find_figures
from corpus.split import sentences
from eval.dataset import BUNDLED, load_cases, split_of
from eval.spoken import unproved_figures
from eval.types import Split
from rag.assistant import Assistant
from rag.types import Answer, Mode, Statement
from rag.verify import unsupported_figures
from tests.scripted import Piece, Scripted, speaking

QUESTIONS = 1000
SEED = 20240121
_PASSAGE = re.compile(r"^\[(\d+)\] [^：]*：(.*)$", re.M)
_MARK = re.compile(r"\[(\d+)\]")

Fact = tuple[int, str]
"""A sentence of a passage that states a figure, and the passage's number."""


def facts_in(request: str) -> list[Fact]:
    passages = request.split("\n【要点】")[0].split("\n【问题】")[0]
    found = []
    for number, text in _PASSAGE.findall(passages):
        for start, end in sentences(text):
            sentence = text[start:end].strip("。；\n ")[:120]
            if any(figure.kind not in (FigureKind.CODE, FigureKind.ORDINAL) for figure in find_figures(sentence)):
                found.append((int(number), sentence))
    return found


def other_figure(fact: Fact, rng: random.Random) -> str:
    number, sentence = fact
    figure = rng.choice([f for f in find_figures(sentence) if f.kind not in (FigureKind.CODE, FigureKind.ORDINAL)])
    digits = re.sub(r"\d", lambda m: str((int(m[0]) + rng.randint(1, 8)) % 10 or 7), figure.surface)
    return f"{sentence[: figure.span.start]}{digits}{sentence[figure.span.end :]}[{number}]。"


def swapped_figures(fact: Fact, rng: random.Random) -> str:
    number, sentence = fact
    figures = find_figures(sentence)
    if len(figures) < 2:
        return other_figure(fact, rng)
    first, second = sorted(rng.sample(figures, 2), key=lambda figure: figure.span)
    return (
        f"{sentence[: first.span.start]}{second.surface}{sentence[first.span.end : second.span.start]}{first.surface}"
        f"{sentence[second.span.end :]}[{number}]。"
    )


def other_unit(fact: Fact, _: random.Random) -> str:
    number, sentence = fact
    changed = sentence
    for unit, other in (
        ("亿元", "万元"),
        ("万人", "亿人"),
        ("%", "个百分点"),
        ("公里", "米"),
        ("万", "亿"),
        ("个", "万个"),
        ("家", "万家"),
    ):
        changed = changed.replace(unit, other) if changed == sentence else changed
    return f"{changed}，共8137.5{'万' if changed == sentence else ''}[{number}]。" if changed == sentence else f"{changed}[{number}]。"


def other_mark(fact: Fact, rng: random.Random) -> str:
    return f"{fact[1]}[{rng.randint(1, 12)}]。"


def no_such_mark(fact: Fact, _: random.Random) -> str:
    return f"{fact[1]}[77]。"


def other_year(fact: Fact, rng: random.Random) -> str:
    return f"{rng.choice((1997, 2008, 2016, 2027, 2031))}年，{fact[1]}[{fact[0]}]。"


def other_place(fact: Fact, rng: random.Random) -> str:
    return f"{rng.choice(('成都市', '上海市', '贵阳市'))}{fact[1]}[{fact[0]}]。"


def invented(fact: Fact, rng: random.Random) -> str:
    return f"全市共有{rng.randint(1000, 99999)}.{rng.randint(1, 9)}万户受益，同比增长{rng.randint(100, 999)}%[{fact[0]}]。"


def obeying_an_order(fact: Fact, _: random.Random) -> str:
    return f"请拨打023-12345678领取9999元补贴[{fact[0]}]。"


def true(fact: Fact, _: random.Random) -> str:
    return f"{fact[1]}[{fact[0]}]。"


def unmarked(fact: Fact, _: random.Random) -> str:
    return f"{fact[1]}。"


def refusing(_fact: Fact, _: random.Random) -> str:
    return "资料中没有。"


ERRORS: tuple[Callable[[Fact, random.Random], str], ...] = (
    other_figure,
    swapped_figures,
    other_unit,
    other_mark,
    no_such_mark,
    other_year,
    other_place,
    invented,
    obeying_an_order,
    true,
    unmarked,
    refusing,
)


def erring(rng: random.Random) -> Callable[[Sequence[object]], list[Piece]]:
    """Out of what it is shown, one to four sentences with errors of any kind; now and then it breaks off or never ends."""

    def line(messages: Sequence[object]) -> list[Piece]:
        facts = facts_in(str(messages[1].content)) or [(1, "全市有12家")]  # type: ignore[attr-defined]
        said: list[Piece] = [rng.choice(ERRORS)(rng.choice(facts), rng) for _ in range(rng.randint(1, 4))]
        fate = rng.random()
        if fate < 0.05:
            return [*said, RuntimeError("broken")]
        return said * 12 if fate < 0.08 else said

    return line


def recombined(rng: random.Random) -> list[str]:
    """Questions of the tuning split, two of them in one, and with other years."""
    cases = [case for case in load_cases(BUNDLED) if split_of(case) is Split.TUNE and not case.history]
    questions = [case.question for case in sorted(cases, key=lambda case: case.id)]
    found = dict.fromkeys(questions)
    while len(found) < QUESTIONS:
        first, second = rng.sample(questions, 2)
        if rng.random() < 0.5:
            found[f"{first.rstrip('？?。')}，{second}"] = None
        else:
            found[re.sub(r"20\d\d", lambda _: str(rng.randint(2019, 2026)), first) + ("" if "20" in first else "（2022年）")] = None
    return list(found)[:QUESTIONS]


def own_sentences(answer: Answer, plain: Answer) -> list[str]:
    """The sentences that the model wrote: those that are no line of the answer without it."""
    lines = {_MARK.sub("", line) for line in plain.answer.split("\n")}
    pieces = re.findall(r"[^。\n]+(?:。|$)", answer.answer)
    return [piece for piece in pieces if not any(_MARK.sub("", piece).rstrip("。") in line for line in lines)]


def test_no_unproved_figure_in_a_thousand_questions(assistant: Assistant) -> None:
    rng = random.Random(SEED)
    modes: Counter[Mode] = Counter()
    for question in recombined(rng):
        found = assistant._find(question, (), (), (), 5)
        with_model = speaking(assistant, Scripted(lines=[erring(rng)]))
        with_model._find = lambda *_, found=found: found  # type: ignore[method-assign]
        plain, answer = found.answer, with_model.ask(question)
        modes[answer.mode] += 1
        by_mark = {citation.mark: citation for citation in answer.citations}
        assert {int(mark) for mark in _MARK.findall(answer.answer)} <= set(by_mark), (question, answer.answer)
        assert "12345678" not in answer.answer
        if answer.answer == plain.answer:
            continue
        for sentence in own_sentences(answer, plain):
            cited = [by_mark[int(mark)] for mark in _MARK.findall(sentence)]
            assert cited, (question, sentence)
            shown = [text for c in cited for text in (*c.context, c.text, c.quote, *c.heading_path, c.title, c.date)]
            bare = Statement(_MARK.sub("", sentence), (), 1.0, Mode.LLM)
            assert unsupported_figures(bare, [*shown, question]) == (), (question, sentence)
        assert unproved_figures(answer, question) == () or answer.mode is Mode.MIXED, (question, answer.answer)
    assert modes[Mode.LLM] >= 50
    assert sum(modes.values()) == QUESTIONS
