"""The whole path over the five documents: answers held against the text, and what every answer must keep to."""

import re
import shutil
from pathlib import Path

import pytest

from corpus.added import add_document
from corpus.errors import QuestionError, UnknownDocumentError
from corpus.types import PassageKind
from eval.dataset import BUNDLED, load_cases, split_of
from eval.types import Split
from rag.assistant import ABSTENTION, NAMES_NOTHING, Assistant
from rag.config import Settings
from rag.types import Answer, Citation, References, Sentence, Turn
from rag.wire import open_assistant, prepare_index

GROWTH = "2024年地区生产总值增长目标是多少"

ANSWERED = [
    # (question, what the answer says, document, the words of the document that say so)
    (GROWTH, "6%左右", "001", "地区生产总值增长6%左右"),
    ("2024年城镇新增就业目标是多少？", "60万人以上", "001", "城镇新增就业60万人以上"),
    ("2023年重庆市地区生产总值是多少？", "30145.79亿元", "001", "地区生产总值迈上3万亿元新台阶、达到30145.79亿元"),
    ("2024年居民消费价格涨幅目标是多少？", "3%左右", "001", "居民消费价格涨幅3%左右"),
    ("2022年重庆市地区生产总值增长目标是多少？", "5.5%左右", "003", "地区生产总值增长5.5%左右"),
    ("2021年城镇新增就业完成了多少人？", "75.1万人", "003", "75.1"),
    ("2022年城市轨道交通运营里程要突破多少公里？", "500公里", "003", "运营里程突破500公里"),
    ("2021年粮食产量是多少？", "109.3亿公斤", "003", "109.3"),
    ("2025年全市常住人口城镇化率目标是多少？", "73%", "004", "73"),
    ("2025年森林覆盖率目标是多少？", "57%", "004", "57"),
    ("“十四五”规划纲要一共有多少章？", "55章", "004", "第五十五章"),
    ("分解方案第1项任务由谁牵头？", "市发展改革委、市科技局", "000", "责任单位:市发展改革委、市科技局"),
]
NOT_IN_THE_DOCUMENTS = [
    "2024年财政赤字率定多少",
    "成都市2024年的地铁里程是多少",
    "上海市2023年的地区生产总值是多少？",
    "2030年重庆的常住人口是多少？",
    "谁是美国总统？",
    "今天天气怎么样？",
    "煎饼馃子咋做才脆",
]


def bare(text: str) -> str:
    """Text without white space."""
    return "".join(text.split())


def stored_quote(assistant: Assistant, citation: Citation) -> str:
    return assistant.document(citation.document_id).document.text[citation.start : citation.end]


def check(assistant: Assistant, answer: Answer) -> None:
    """What every answer keeps to: quotes are the stored text, marks and citations belong together, an abstention is one sentence."""
    marks = {int(mark) for mark in re.findall(r"\[(\d+)\]", answer.answer)}
    assert [citation.mark for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert marks <= {citation.mark for citation in answer.citations}
    assert bool(marks) != answer.abstained
    for citation in answer.citations:
        stored = assistant.document(citation.document_id).document
        assert 0 <= citation.start < citation.end <= len(stored.text)
        assert bare(stored.text[citation.start : citation.end]) == bare(citation.quote) != ""
        # A row of a table is told cell by cell, whatever the lines that they were wrapped into.
        is_row = assistant.passage(citation.passage_id).kind is PassageKind.TABLE_ROW
        said = citation.text.split() if is_row else [citation.text]
        assert all(bare(part) in bare(stored.text) for part in said) or citation.via != "passage"
        assert citation.source == stored.info.file
        assert citation.title
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", citation.date)
    assert 0 <= answer.confidence <= 1
    assert len(answer.related) <= 3
    assert set(answer.timings_ms) == {"understand", "retrieve", "answer", "total"}
    if answer.abstained:
        assert answer.answer.startswith((ABSTENTION, NAMES_NOTHING))
    else:
        assert answer.citations
        assert all(re.search(r"\[\d+\][。；！？]?$", line) for line in answer.answer.splitlines() if line.strip())


@pytest.mark.parametrize(("question", "says", "document", "words"), ANSWERED, ids=[case[0] for case in ANSWERED])
def test_an_answer_held_against_its_document(assistant: Assistant, question: str, says: str, document: str, words: str) -> None:
    answer = assistant.ask(question)
    check(assistant, answer)
    assert not answer.abstained
    assert says in answer.answer
    assert bare(words) in bare(assistant.document(document).document.text)
    cited = [citation for citation in answer.citations if citation.document_id == document]
    assert any(bare(words) in bare(stored_quote(assistant, citation)) or bare(words) in bare(citation.text) for citation in cited)


def test_a_row_is_cited_once_and_below_its_header(assistant: Assistant) -> None:
    answer = assistant.ask("五年累计实际利用外资，“十三五”完成多少，“十四五”目标多少")
    check(assistant, answer)
    assert {citation.context[-1] for citation in answer.citations} == {
        "序号 指标名称 指标 属性 2020年 规划目标 2020年 实现情况",
        "序号 指标名称 2020年 2025年 指标 属性",
    }
    rows, note = answer.citations[:2], answer.citations[2]
    assert all("实际利用外资（亿美元）" in citation.quote for citation in rows)
    assert note.quote == "带【】为五年累计数"


def test_an_item_of_a_list_is_cited_with_what_leads_it_in(assistant: Assistant) -> None:
    first = assistant.ask("2022年财政工作怎样抓开源").citations[0]
    assert first.context == ("根据上述总体要求，要着重抓好以下五项工作：",)
    assert first.text.startswith("——抓开源")
    assert first.context[0] not in first.text


def test_the_first_source_of_the_growth_target_is_the_report_of_2024(assistant: Assistant) -> None:
    first = assistant.ask(GROWTH).citations[0]
    assert (first.document_id, first.date) == ("001", "2024-01-21")
    assert "6%左右" in stored_quote(assistant, first)


@pytest.mark.parametrize("question", NOT_IN_THE_DOCUMENTS)
def test_what_is_not_in_the_documents_is_not_answered(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    check(assistant, answer)
    assert answer.abstained


def test_the_newspaper_half_is_found_too(assistant: Assistant) -> None:
    answer = assistant.ask("对脱贫区县设立几年过渡期？", documents=["002"])
    check(assistant, answer)
    assert {citation.document_id for citation in answer.citations} == {"002"}
    assert "设立5年过渡期" in bare(answer.citations[0].text)


def test_answers_of_the_tuning_questions_keep_to_the_rules(assistant: Assistant) -> None:
    cases = [case for path in sorted(BUNDLED.glob("*.jsonl")) for case in load_cases(path) if split_of(case) is Split.TUNE]
    for case in sorted(cases, key=lambda case: case.id)[:60]:
        check(assistant, assistant.ask(case.question))


def test_a_follow_up_is_made_whole(assistant: Assistant) -> None:
    first = assistant.ask(GROWTH)
    answer = assistant.ask("那城镇新增就业呢？", [Turn("user", GROWTH), Turn("assistant", first.answer)])
    check(assistant, answer)
    assert "2024年" in answer.question
    assert "城镇新增就业" in answer.question
    assert "60万人以上" in answer.answer


def test_only_the_named_documents_are_cited(assistant: Assistant) -> None:
    answer = assistant.ask(GROWTH, documents=["003", "004"])
    check(assistant, answer)
    assert {citation.document_id for citation in answer.citations} <= {"003", "004"}


def test_top_k_limits_the_citations(assistant: Assistant) -> None:
    answer = assistant.ask(GROWTH, top_k=1)
    check(assistant, answer)
    assert len(answer.citations) == 1


def test_search_gives_passages_best_first(assistant: Assistant) -> None:
    hits = assistant.search("城市轨道交通运营里程", 12)
    assert len(hits) == 12
    assert [hit.mark for hit in hits] == list(range(1, 13))
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert any("轨道交通" in bare(hit.text) for hit in hits[:3])
    assert all(bare(stored_quote(assistant, hit)) == bare(hit.quote) for hit in hits)


def test_search_keeps_to_some_documents(assistant: Assistant) -> None:
    assert {hit.document_id for hit in assistant.search("就业", 20, ["002"])} == {"002"}


@pytest.mark.parametrize("question", ["", "   ", "\n", "问" * 501, "2024年\x00增长", "\x07"])
def test_a_question_that_cannot_be_taken(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError, match="问题"):
        assistant.ask(question)


def test_an_unknown_document_is_named_with_those_there_are(assistant: Assistant) -> None:
    for call in (assistant.ask, assistant.search):
        with pytest.raises(UnknownDocumentError, match="没有编号为 '999' 的文件；现有：000、001、002、003、004"):
            call(GROWTH, documents=["999"])
    with pytest.raises(UnknownDocumentError):
        assistant.document("../etc")


def test_a_streamed_answer_is_the_answer_piece_by_piece(assistant: Assistant) -> None:
    references, *sentences, whole = assistant.stream("2024年地区生产总值增长目标和城镇新增就业目标分别是多少？")
    assert isinstance(references, References)
    assert isinstance(whole, Answer)
    assert references.citations == whole.citations
    assert "".join(sentence.text for sentence in sentences if isinstance(sentence, Sentence)) == whole.answer
    assert len(sentences) >= 2


def test_a_document_without_readings_answers_out_of_its_passages(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home")
    settings = Settings(home=tmp_path / "home")
    file = tmp_path / "步道.md"
    file.write_text("# 关于加强山城步道管护的通知\n\n各区县：\n\n到2027年，全市山城步道完好率达到百分之九十七以上。\n", "utf-8")
    added = add_document(settings.corpus_folder, file)
    prepare_index(settings)
    answer = open_assistant(settings).ask("到2027年全市山城步道完好率要达到多少？")
    assert "百分之九十七以上" in answer.answer
    assert answer.citations[0].document_id == added.info.id


@pytest.mark.parametrize("question", ["2022年市级一般公共预算里公共安全支出安排多少", "十四五期间高技能人才要多出来多少"])
def test_nothing_is_said_beside_a_sure_answer_to_a_question_for_one_amount(assistant: Assistant, question: str) -> None:
    assert "\n" not in assistant.ask(question).answer


@pytest.mark.parametrize("question", ["那同比涨了多少", "谁负责？", "投资多少亿元", "2025年的目标", "为什么？"])
def test_a_question_that_names_nothing_is_asked_back(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert (answer.abstained, answer.answer, answer.citations) == (True, NAMES_NOTHING, ())


def test_a_follow_up_takes_what_it_asks_about_from_the_question_before(assistant: Assistant) -> None:
    answer = assistant.ask("那2023年增长多少", [Turn("user", "2022年全市社会消费品零售总额增长多少？")])
    assert "8.6%" in answer.answer


def test_what_is_told_of_the_whole_city_comes_before_the_municipal_level_where_neither_is_named(assistant: Assistant) -> None:
    assert assistant.ask("2021年土地出让收入多少").answer.startswith("2044亿元")
    assert assistant.ask("2021年市级国有土地使用权出让收入多少").answer.startswith("1263亿元")
    of_city, of_level = assistant.ask("2022年政府性基金预算收入预计多少，支出呢").answer.splitlines()
    assert (of_city[:12], of_level[:5]) == ("收入预计2037亿元，支", "市级：收入")


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("2023年高新技术企业数量是多少？", "7565家"),
        ("2023年社会消费品零售总额增速", "8.6%"),
        ("2021年地区生产总值是多少？", "27894亿元"),
        ("2021年一般公共预算收入是多少？", "2285亿元"),
        ("2020年户籍人口城镇化率是多少？", "49.2%"),
        ("2021年政府债务限额是多少", "8903亿元"),
        ("2021年教育支出是多少？", "141亿元"),
        ("2022年全市经济增长预期目标", "5.5%"),
        ("搞研发的钱占GDP：21年实际、22年目标、2025年规划，各是多少？", "2.21%左右；2022年目标2.3%左右，2025年目标2.5%"),
        ("城市规划建设管理现代化落实的是几尊重几统筹来着", "一尊重五统筹"),
        ("今年的GDP目标", "6%左右"),
        ("特色夜市街有哪些？", "渝中较场口夜市、江北不夜九街、江北三洞桥风情街"),
        ("那个“4桥2隧”分别叫什么名字？", "白居寺长江大桥、土主隧道、龙兴隧道"),
        ("2021年单位GDP能耗下降多少", "2021年目标：下降3%左右"),
        ("第300到302项都是什么", "第302项：推进县乡村公共服务一体化"),
        ("教育方面的任务有哪些", "提到“教育”的任务共9项"),
        ("“两岸青山·千里林带”2021年任务派给哪几家？年底种了多少", "32万亩"),
    ],
)
def test_plain_questions_get_their_figure(assistant: Assistant, question: str, says: str) -> None:
    assert says in assistant.ask(question).answer


def test_what_was_planned_for_a_year_is_told_with_what_came_of_it(assistant: Assistant) -> None:
    answer = assistant.ask("2021年老旧小区改造数量是多少？").answer
    assert "目标832个" in answer
    assert "实际841个" in answer


def test_a_part_of_a_question_about_another_city_is_about_that_city(assistant: Assistant) -> None:
    assert assistant.ask("成都2023年新建了几个智能工厂、几个数字化车间").abstained


def test_a_unit_without_a_task_in_the_role_asked_for_is_told_with_those_of_the_other(assistant: Assistant) -> None:
    answer = assistant.ask("万州区政府负责哪些任务")
    assert answer.abstained
    assert "没有万州区政府牵头的任务" in answer.answer
    assert "万州区政府配合4项" in answer.answer


def test_nothing_is_said_beside_a_sure_answer_with_a_figure_for_each_thing_asked(assistant: Assistant) -> None:
    answer = assistant.ask("登2022年政府工作报告的那期公报是总第几期，哪天出的？").answer
    assert answer.startswith("总第908期，2022年1月30日出版[1]")
    assert "\n" not in answer


def test_a_part_of_a_list_is_told_to_whom_asks_for_that_part(assistant: Assistant) -> None:
    assert assistant.ask("江北区列入重庆特色夜市街区的有哪些？").answer.startswith("江北不夜九街、江北三洞桥风情街")
