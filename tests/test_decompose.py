"""Questions that ask several things, taken apart."""

import pytest

from rag.decompose import by_year, each_of, facets_of

PRESENT = 2024


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("2021年粮食产量是多少？", ["2021年粮食产量是多少？"]),
        (
            "2024年城里的危旧房要动工改造多少户？两江四岸推进多少公里？",
            ["2024年城里的危旧房要动工改造多少户", "2024年两江四岸推进多少公里"],
        ),
        (
            "2021年全市政府性基金预算收入和支出分别是多少",
            ["2021年全市政府性基金预算收入是多少", "2021年全市政府性基金预算支出是多少"],
        ),
        (
            "2021年和东盟、欧盟、美国做生意各涨了多少",
            ["2021年和东盟涨了多少", "2021年和欧盟涨了多少", "2021年和美国做生意涨了多少"],
        ),
        (
            "2022年安排的那十几类里，有几类是往下砍的？是哪些",
            ["2022年安排的那十几类里，有几类是往下砍的？是哪些"],
        ),
        (
            "2021年编分区规划，同城化发展先行区、支点城市、桥头堡城市各有几个要编",
            [f"2021年编分区规划，{thing}有几个要编" for thing in ("同城化发展先行区", "支点城市", "桥头堡城市")],
        ),
        (
            "用电量要降几个点，2021年定的和2024年定的",
            ["2021年用电量要降定", "2024年用电量要降定"],
        ),
        (
            "21年养老保险基金、医保基金，收进来的减去花出去的，各结余多少？",
            ["21年养老保险基金，收进来的减去花出去的，结余多少", "21年医保基金，收进来的减去花出去的，结余多少"],
        ),
        (
            "2021年政府债离上限还有多少余地？一般债和专项债各还剩多少？",
            ["2021年政府债离上限还有多少余地", "2021年政府债离上限一般债还剩多少", "2021年政府债离上限专项债还剩多少"],
        ),
        ("2021年预算支出是不是比上一年多了", ["2021年预算支出是不是比上一年多了"]),
        ("2021年要治的石漠化，分给酉阳县多少平方公里", ["2021年要治的石漠化，分给酉阳县多少平方公里"]),
    ],
)
def test_each_part_stands_alone(question: str, parts: list[str]) -> None:
    assert [facet.text for facet in facets_of(question, PRESENT)] == parts


def test_a_piece_that_points_at_one_thing_asks_nothing() -> None:
    assert len(facets_of("登2022年三个大会报告的那本公报，总期号是多少、哪天出版？", 2024)) == 2


def test_whether_something_is_done_is_asked_beside_the_rest() -> None:
    assert len(facets_of("市级预备费用完没？剩的去哪了", 2024)) == 2


def test_a_comparison_has_two_sides() -> None:
    left, right = facets_of("2021年企业投资项目比政府投资项目多投了多少亿", PRESENT)
    assert left.text.startswith("2021年企业投资项目")
    assert "政府投资项目" in right.text
    assert right.years == (2021,)


def test_the_beginning_of_the_left_side_belongs_to_a_short_right_side() -> None:
    _, right = facets_of("2021年全市一般公共预算收入和支出差多少", PRESENT)
    assert right.text.startswith("2021年全市一般公共预算支出")


def test_the_first_of_several_things_keeps_its_whole_name() -> None:
    assert [facet.label for facet in facets_of("十四五末森林覆盖率、城镇化率、研发强度分别多少", PRESENT)] == [
        "森林覆盖率",
        "城镇化率",
        "研发强度",
    ]


def test_what_stands_in_quotation_marks_is_not_cut() -> None:
    facets = facets_of("五个“抓、保、控、提、稳”分别指什么", PRESENT)
    assert all("抓、保、控" in facet.text for facet in facets)


def test_a_figure_that_is_given_is_not_asked_for() -> None:
    facets = facets_of("2024年新增停车泊位4.5万个，在渝中区安排了多少个？", PRESENT)
    assert [facet.text for facet in facets if facet.text.endswith("4.5万个")] == []


def test_the_years_that_are_asked_about_are_no_part_of_the_thing() -> None:
    facets = facets_of("工业投资这几年怎么涨的：21年实际、23年实际，24年想涨到几", PRESENT)
    assert [facet.text for facet in facets][:2] == ["2021年工业投资实际", "2023年工业投资实际"]


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("基本医保2021年收支各多少", ("基本医保2021年收入各多少", "基本医保2021年支出各多少")),
        (
            "市本级农林水和住房保障这两类，21年花多少，22年安排多少",
            ("市本级农林水，21年花多少，22年安排多少", "市本级住房保障，21年花多少，22年安排多少"),
        ),
        ("2021年老旧小区和棚户区改造的任务跟完成情况", ("2021年老旧小区改造的任务跟完成情况", "2021年棚户区改造的任务跟完成情况")),
        (
            "2021年打算改的老旧小区、棚户区跟实际干的数对一下",
            ("2021年打算改的老旧小区跟实际干的数对一下", "2021年打算改的棚户区跟实际干的数对一下"),
        ),
        ("2021年目标和实际，各是多少", ("2021年目标和实际，各是多少",)),
        ("上限是谁批准、哪个部门核定的，定了多少", ("上限是谁批准、哪个部门核定的，定了多少",)),
        ("财政收支平衡情况", ("财政收支平衡情况",)),
        ("2021年粮食产量是多少", ("2021年粮食产量是多少",)),
    ],
)
def test_the_same_asked_of_two_things_is_asked_of_each(question: str, each: tuple[str, ...]) -> None:
    assert each_of(question) == each


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("市级重大项目21年和22年各多少个、总投资各多大？", ["2021年", "2022年"]),
        ("市级重大项目，21年搞了多少个、投了多少亿；22年打算搞多少个、投多少亿", ["2021年", "2022年"]),
        ("市级重大项目21年和22年各多少个", []),
        ("市级重大项目，21年搞了多少个；22年打算搞多少个、投多少亿", []),
        ("21年搞了多少个、投了多少亿；22年打算搞多少个、投多少亿", []),
        ("2021年粮食产量是多少", []),
    ],
)
def test_several_amounts_of_each_of_two_years_are_asked_year_by_year(question: str, asked: list[str]) -> None:
    facets = by_year(question)
    assert [facet.label for facet in facets] == asked
    assert all(facet.label in facet.text and "市级重大项目" in facet.text for facet in facets)
