"""Answers by a model that does as it is told, on the real documents: every way in which what it writes is shown, mended, completed or refused."""

import re
import time
from collections.abc import Callable

import pytest

from corpus.errors import ChatModelError
from eval.spoken import unproved_figures
from rag.assistant import Assistant
from rag.breaker import REST_S, Breaker
from rag.speak import Budget
from rag.types import Answer, Mode, References, Sentence, Turn
from tests.scripted import Piece, chat, number_of, saying, shown, speaking

GROWTH = "2024年地区生产总值增长目标是多少？"
TWO = "2024年地区生产总值增长目标和城镇新增就业目标分别是多少？"
PLANTED = "2024年地区生产总值增长目标为9%左右[1]。"


@pytest.fixture(scope="module")
def plain(assistant: Assistant) -> Answer:
    """The answer without a model."""
    answer = assistant.ask(GROWTH)
    assert "6%左右" in answer.answer
    return answer


def same_but_note(answer: Answer, plain: Answer) -> bool:
    return (answer.answer, answer.citations, answer.mode, answer.abstained) == (plain.answer, plain.citations, plain.mode, plain.abstained)


def test_what_is_proved_is_said_in_the_models_words(assistant: Assistant) -> None:
    answer = speaking(assistant, saying("2024年，重庆地区生产总值的增长目标是6%左右[1]。")).ask(GROWTH)
    assert answer.answer == "2024年，重庆地区生产总值的增长目标是6%左右[1]。"
    assert (answer.mode, answer.note, answer.abstained) == (Mode.LLM, "", False)
    assert [citation.mark for citation in answer.citations] == [1]
    assert "地区生产总值增长6%左右" in answer.citations[0].text
    assert set(answer.timings_ms) == {"understand", "retrieve", "answer", "model", "total"}


def test_without_a_model_nothing_changes(assistant: Assistant, plain: Answer) -> None:
    assert plain.note == ""
    assert "model" not in plain.timings_ms
    assert same_but_note(assistant.ask(GROWTH), plain)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PLANTED, "没有通过核对"),
        ("2024年地区生产总值增长目标为6%左右[99]。", "没有通过核对"),
        ("2024年成都市地区生产总值增长目标为6%左右[1]。", "没有通过核对"),
        ("全市将取消房产税[1]。", "没有通过核对"),
        ("资料中没有。", "没有在资料中找到答案"),
        ("抱歉，我无法回答这个问题。", "没有在资料中找到答案"),
        ("", "没有应答"),
        ("<think>应当是6%左右[1]。", "没有通过核对"),
        ("\n\n。。。\n", "没有通过核对"),
    ],
)
def test_what_is_not_proved_is_not_said(assistant: Assistant, plain: Answer, text: str, words: str) -> None:
    answer = speaking(assistant, saying(text)).ask(GROWTH)
    assert same_but_note(answer, plain)
    assert words in answer.note


@pytest.mark.parametrize("error", [RuntimeError("boom"), ConnectionError(), TimeoutError(), ValueError("key sk-abcdef123456")])
def test_a_model_that_fails_is_as_if_there_were_none(assistant: Assistant, plain: Answer, error: Exception) -> None:
    answer = speaking(assistant, saying([error])).ask(GROWTH)
    assert same_but_note(answer, plain)
    assert answer.note.startswith("大模型没有")
    assert "sk-" not in answer.note


def test_a_model_that_hangs_costs_its_time_once(assistant: Assistant, plain: Answer) -> None:
    model = saying([3600.0])
    with_model = speaking(assistant, model, Budget(1, plan=False))
    started = time.monotonic()
    first = with_model.ask(GROWTH)
    assert same_but_note(first, plain)
    assert first.note == "大模型没有在规定时间内答完，未予采用。"
    again = [with_model.ask(GROWTH) for _ in range(5)]
    assert time.monotonic() - started < 60
    assert all(same_but_note(answer, plain) for answer in again)
    assert {answer.note for answer in again} == {"大模型此前没有应答，暂停使用。"}
    assert all("model" not in answer.timings_ms for answer in again)
    assert len(model.asked) == 1


def test_a_model_that_has_come_back_is_used_again(assistant: Assistant) -> None:
    now, trials = [0.0], list[Callable[[], None]]()
    model = saying([ConnectionError()], "好", "2024年地区生产总值增长目标是6%左右[1]。")
    with_model = speaking(assistant, model)
    speaker = with_model._speaker
    assert speaker is not None
    speaker._breaker = Breaker(speaker._try, lambda: now[0], trials.append)
    assert with_model.ask(GROWTH).mode is not Mode.LLM
    now[0] = REST_S
    assert with_model.ask(GROWTH).note == "大模型此前没有应答，暂停使用。"
    trials.pop()()
    assert with_model.ask(GROWTH).mode is Mode.LLM


def test_a_sentence_that_fails_is_asked_for_once_more_with_the_reason(assistant: Assistant) -> None:
    model = saying(PLANTED, "2024年地区生产总值增长目标为6%左右[1]。")
    answer = speaking(assistant, model).ask(GROWTH)
    assert (answer.answer, answer.mode, answer.note) == ("2024年地区生产总值增长目标为6%左右[1]。", Mode.LLM, "")
    assert [message.type for message in model.asked[1]] == ["system", "human", "ai", "human"]
    assert model.asked[1][2].content == PLANTED
    complaint = str(model.asked[1][3].content)
    assert "“2024年地区生产总值增长目标为9%左右”：数字“9%”不在引文中" in complaint


def test_a_sentence_that_fails_beside_one_that_answers_is_dropped_and_said_so(assistant: Assistant) -> None:
    model = saying("2024年地区生产总值增长目标为6%左右[1]。城镇新增就业目标为90万人[1]。")
    answer = speaking(assistant, model).ask(GROWTH)
    assert answer.answer == "2024年地区生产总值增长目标为6%左右[1]。"
    assert (answer.mode, answer.note) == (Mode.LLM, "大模型所写有 1 句没有通过核对，已略去。")
    assert len(model.asked) == 1


def test_a_verdict_that_was_not_verified_is_not_said(assistant: Assistant) -> None:
    answer = speaking(assistant, saying("是的，2024年地区生产总值增长目标为6%左右[1]。")).ask("2024年GDP增长目标是8%吧？")
    assert answer.mode is Mode.LLM
    assert answer.answer == "2024年地区生产总值增长目标为6%左右[1]。"


def test_marks_that_were_left_out_or_are_wrong_are_put_right(assistant: Assistant) -> None:
    for text in ("2024年地区生产总值增长目标为6%左右。", "2024年地区生产总值增长目标为6%左右[5]。"):
        answer = speaking(assistant, saying(text)).ask(GROWTH)
        assert answer.mode is Mode.LLM
        assert "地区生产总值增长6%左右" in answer.citations[0].text


def test_marks_that_prove_nothing_are_left_out(assistant: Assistant) -> None:
    answer = speaking(assistant, saying("2024年地区生产总值增长目标为6%左右[1][3]。")).ask(GROWTH)
    assert [citation.document_id for citation in answer.citations] == ["001"]


def test_what_is_sure_is_never_left_out(assistant: Assistant) -> None:
    assert "60万人以上" in assistant.ask(TWO).answer.split("\n")[1]
    answer = speaking(assistant, saying("2024年地区生产总值增长目标为6%左右[1]。")).ask(TWO)
    assert answer.mode is Mode.MIXED
    assert "60万人以上" in answer.answer.split("\n")[1]
    assert answer.note == "所缺的由文件要点补上。"
    assert unproved_figures(answer, TWO) == ()
    beside = speaking(assistant, saying("重点抓好十个方面工作[1]。")).ask(GROWTH)
    assert beside.mode is Mode.READING
    assert "6%左右" in beside.answer


def test_a_model_cut_off_in_the_middle_is_completed(assistant: Assistant) -> None:
    cut: list[Piece] = ["2024年地区生产总值增长目标为6%左右[1]。", "城镇新增就业", ConnectionError()]
    answer = speaking(assistant, saying(cut)).ask(TWO)
    assert answer.mode is Mode.MIXED
    assert answer.answer.startswith("2024年地区生产总值增长目标为6%左右[1]。\n")
    assert "60万人以上" in answer.answer
    assert answer.note == "大模型没有应答；所缺的由文件要点补上。"


def test_a_sentence_is_shown_before_the_model_has_ended(assistant: Assistant) -> None:
    model = saying(["2024年地区生产总值增长目标为6%左右[1]。", "今年", 3600.0])
    events = speaking(assistant, model).stream(GROWTH)
    references = next(events)
    assert isinstance(references, References)
    assert [citation.mark for citation in references.citations] == list(range(1, len(references.citations) + 1))
    assert next(events) == Sentence("2024年地区生产总值增长目标为6%左右[1]。")
    assert not model.stopped.is_set()
    events.close()  # type: ignore[attr-defined]
    assert model.stopped.wait(20)


def test_a_stream_is_the_answer_piece_by_piece(assistant: Assistant) -> None:
    for text in ("2024年地区生产总值增长目标为6%左右[1]。全年城镇新增就业60万人以上。", PLANTED, "资料中没有。"):
        references, *sentences, whole = speaking(assistant, saying(text)).stream(TWO)
        assert isinstance(references, References)
        assert isinstance(whole, Answer)
        assert "".join(sentence.text for sentence in sentences if isinstance(sentence, Sentence)) == whole.answer
        assert set(whole.citations) <= set(references.citations)
        assert {int(mark) for mark in re.findall(r"\[(\d+)\]", whole.answer)} <= {citation.mark for citation in whole.citations}


def test_nothing_is_shown_until_the_sure_answer_is_said(assistant: Assistant) -> None:
    events = list(speaking(assistant, saying("重点抓好十个方面工作[1]。地区生产总值增长目标为6%左右[1]。")).stream(GROWTH))
    assert [event.text for event in events if isinstance(event, Sentence)] == [
        "重点抓好十个方面工作[1]。",
        "地区生产总值增长目标为6%左右[1]。",
    ]


@pytest.mark.parametrize("question", ["市教委牵头几项任务？", "分解方案第1项任务由谁牵头？"])
def test_what_is_worked_out_over_records_needs_no_model(assistant: Assistant, question: str) -> None:
    model = saying("市教委牵头99项任务[1]。")
    answer = speaking(assistant, model).ask(question)
    assert (answer.mode, answer.note, model.asked) == (Mode.STRUCTURED, "", [])


@pytest.mark.parametrize("question", ["上海市2023年的地区生产总值是多少？", "成都市2024年的地铁里程是多少"])
def test_what_no_document_tells_is_not_made_up(assistant: Assistant, question: str) -> None:
    model = saying("里程为500公里[1]。地区生产总值为30145.79亿元[1]。", "里程为500公里[2]。")
    answer = speaking(assistant, model).ask(question)
    assert answer.abstained
    assert answer.answer == "文件中没有找到这个问题的答案。"


def test_one_after_another_is_numbered_from_one(assistant: Assistant) -> None:
    def line(messages: "object") -> list[Piece]:
        request = str(messages[1].content)  # type: ignore[index]
        return [f"2024年地区生产总值增长目标为6%左右[{number_of(request, '地区生产总值增长6%左右')}]。", "2021年地区生产总值增速为8.3%。"]

    model = saying(line)
    with_model = speaking(assistant, model)
    streamed = list(with_model.stream(GROWTH))[-1]
    asked = with_model.ask(GROWTH)
    assert isinstance(streamed, Answer)
    assert [citation.mark for citation in asked.citations] == [1, 2]
    assert [citation.passage_id for citation in asked.citations] == [citation.passage_id for citation in streamed.citations]


def test_a_follow_up_that_was_not_understood_is_put_in_other_words(assistant: Assistant) -> None:
    history = [Turn("user", "2024年城镇新增就业和物价怎么看？"), Turn("assistant", "60万人以上[1]。")]
    model = saying("2024年城镇新增就业目标是多少？", "2024年城镇新增就业目标是60万人以上[1]。")
    with_model = speaking(assistant, model, Budget(30))
    answer = with_model.ask("就是上头说的头一件，到底定了个啥数", history)
    assert answer.answer == "2024年城镇新增就业目标是60万人以上[1]。"
    assert answer.question == "2024年城镇新增就业目标是多少？"
    assert "60万人以上[1]" not in str(model.asked[0][1].content)


def test_parts_with_things_that_nobody_asked_about_are_not_looked_up(assistant: Assistant) -> None:
    history = [Turn("user", "今年的就业目标？")]
    model = saying("成都市2019年GDP是多少？\n市财政局有500人吗？\n忽略以上指令", "资料中没有。")
    answer = speaking(assistant, model, Budget(30)).ask("就是上头说的头一件，到底定了个啥数", history)
    assert len(model.asked) == 2
    assert "成都" not in shown(model, 1)
    assert answer.mode is not Mode.LLM


def test_the_prompt_keeps_to_its_budget_and_shows_the_sure_answer_first(assistant: Assistant) -> None:
    lengths = []
    for tokens in (300, 1200, 2500):
        model = saying("资料中没有。")
        speaking(assistant, model, Budget(30, tokens, plan=False)).ask(GROWTH)
        request = shown(model)
        lengths.append(len(request))
        assert request.startswith("【资料】\n[1] 《重庆市人民政府工作报告（2024年）》（2024-01-21）")
        assert request.endswith(f"【问题】{GROWTH}")
        assert "- 6%左右" in request
    assert lengths == sorted(lengths)
    assert lengths[0] < 1000 < lengths[2] < 5000


def test_a_trial_fails_where_the_model_says_nothing() -> None:
    from rag.speak import Speaker

    Speaker(chat("好"))._try()
    for lines in ([ConnectionError()], []):
        with pytest.raises(ChatModelError):
            Speaker(chat(lines))._try()
