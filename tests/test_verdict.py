"""The 是 or 否 of a reading is said only to a question that claims what the reading's own question does."""

import pytest

from corpus.types import Reading
from rag.verdict import are_opposed, with_verdict, with_verdict_of


def reading(question: str, answer: str, quote: str = "") -> Reading:
    return Reading("001-r-1", "001", question, (), answer, (quote or answer,), (), "yesno", (), "claude-test/reader-v1")


COVERED = reading("2023年长期护理保险试点只在少数区县开展吗？", "否，覆盖所有区县")
STARTED = reading("2021年渝西高铁是不是已经开工建设？", "否，渝西高铁安康至重庆段可研获批")
BUILT = reading("巴南观景口大型水库“十四五”是否建成？", "是，建成巴南观景口、南川金佛山大型水库")
CLEARED = reading("2023年重庆高风险金融机构是否清零？", "是，动态清零")
JOBLESS = reading("重庆2021年城镇调查失业率要控制在5%以内，对吗？", "否，5.5%左右")
SHARED = reading("长江模拟器由市科技局等四个单位负责吗？", "是，责任单位市委组织部、市生态环境局、市科技局、市发展改革委")
RESERVE = reading("重庆市级预备费2022年是不是比2021年安排得多？", "否，都是25亿元")


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("长护险2023年是不是只有部分区县在试点", COVERED),
        ("渝西高铁21年已经动工了，对不对", STARTED),
        ("观景口水库十四五能建成吗", BUILT),
        ("2023年高风险金融机构清零了没", CLEARED),
        ("21年失业率目标是5%吧", JOBLESS),
        ("市级预备费2022年比2021年多吗", RESERVE),
    ],
)
def test_the_same_claim_is_judged(question: str, found: Reading) -> None:
    assert with_verdict(question, found) == found


@pytest.mark.parametrize(
    ("question", "found", "said"),
    [
        ("长护险2023年是不是所有区县都试点了", COVERED, "覆盖所有区县"),
        ("渝西高铁21年建成通车了吗", STARTED, "渝西高铁安康至重庆段可研获批"),
        ("观景口水库是不是十四五才新开工的", BUILT, "建成巴南观景口、南川金佛山大型水库"),
        ("2023年还有没有高风险金融机构没清零", CLEARED, "动态清零"),
        ("2021年失业率目标低于6%吗", JOBLESS, "5.5%左右"),
        ("市级预备费21年和22年一样吗", RESERVE, "都是25亿元"),
        ("市级预备费2022年安排多少", RESERVE, "都是25亿元"),
        ("长江模拟器是市科技局一家在弄吗", SHARED, "责任单位市委组织部、市生态环境局、市科技局、市发展改革委"),
    ],
)
def test_another_claim_gets_the_words_without_the_verdict(question: str, found: Reading, said: str) -> None:
    assert with_verdict(question, found).answer == said


def test_an_answer_without_a_verdict_stays() -> None:
    found = reading("重庆2021年失业率目标是多少？", "5.5%左右")
    assert with_verdict("21年失业率目标是5%吗", found) is found


@pytest.mark.parametrize(
    ("verified", "sentence", "said"),
    [
        ("是，建成通车[1]。", "是的，2023年建成通车", "是的，2023年建成通车"),
        ("否，没有完成。", "不是，2021年没有完成", "不是，2021年没有完成"),
        ("否，没有完成。", "是的，2021年完成60%", "2021年完成60%"),
        ("覆盖率达到20%[1]。", "是，力争覆盖率达到20%", "力争覆盖率达到20%"),
        ("", "没有，覆盖率达到20%", "覆盖率达到20%"),
        ("覆盖率达到20%[1]。", "是。", ""),
        ("覆盖率达到20%[1]。", "是否覆盖没有写", "是否覆盖没有写"),
    ],
)
def test_a_model_gives_no_verdict_of_its_own(verified: str, sentence: str, said: str) -> None:
    assert with_verdict_of(verified, sentence) == said


def test_only_two_verdicts_are_opposed() -> None:
    assert are_opposed(BUILT, STARTED)
    assert not are_opposed(STARTED, COVERED)
    assert not are_opposed(BUILT, reading("观景口水库是什么", "大型水库"))
