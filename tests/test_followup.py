"""What a question that leans on the one before may stand for, and which of it the documents decide for."""

import pytest

from rag.assistant import Assistant
from rag.followup import completions
from rag.lexicon import read_lexicon
from rag.types import Turn

LEXICON = read_lexicon(("市教委", "市科技局", "市交通局"))


def texts(text: str, before: str) -> list[str]:
    return [completion.text for completion in completions(text, before, LEXICON)]


@pytest.mark.parametrize(
    ("text", "before", "meant"),
    [
        ("那2024年呢？", "2023年新能源汽车产量是多少？", "2024年新能源汽车产量是多少"),
        ("2021年的时候呢", "2023年人大代表建议办了多少件", "2021年人大代表建议办了多少件"),
        ("那2021年那会儿呢", "2023年粮食产量是多少", "2021年粮食产量是多少"),
        ("市科技局呢", "市教委牵头几项任务", "市科技局牵头几项任务"),
        ("那支出呢", "2021年市级国有资本经营预算收入多少？", "2021年市级国有资本经营预算支出多少"),
        ("那下一年呢", "2021年市级教育支出是多少？", "2022年市级教育支出是多少"),
        ("前一年呢", "2023年高新技术企业有多少家", "2022年高新技术企业有多少家"),
        ("那市级的呢，涨了几个点", "2021年全市税收收入多少", "2021年市级税收收入多少，涨了几个点"),
        ("那市级的呢", "规划里农业领域国家级重点实验室要培育几个", "规划里农业领域市级重点实验室要培育几个"),
        ("比2021年呢", "2023年粮食产量多少", "2023年粮食产量比2021年多多少"),
        ("东北那边的", "渝东南的区域中心城市让谁来当", "渝东北的区域中心城市让谁来当"),
        ("46项呢", "第45项任务是什么", "第46项任务是什么"),
        ("那下一项呢", "第45项任务谁负责", "第46项任务谁负责"),
        ("上一项呢", "任务书第45条谁牵头", "任务书第44条谁牵头"),
        ("10号呢", "9号线开通了没有", "10号线开通了没有"),
        ("比2021年多了几家？", "科技型企业2023年多少家", "科技型企业2023年比2021年多了几家"),
        ("和23年差多少", "2021年高新技术企业有多少家", "2021年高新技术企业和23年差多少"),
        ("和21年的目标比是高了还是低了", "2024年投资增长目标多少", "2024年投资增长目标和21年的目标比是高了还是低了"),
        ("101项呢，谁配合", "第100项任务是什么", "第101项任务，谁配合"),
        ("户籍的呢", "十四五规划里常住人口城镇化率目标", "十四五规划里户籍人口城镇化率目标"),
        ("再融资的呢", "2022年全市新增债券多少", "2022年全市再融资债券多少"),
        ("2023年呢，投资多少", "双城经济圈2021年有多少个项目", "双城经济圈2023年有多少个项目，投资多少"),
    ],
)
def test_one_thing_changed_is_the_only_completion(text: str, before: str, meant: str) -> None:
    assert texts(text, before) == [meant]


@pytest.mark.parametrize(
    ("text", "before", "first"),
    [
        (
            "年初给它定的目标是几？到23年又增长了多少？",
            "2021年规上工业增加值增长多少？",
            "2021年规上工业增加值增长，年初给它定的目标是几？到23年又增长了多少",
        ),
        ("飞国外的航线呢", "十四五末中欧班列要开多少趟", "十四五末飞国外的航线多少趟"),
    ],
)
def test_the_time_spoken_of_holds_for_what_names_none(text: str, before: str, first: str) -> None:
    assert texts(text, before)[0] == first


def test_several_years_are_asked_for_in_clauses_of_their_own() -> None:
    assert texts("2022年想到多少？再往后2024年的目标呢", "2021年底高铁营业里程多少？")[0] == "高铁营业里程，2022年想到多少？2024年的目标"


def test_the_two_values_asked_for_before_are_set_against_each_other() -> None:
    meant = completions("两个数差多少？", "2023年重庆GDP多少", LEXICON, "2021年重庆GDP多少")
    assert [completion.text for completion in meant] == ["2021年重庆GDP多少，2023年重庆GDP多少，两个数差多少"]


def test_a_gap_alone_is_that_of_the_two_questions_before() -> None:
    meant = completions("差几个点", "2021年物价涨幅多少", LEXICON, "2024年物价涨幅多少")
    assert [completion.text for completion in meant] == ["2024年物价涨幅多少，2021年物价涨幅多少，差几个点"]


def test_what_two_come_to_is_asked_of_the_two_questions_before() -> None:
    meant = completions("加起来呢", "2024年智能工厂要建几个", LEXICON, "2023年智能工厂建了几个")
    assert [completion.text for completion in meant] == ["2023年智能工厂建了几个，2024年智能工厂要建几个，加起来"]


def test_how_things_stand_now_is_asked_without_what_was_planned() -> None:
    assert texts("现在多少了", "十四五高速公路里程目标") == ["高速公路里程现在多少了", "高速公路里程，现在多少了"]


def test_another_thing_is_asked_for_alone_rather_than_beside_the_first() -> None:
    best = completions("智能手机呢", "2023年新能源汽车产量多少", LEXICON)[0]
    assert (best.text, best.prior) == ("2023年智能手机产量多少", 1.0)
    side_by_side = completions("面积多大？", "广阳岛片区包括哪些地方？", LEXICON)
    assert {completion.prior for completion in side_by_side} == {1.0}


def test_a_year_beside_the_one_before_leans_on_it() -> None:
    meant = texts("转过年来打算推进多长？", "2023年两江四岸建成开放了几个节点公共空间？")
    assert all("2024年" in text for text in meant)
    assert meant[0] != "2024年打算推进多长？"


def test_what_is_asked_goes_with_what_was_spoken_of() -> None:
    assert "2023年地区生产总值增长实际是多少" in texts("那2023年实际是多少呢？", "2024年地区生产总值增长目标是多少")


def test_a_counted_thing_is_kept_when_its_number_is_asked() -> None:
    assert "2021年要新建5G基站，谁牵头，谁配合" in texts("谁牵头，谁配合", "2021年要新建多少个5G基站？")


@pytest.mark.parametrize(
    ("text", "before", "meant"),
    [
        ("医药呢", "21年汽车产业增加值涨了多少", "2021年医药产业增加值涨了多少"),
        ("卫生健康呢", "2022年市级预算教育支出安排多少", "2022年市级卫生健康支出安排多少"),
        ("基础设施投资呢", "23年工业投资涨了多少", "2023年基础设施投资涨了多少"),
        ("智能手机呢", "2021年新能源汽车产量", "2021年智能手机产量"),
        ("农村居民呢", "2023年脱贫人口收入增速", "2023年农村居民收入增速"),
        ("失业率呢", "2023年城镇新增就业目标多少万人", "2023年失业率目标是多少"),
        ("社零呢", "2024年固定资产投资增长目标多少", "2024年社零增长目标多少"),
        ("陆海新通道呢", "2021年中欧班列开了多少列", "2021年陆海新通道开了多少列"),
        ("医疗的呢", "2022年养老保险基金收入预计多少", "2022年医疗保险基金收入预计多少"),
        ("建成的呢", "2021年高速公路开工多少公里", "2021年高速公路开工，建成的多少公里"),
        ("棚户区呢", "2023年开工老旧小区多少万平方米", "2023年棚户区多少万平方米"),
    ],
)
def test_another_thing_keeps_what_was_measured_and_where(text: str, before: str, meant: str) -> None:
    assert meant in texts(text, before)


@pytest.mark.parametrize(
    ("text", "before", "meant"),
    [
        ("目标是多少", "2023年城镇新增就业多少万人", "2023年城镇新增就业，目标是多少"),
        ("具体要新增多少个", "新增城市公园由谁负责", "新增城市公园具体要新增多少个"),
        ("用户有多少", "渝快办是什么", "渝快办，用户有多少"),
        ("投资额", "2021年引进项目多少个", "2021年引进项目，投资额"),
        ("往前倒两年是多少", "2023年全社会研发投入强度预计到多少", "2021年全社会研发投入强度是多少"),
        ("那面源污染这块呢？谁配合", "2021年农村污水垃圾处理由谁负责", "面源污染由谁牵头，谁配合"),
        ("批下来没", "2021年支持哪两个地方设综合保税区", "2021年支持设综合保税区批下来没"),
        ("配合？", "重庆中医药学院2021年谁负责建", "2021年重庆中医药学院由谁配合"),
        ("智博会跟西洽会也归它？", "第四届中新金融峰会由谁牵头", "智博会跟西洽会由谁牵头"),
    ],
)
def test_what_was_asked_before_leaves_nothing_behind(text: str, before: str, meant: str) -> None:
    assert meant in texts(text, before)


def test_which_of_two_is_asked_of_the_two_questions_before() -> None:
    meant = completions("哪个多", "2022年市级卫生支出多少", LEXICON, "2022年市级教育支出多少")
    assert [completion.text for completion in meant] == ["2022年市级教育支出多少，2022年市级卫生支出多少，哪个多"]


def test_who_leads_is_asked_of_the_period_before() -> None:
    meant = texts("这项是谁牵头", "十四五末高新技术企业要突破多少家")
    assert all("十四五" in text for text in meant)


def test_a_year_and_a_verb_alone_lean_on_the_question_before() -> None:
    meant = texts("21年那一年新建了几个", "“十四五”要建成多少所乡镇养老服务中心")
    assert all("乡镇养老服务中心" in text for text in meant if text != "21年那一年新建了几个")
    assert "乡镇养老服务中心" in meant[0]


def test_what_names_no_place_is_asked_of_the_one_before() -> None:
    meant = texts("它还要发展多少家研发机构", "两江新区到2025年GDP要做到多少")
    assert "2025年两江新区还要发展多少家研发机构" in meant
    assert "荣昌全市粮食产量是多少" not in texts("全市粮食产量是多少", "荣昌承担什么大数据中心")


def test_a_short_question_who_does_something_stands_alone() -> None:
    assert texts("西部职教基地谁来建", "市级双高高职多少所")[0] == "西部职教基地谁来建"


def test_a_pronoun_cannot_stand_alone() -> None:
    assert "这个在第几章讲的？" not in texts("这个在第几章讲的？", "2025年三级医院要建成多少所")


def test_a_question_of_its_own_may_stand_alone() -> None:
    question = "2022年粮食产量目标是多少亿公斤？"
    best = completions(question, "2021年轨道交通通车多少公里", LEXICON)[0]
    assert (best.text, best.prior) == (question, 1.0)


@pytest.mark.parametrize(
    ("history", "question", "says"),
    [
        (["2024年地区生产总值增长目标是多少"], "那2023年实际是多少呢？", "6.1%"),
        (["2023年常住人口城镇化率多少"], "2025年目标", "73%"),
        (["人才资源总量目标"], "哪个部门牵头？", "市委组织部"),
        (["2021年市级国有资本经营预算收入多少？"], "那支出呢", "23亿元"),
        (["2021年轨道交通通车多少公里"], "2022年地区生产总值增长目标是多少？", "5.5%左右"),
        (["2021年重庆森林覆盖率到多少了"], "离2025年的目标还差几个百分点？", "2.5个百分点"),
        (["2021年社零总额是多少？"], "规划给2025年定的是多少，还差几多", "1532.3亿元"),
        (["2021年修了多少公里四好农村路"], "23年呢，比那年多几公里？", "30公里"),
        (["2021年高新技术企业有多少家"], "和23年差多少", "2457家"),
        (["2023年脱贫人口收入增速"], "农村居民呢", "文件没有写"),
    ],
)
def test_the_documents_decide_what_was_meant(assistant: Assistant, history: list[str], question: str, says: str) -> None:
    answer = assistant.ask(question, [Turn("user", earlier) for earlier in history])
    assert says in answer.answer


def test_a_question_that_stands_alone_is_left_alone_beside_one_as_likely(assistant: Assistant) -> None:
    history = [Turn("user", "2024年地区生产总值增长目标是多少？")]
    assert assistant.ask("市教委牵头几项任务？", history).question == "市教委牵头几项任务？"
