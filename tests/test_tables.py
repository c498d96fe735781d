"""The four tables of documents 003 and 004, written out from the text cell by cell, and tables made up here."""

from itertools import pairwise
from pathlib import Path

import pytest

import corpus
from corpus.tables import ColumnRole, RowKind, Table, find_tables, read_tables
from corpus.types import Measure, MeasureKind

DOCUMENTS = Path(corpus.__file__).parent / "documents"

# A line is "number | indicator | unit | attribute | a value a column"; "# " begins a group, "- " a part of the row above.
PLAN_2021 = """
1 | 地区生产总值增速 | % | 预期性 | 6以上 | 8.3
# 推动高质量发展
2 | 农业增加值增速 | % | 预期性 | 4 | 7.8
3 | 规上工业增加值增速 | % | 预期性 | 6 | 10.7
4 | 战略性新兴产业增加值增速 | % | 预期性 | 10以上 | 18.2
5 | 高技术产业增加值占工业比重 | % | 预期性 | 19.5左右 | 19.1
6 | 数字经济增加值增速 | % | 预期性 | 15 | 15以上
7 | “一区”与“两群”人均地区生产总值比值 | | 预期性 | 1.83:1 | 1.80:1以下
8 | 规上工业全员劳动生产率 | 万元/人年 | 预期性 | 36左右 | 39左右
9 | 科技进步贡献率 | % | 预期性 | 59.5左右 | 59.5
10 | 规上工业企业利润增速 | % | 预期性 | 6左右 | 40左右
11 | 新登记市场主体增速 | % | 预期性 | 12左右 | 19.4
12 | 服务业增加值增速 | % | 预期性 | 6 | 9.0
13 | 固定资产投资增速 | % | 预期性 | 6 | 6.1
- | 民间投资增速 | % | 预期性 | 2左右 | 9.3
14 | 社会消费品零售总额增速 | % | 预期性 | 7 | 18.5
15 | 全社会研发经费支出占地区生产总值比重 | % | 预期性 | 2.15以上 | 2.21左右
16 | 万人发明专利拥有量 | 件 | 预期性 | 12左右 | 13.2
17 | 高新技术企业数量 | 家 | 预期性 | 4500以上 | 5108
18 | 非公经济增加值占地区生产总值比重 | % | 预期性 | 70左右 | ○
- | 民营经济占比 | % | 预期性 | 60以上 | 59.6
19 | 一般公共预算收入增速 | % | 预期性 | 5 | 9.1
- | 税收增速 | % | 预期性 | 6 | 7.9
20 | 常住人口城镇化率 | % | 预期性 | 69左右 | 70左右
# 创造高品质生活
21 | 全体居民人均可支配收入增速 | % | 预期性 | 7 | 9.7
- | 农村居民人均可支配收入增速 | % | 预期性 | 8 | 10.6
22 | 城镇新增就业 | 万人 | 预期性 | 60左右 | 75.1
23 | 城镇调查失业率 | % | 预期性 | 5.5左右 | 5.5以内
24 | 居民消费价格指数 | % | 预期性 | 103.2以内 | 100.3
25 | 文化产业增加值增速 | % | 预期性 | 8左右 | 8.3左右
# 内陆开放高地建设
26 | 进出口总值增速 | % | 预期性 | 5 | 22.8
27 | 服务贸易增速 | % | 预期性 | 由负转正 | 实现转正
28 | 实际利用外资 | 亿美元 | 预期性 | 100左右 | 105以上
# 山清水秀美丽之地建设
29 | 空气质量优良天数 | 天 | 约束性 | 320以上 | 326
30 | 森林覆盖率 | % | 约束性 | 54左右 | 54.5
31 | 能源消费总量增速 | % | 约束性 | 1.8 | ▽
32 | 单位地区生产总值能耗下降 | % | 约束性 | 3.1 | ▽
33 | 单位地区生产总值二氧化碳排放下降 | % | 约束性 | — | —
34 | 主要污染物重点工程减排量 | 万吨 | 约束性 | | ▽
- | 化学需氧量 | 万吨 | 约束性 | 0.65 | □
- | 挥发性有机物 | 万吨 | 约束性 | 0.16 | □
- | 氨氮 | 万吨 | 约束性 | 0.027 | □
- | 氮氧化物 | 万吨 | 约束性 | 0.55 | □
# 安全发展
35 | 粮食产量 | 亿公斤 | 预期性 | 108 | 109.3
36 | 每亿元地区生产总值生产安全事故死亡人数 | | 约束性 | 0.035左右 | 0.031
"""

PLAN_2022 = """
1 | 地区生产总值增速 | % | 预期性 | 5.5左右
# 推动高质量发展
2 | 农业增加值增速 | % | 预期性 | 4左右
3 | 规上工业增加值增速 | % | 预期性 | 6左右
4 | 战略性新兴产业增加值增速 | % | 预期性 | 12左右
5 | 高技术产业增加值占工业比重 | % | 预期性 | 20左右
6 | 数字经济核心产业增加值增速 | % | 预期性 | 10左右
7 | “一区”与“两群”人均地区生产总值比值 | | 预期性 | 1.8左右:1
8 | 规上工业全员劳动生产率 | 万元/人年 | 预期性 | 40左右
9 | 科技进步贡献率 | % | 预期性 | 60.3左右
10 | 规上工业企业利润增速 | % | 预期性 | 5左右
11 | 新发展市场主体增速 | % | 预期性 | 12.5左右
12 | 服务业增加值增速 | % | 预期性 | 5.5左右
13 | 固定资产投资增速 | % | 预期性 | 6左右
- | 民间投资增速 | % | 预期性 | 6左右
14 | 社会消费品零售总额增速 | % | 预期性 | 7左右
15 | 全社会研发经费支出占地区生产总值比重 | % | 预期性 | 2.3左右
16 | 万人发明专利拥有量 | 件 | 预期性 | 14左右
17 | 高新技术企业数量 | 家 | 预期性 | 5500以上
18 | 民营经济增加值占地区生产总值的比重 | % | 预期性 | 60左右
19 | 一般公共预算收入增速 | % | 预期性 | 3左右
- | 税收增速 | % | 预期性 | 5.5
20 | 常住人口城镇化率 | % | 预期性 | 71左右
# 创造高品质生活
21 | 全体居民人均可支配收入增速 | % | 预期性 | 7左右
- | 农村居民人均可支配收入增速 | % | 预期性 | 7以上
22 | 城镇新增就业 | 万人 | 预期性 | 60以上
23 | 城镇调查失业率 | % | 预期性 | 5.5以内
24 | 居民消费价格指数 | % | 预期性 | 103以内
25 | 文化产业增加值增速 | % | 预期性 | 8
# 内陆开放高地建设
26 | 进出口总值增速 | % | 预期性 | 5左右
27 | 服务贸易增速 | % | 预期性 | 正增长
28 | 实际利用外资 | 亿美元 | 预期性 | 100以上
# 山清水秀美丽之地建设
29 | 空气质量优良天数 | 天 | 约束性 | 320以上
30 | 森林覆盖率 | % | 约束性 | 55
31 | 单位地区生产总值能耗下降 | % | 约束性 | ▽
32 | 单位地区生产总值二氧化碳排放下降 | % | 约束性 | —
33 | 主要污染物重点工程减排量 | 万吨 | 约束性 | —
- | 化学需氧量 | 万吨 | 约束性 | —
- | 挥发性有机物 | 万吨 | 约束性 | —
- | 氨氮 | 万吨 | 约束性 | —
- | 氮氧化物 | 万吨 | 约束性 | —
# 安全发展
34 | 粮食产量 | 亿公斤 | 预期性 | 108.7
35 | 每亿元地区生产总值生产安全事故死亡人数 | | 约束性 | 0.032左右
"""

BOX_1 = """
1 | 地区生产总值增长 | % | 预期性 | 9* | 7.2*
2 | 居民人均可支配收入增长 | % | 预期性 | 9.5* | 8.9*
# 创新发展
3 | 产业结构调整投资占全社会固定资产投资比重 | % | 预期性 | 50 | 30
4 | 服务业增加值占地区生产总值比重 | % | 预期性 | 50左右 | 52.8
5 | 创新效率
- | 研究经费投入强度 | % | 预期性 | 2.2 | 2.1
- | 万人发明专利拥有量 | 件 | 预期性 | 6 | 11.3
- | 全员劳动生产率 | 万元/人 | 预期性 | 13 | 14.7
- | 规模以上工业企业全员劳动生产率 | 万元/人 | 预期性 | 30 | 35
6 | 战略性新兴产业产值占工业总产值比重 | % | 预期性 | 25 | 28
7 | 互联网普及率 | % | 预期性 | 80 | 98
# 协调发展
8 | “一区”与“两群”人均地区生产总值比值 | | 预期性 | 1.85∶1 | 1.84∶1
9 | 户籍人口城镇化率 | % | 预期性 | 50 | 49.2
10 | 城乡居民人均可支配收入比 | | 预期性 | 2.4∶1 | 2.45∶1
11 | 文化产业增加值占地区生产总值比重 | % | 预期性 | 4 | 3.8左右
# 绿色发展
12 | 森林增长
- | 森林覆盖率 | % | 约束性 | 46 | 52.5
- | 森林蓄积量 | 亿立方米 | 约束性 | 2.4 | 2.41
13 | 长江干流水质 | 类 | 约束性 | III | Ⅱ
14 | 空气质量
- | 中心城区细颗粒物（PM2.5）浓度下降 | % | 约束性 | 【18】 | 【42.1】
- | 中心城区空气质量优良天数比率 | % | 约束性 | 83 | 91
15 | 主要污染物排放总量减少
- | 化学需氧量 | % | 约束性 | 【7.4】 | 【7.4】
- | 二氧化硫 | % | 约束性 | 【18】 | 【21.8】
- | 氨氮 | % | 约束性 | 【6.3】 | 【6.3】
- | 氮氧化物 | % | 约束性 | 【18】 | 【18】
16 | 单位地区生产总值能源消耗降低 | % | 约束性 | 【16】 | 【18.6】
17 | 单位地区生产总值二氧化碳排放降低 | % | 约束性 | 【19.5】 | 【19.5】
18 | 单位地区生产总值用水量降低 | % | 约束性 | 【29】 | 【29】
19 | 净增建设用地总量 | 公顷 | 约束性 | ＜【75000】 | 【52821】
# 开放发展
20 | 进出口总额 | 亿元 | 预期性 | 10000 | 6500
21 | 服务贸易进出口总额 | 亿美元 | 预期性 | 500 | 240
22 | 实际利用外资 | 亿美元 | 预期性 | 【500】 | 【523.8】
23 | 市外货物占重庆货物周转量比重
- | 市外货物占重庆港口货物周转量比重 | % | 预期性 | ＞50 | 50
- | 市外货物占江北国际机场货物周转量比重 | % | 预期性 | ＞30 | 15
- | “渝新欧”国际货运班列市外货量占比 | % | 预期性 | ＞45 | 46
# 共享发展
24 | 农村贫困人口脱贫 | 万人 | 约束性 | 【70.6】 | 【190.6】
25 | 城镇新增就业人数 | 万人 | 预期性 | 【300】 | 【362】
26 | 劳动年龄人口平均受教育年限 | 年 | 约束性 | 11 | 11.3
27 | 人均预期寿命 | 岁 | 预期性 | 78 | 78
28 | 城镇常住人口住房保障覆盖率 | % | 约束性 | 23 | 23
"""

BOX_2 = """
1 | 地区生产总值增长 | % | 预期性 | 3.9 | 6左右*
2 | 人均地区生产总值 | 万元 | 预期性 | 7.9 | 10.2
# 推动高质量发展
3 | 全员劳动生产率 | 万元/人 | 预期性 | 14.7 | 19
4 | 数字经济增加值占地区生产总值比重 | % | 预期性 | 25左右 | 35
5 | 研发经费投入强度 | % | 预期性 | 2.1 | 2.5
6 | 万人发明专利拥有量 | 件 | 预期性 | 11.3 | 16
7 | 科技进步贡献率 | % | 预期性 | 58.6 | 63
8 | 常住人口城镇化率 | % | 预期性 | 68 | 73
9 | “一区”与“两群”人均地区生产总值比值 | | 预期性 | 1.84∶1 | 1.8∶1
# 创造高品质生活
10 | 居民人均可支配收入增长 | % | 预期性 | 6.6 | 6.5*
11 | 城镇调查失业率 | % | 预期性 | 5.7 | ＜5.5
12 | 劳动年龄人口平均受教育年限 | 年 | 约束性 | 11.3 | 12
13 | 人均预期寿命 | 岁 | 预期性 | 78 | 79.3
14 | 文化产业增加值占地区生产总值比重 | % | 预期性 | 3.8左右 | 4.5
15 | 每千人口拥有3岁以下婴幼儿托位数 | 个 | 预期性 | 1.03 | 4
16 | 每千人口拥有执业（助理）医师数 | 人 | 预期性 | 2.7 | 3.6
# 内陆开放高地建设
17 | 进出口总额 | 亿元 | 预期性 | 6500 | 8000
18 | 实际利用外资 | 亿美元 | 预期性 | 102.7 | ＞【500】
# 山清水秀美丽之地建设
19 | 单位地区生产总值能源消耗降低 | % | 约束性 | — | 国家下达
20 | 单位地区生产总值二氧化碳排放降低 | % | 约束性 | — |
21 | 地表水达到或好于III类比例 | % | 约束性 | 100 |
22 | 空气质量优良天数比率 | % | 约束性 | 91 | ≥88
23 | 森林覆盖率 | % | 约束性 | 52.5 | 57
# 安全发展
24 | 粮食综合生产能力 | 万吨 | 约束性 | 1075 | ≥1075
25 | 亿元地区生产总值安全事故死亡率 | | 约束性 | 0.04 | ＜0.025
"""

T, A = MeasureKind.TARGET, MeasureKind.ACTUAL
CASES = {
    "2021": ("003", 0, "2021年国民经济和社会发展规划主要指标预期目标完成情况", [(2021, T), (2021, A)], PLAN_2021),
    "2022": ("003", 1, "2022年国民经济和社会发展计划", [(2022, T)], PLAN_2022),
    "box 1": ("004", 0, "专栏1 “十三五”规划主要指标实现情况", [(2020, T), (2020, A)], BOX_1),
    "box 2": ("004", 1, "专栏2 “十四五”经济社会发展主要指标", [(2020, A), (2025, T)], BOX_2),
}


def stored(prefix: str) -> str:
    return next(DOCUMENTS.glob(f"{prefix}_*.txt")).read_text(encoding="utf-8")


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.fixture(scope="module")
def tables() -> dict[str, tuple[Table, ...]]:
    return {prefix: find_tables(stored(prefix)) for prefix in ("000", "001", "002", "003", "004")}


@pytest.fixture(scope="module")
def measures() -> tuple[Measure, ...]:
    return (*read_tables(stored("003"), "003"), *read_tables(stored("004"), "004"))


def one(measures: tuple[Measure, ...], table: str, indicator: str, year: int, kind: MeasureKind) -> Measure:
    found = [
        measure
        for measure in measures
        if (measure.table, measure.indicator, measure.year, measure.kind) == (CASES[table][2], indicator, year, kind)
    ]
    assert len(found) == 1
    return found[0]


def written(table: str, columns: list[tuple[int, MeasureKind]]) -> list[tuple[object, ...]]:
    """(number, indicator, unit, attribute, group, parent, year, kind, value) of every value of a table written out above."""
    expected: list[tuple[object, ...]] = []
    group = parent = ""
    for line in table.strip().splitlines():
        if line.startswith("# "):
            group, parent = line.removeprefix("# "), ""
            continue
        number, name, *rest = [cell.strip() for cell in line.split("|")]
        if number != "-":
            parent = name
        if rest:
            unit, attribute, *values = rest
            assert len(values) == len(columns), line
            own, above = ("", parent) if number == "-" else (number, "")
            expected += [
                (own, name, unit, attribute, group, above, year, kind, value) for (year, kind), value in zip(columns, values, strict=True)
            ]
    return expected


def test_only_003_and_004_hold_tables(tables: dict[str, tuple[Table, ...]]) -> None:
    assert {prefix: len(found) for prefix, found in tables.items()} == {"000": 0, "001": 0, "002": 0, "003": 2, "004": 2}


@pytest.mark.parametrize("case", CASES)
def test_every_cell_of_a_table(measures: tuple[Measure, ...], case: str) -> None:
    prefix, _, caption, columns, table = CASES[case]
    read = [
        (m.number, m.indicator, m.unit, m.attribute, m.group, m.parent, m.year, m.kind, m.value)
        for m in measures
        if (m.document_id, m.table) == (prefix, caption)
    ]
    assert read == written(table, columns)


def test_no_measure_is_left_over(measures: tuple[Measure, ...]) -> None:
    assert len(measures) == sum(len(written(table, columns)) for _, _, _, columns, table in CASES.values())


@pytest.mark.parametrize(("case", "numbered", "parts"), [("2021", 36, 8), ("2022", 35, 7), ("box 1", 28, 15), ("box 2", 25, 0)])
def test_rows_are_counted(tables: dict[str, tuple[Table, ...]], case: str, numbered: int, parts: int) -> None:
    prefix, place, *_ = CASES[case]
    table = tables[prefix][place]
    rows = [row for row in table.rows if row.kind is RowKind.INDICATOR]
    assert [row.cells[0].text for row in rows if row.parent is None] == [str(number) for number in range(1, numbered + 1)]
    assert sum(row.parent is not None for row in rows) == parts
    assert sum(row.kind is RowKind.GROUP for row in table.rows) == 5


def test_binding_and_expected_indicators_are_as_many_as_the_report_says(measures: tuple[Measure, ...]) -> None:
    """ "7项约束性指标", "29项预期性指标"; for 2022 "约束性指标6项、预期性指标29项"."""
    for case, binding, expected in (("2021", 7, 29), ("2022", 6, 29)):
        numbered = {(m.number, m.attribute) for m in measures if m.table == CASES[case][2] and m.number}
        assert sum(attribute == "约束性" for _, attribute in numbered) == binding
        assert sum(attribute == "预期性" for _, attribute in numbered) == expected


def test_offsets_slice_back(measures: tuple[Measure, ...]) -> None:
    for measure in measures:
        text = stored(measure.document_id)
        row = squeezed(text[measure.row.start : measure.row.end])
        assert squeezed(text[measure.cell.start : measure.cell.end]) == measure.value
        assert measure.indicator in row
        assert measure.unit in row
        if measure.value:
            assert measure.row.start <= measure.cell.start < measure.cell.end <= measure.row.end
        if measure.number:
            assert row.startswith(measure.number)
        else:
            assert row.startswith("#" + measure.indicator)


def test_marks_and_the_notes_that_explain_them(measures: tuple[Measure, ...]) -> None:
    energy = one(measures, "2021", "能源消费总量增速", 2021, A)
    assert energy.marks == ("*", "▽")
    assert energy.note.startswith("加“*”为约束性指标，其他为预期性指标；加“▽”为依据国家对省市考核指标进行调整变化的指标。因国家层面")
    assert energy.note.endswith("第34项“主要污染物排放总量减少”调整为“主要污染物重点工程减排量”")
    assert one(measures, "2021", "非公经济增加值占地区生产总值比重", 2021, A).marks == ("○",)
    assert one(measures, "2021", "化学需氧量", 2021, A).note == "加“□”为暂无统计数据"
    carbon = one(measures, "2021", "单位地区生产总值二氧化碳排放下降", 2021, T)
    assert (carbon.marks, carbon.note) == (("*", "—"), "加“*”为约束性指标，其他为预期性指标；加“—”为国家暂未下达目标值的指标")
    plain = one(measures, "2021", "地区生产总值增速", 2021, A)
    assert (plain.marks, plain.note) == ((), "")
    next_year = one(measures, "2022", "单位地区生产总值能耗下降", 2022, T)
    assert next_year.note == "加“*”为约束性指标，其他为预期性指标；加“▽”指标，“十四五”规划期内统筹考虑"
    assert one(measures, "2022", "氨氮", 2022, T).note == "加“—”以国家下达目标值为准"


def test_totals_and_averages_are_about_the_whole_period(measures: tuple[Measure, ...]) -> None:
    growth = one(measures, "box 1", "地区生产总值增长", 2020, A)
    assert (growth.marks, growth.years) == (("*",), (2016, 2017, 2018, 2019, 2020))
    assert growth.note == "带*为五年年均增速；2020年最终数据以市统计局发布为准"
    jobs = one(measures, "box 1", "城镇新增就业人数", 2020, T)
    assert (jobs.marks, jobs.note, jobs.years) == (("【】",), "带【】为五年累计数", (2016, 2017, 2018, 2019, 2020))
    assert one(measures, "box 2", "地区生产总值增长", 2025, T).years == (2021, 2022, 2023, 2024, 2025)
    assert one(measures, "box 2", "地区生产总值增长", 2025, T).note == "带*为规划期平均数"
    assert one(measures, "box 2", "实际利用外资", 2025, T).years == (2021, 2022, 2023, 2024, 2025)
    assert one(measures, "box 2", "实际利用外资", 2020, A).years == (2020,)
    assert one(measures, "2021", "空气质量优良天数", 2021, T).years == (2021,)


def test_a_note_on_one_indicator_stays_with_it(measures: tuple[Measure, ...]) -> None:
    assert one(measures, "box 1", "长江干流水质", 2020, T).note == "长江干流水质采用新标准统计，增加了总磷等指标"
    assert one(measures, "box 1", "森林蓄积量", 2020, T).note == ""


def test_what_qualifies_a_unit_is_kept_apart(measures: tuple[Measure, ...]) -> None:
    assert one(measures, "box 2", "人均地区生产总值", 2025, T).basis == "2020年价"
    assert {m.indicator for m in measures if m.basis} == {"人均地区生产总值", "全员劳动生产率"}


def test_an_empty_cell_below_words_may_be_merged_with_them(measures: tuple[Measure, ...]) -> None:
    assert {(m.indicator, m.year, m.merged) for m in measures if m.merged} == {
        ("单位地区生产总值二氧化碳排放降低", 2025, "国家下达"),
        ("地表水达到或好于III类比例", 2025, "国家下达"),
    }


def test_captions_headers_and_notes(tables: dict[str, tuple[Table, ...]]) -> None:
    for prefix, place, caption, _, _ in CASES.values():
        text, table = stored(prefix), tables[prefix][place]
        assert table.caption == caption
        assert squeezed(text[table.caption_span.start : table.caption_span.end]) == squeezed(caption)
        assert len(table.headers) == (2 if prefix == "003" else 1)
        for header in table.headers:
            assert squeezed(text[header.start : header.end]) == "".join(column.title for column in table.columns)
        assert table.notes is not None
        assert text[table.notes.start : table.notes.end].lstrip("备").startswith("注：")
        assert text[table.notes.start : table.notes.end].endswith("。")
        assert table.span.start == table.caption_span.start
        assert table.span.end == table.notes.end
        assert "章" not in text[table.span.start : table.span.end]


def test_spans_cover_the_table_in_order(tables: dict[str, tuple[Table, ...]]) -> None:
    for prefix, found in tables.items():
        text = stored(prefix)
        for table in found:
            assert table.notes is not None
            spans = sorted([table.caption_span, *table.headers, *(row.span for row in table.rows), table.notes])
            rest = text[table.span.start : spans[0].start]
            for before, after in pairwise(spans):
                assert before.end <= after.start
                rest += text[before.end : after.start]
            assert rest.strip() == ""
            for row in table.rows:
                assert squeezed(text[row.span.start : row.span.end]) == squeezed("".join(cell.text for cell in row.cells))


def test_a_tab_separated_table_with_other_columns() -> None:
    text = """说明文字到此为止。
某县2023年主要经济指标
指标名称\t计量单位\t2022年实际\t2023年预计\t2024年目标\t责任单位
地区生产总值\t亿元\t512.3\t548\t590左右\t县发展改革委
其中：工业增加值\t亿元\t180\t\t210\t县经济信息委
#规上工业增加值(亿元)\t\t150\t△\t
一、民生
居民收入增速\t%\t6.1\t6.5\t7以上\t县财政局
注：加“△”为待核实数据。
后文。"""
    (table,) = find_tables(text)
    assert table.caption == "某县2023年主要经济指标"
    assert [column.role for column in table.columns] == [
        ColumnRole.NAME,
        ColumnRole.UNIT,
        ColumnRole.VALUE,
        ColumnRole.VALUE,
        ColumnRole.VALUE,
        ColumnRole.LEAD,
    ]
    assert text[table.span.end :] == "\n后文。"
    read = [(m.indicator, m.unit, m.year, m.kind, m.value, m.parent, m.group, m.note) for m in read_tables(text, "x")]
    estimate = MeasureKind.ESTIMATE
    assert read == [
        ("地区生产总值", "亿元", 2022, A, "512.3", "", "", ""),
        ("地区生产总值", "亿元", 2023, estimate, "548", "", "", ""),
        ("地区生产总值", "亿元", 2024, T, "590左右", "", "", ""),
        ("工业增加值", "亿元", 2022, A, "180", "地区生产总值", "", ""),
        ("工业增加值", "亿元", 2023, estimate, "", "地区生产总值", "", ""),
        ("工业增加值", "亿元", 2024, T, "210", "地区生产总值", "", ""),
        ("规上工业增加值", "亿元", 2022, A, "150", "地区生产总值", "", ""),
        ("规上工业增加值", "亿元", 2023, estimate, "△", "地区生产总值", "", "加“△”为待核实数据"),
        ("规上工业增加值", "亿元", 2024, T, "", "地区生产总值", "", ""),
        ("居民收入增速", "%", 2022, A, "6.1", "", "民生", ""),
        ("居民收入增速", "%", 2023, estimate, "6.5", "", "民生", ""),
        ("居民收入增速", "%", 2024, T, "7以上", "", "民生", ""),
    ]


def test_an_exploded_table_with_other_columns() -> None:
    text = """表3  “十五五”目标

\t指标
\t单位
\t2025年
\t2030年

\t一、总量

\t人口
（常住）
\t万人
\t100
\t【12】

\t#城镇
\t万人
\t60
\t

备注：带【】为五年累计数。
正文继续。"""
    (table,) = find_tables(text)
    assert (table.caption, [column.title for column in table.columns]) == ("表3 “十五五”目标", ["指标", "单位", "2025年", "2030年"])
    read = [(m.indicator, m.unit, m.year, m.kind, m.value, m.group, m.parent, m.years) for m in read_tables(text, "x")]
    assert read == [
        ("人口（常住）", "万人", 2025, A, "100", "总量", "", (2025,)),
        ("人口（常住）", "万人", 2030, T, "【12】", "总量", "", (2026, 2027, 2028, 2029, 2030)),
        ("城镇", "万人", 2025, A, "60", "总量", "人口（常住）", (2025,)),
        ("城镇", "万人", 2030, T, "", "总量", "人口（常住）", (2030,)),
    ]
    assert text[table.span.end :] == "\n正文继续。"


def test_a_table_without_years_is_found_but_gives_no_measure() -> None:
    text = "任务表\n序号\t事项\t责任单位\n1\t修路\t市交通局\n2\t植树\t市林业局\n"
    (table,) = find_tables(text)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["1", "修路", "市交通局"], ["2", "植树", "市林业局"]]
    assert (table.caption, table.notes) == ("任务表", None)
    assert read_tables(text, "x") == ()


BULLETIN = """2023年某市国民经济和社会发展统计公报[1]
某市统计局
2024年3月26日
一、综合
全市常住人口3191.43万人。
表1　2023年年末全市人口数及其构成
指标\t年末数（万人）\t比重（%）
全市常住人口[2]\t3191.43\t100.00
其中：城镇\t2287.45\t71.67
乡村\t903.98\t28.33
其中：男性\t1604.64\t50.28

二、工业
表2　2023年主要产品产量及其增长速度
产品名称\t单位\t产量\t比上年增长（%）
汽车\t万辆\t231.79\t10.9
其中：新能源汽车\t万辆\t50.03\t-30.3

三、财政
表3　2023年全市一般公共预算收支
单位：亿元
指标\t绝对数\t比上年增长（%）
一般公共预算收入\t2440.8\t16.0

四、人民生活
指标\t2022年\t2023年\t增长（%）
全体居民人均可支配收入（元）\t35666\t37595\t5.4

注：
[1]本公报中数据均为初步统计数。
[2]常住人口是指实际经常居住的人口。
"""


def test_the_tables_of_a_statistical_bulletin() -> None:
    """Values of the year that caption or document report on; shares and growth are aspects of the indicator; the notes are the document's."""
    read = [(m.indicator, m.unit, m.year, m.value, m.parent) for m in read_tables(BULLETIN, "x", 2023)]
    assert read == [
        ("全市常住人口年末数", "万人", 2023, "3191.43", ""),
        ("全市常住人口比重", "%", 2023, "100.00", ""),
        ("城镇年末数", "万人", 2023, "2287.45", "全市常住人口"),
        ("城镇比重", "%", 2023, "71.67", "全市常住人口"),
        ("乡村年末数", "万人", 2023, "903.98", ""),
        ("乡村比重", "%", 2023, "28.33", ""),
        ("男性年末数", "万人", 2023, "1604.64", "全市常住人口"),
        ("男性比重", "%", 2023, "50.28", "全市常住人口"),
        ("汽车产量", "万辆", 2023, "231.79", ""),
        ("汽车比上年增长", "%", 2023, "10.9", ""),
        ("新能源汽车产量", "万辆", 2023, "50.03", "汽车"),
        ("新能源汽车比上年增长", "%", 2023, "-30.3", "汽车"),
        ("一般公共预算收入", "亿元", 2023, "2440.8", ""),
        ("一般公共预算收入比上年增长", "%", 2023, "16.0", ""),
        ("全体居民人均可支配收入", "元", 2022, "35666", ""),
        ("全体居民人均可支配收入", "元", 2023, "37595", ""),
        ("全体居民人均可支配收入增长", "%", 2023, "5.4", ""),
    ]
    assert {m.kind for m in read_tables(BULLETIN, "x", 2023)} == {A}
    assert len(read_tables(BULLETIN, "x")) == 14
    tables = find_tables(BULLETIN)
    assert [(table.caption, table.unit, table.notes) for table in tables] == [
        ("表1 2023年年末全市人口数及其构成", "", None),
        ("表2 2023年主要产品产量及其增长速度", "", None),
        ("表3 2023年全市一般公共预算收支", "亿元", None),
        ("", "", None),
    ]
    for measure in read_tables(BULLETIN, "x", 2023):
        assert BULLETIN[measure.cell.start : measure.cell.end] == measure.value


def test_a_header_of_two_rows() -> None:
    text = "指标\t单位\t2023年\t\t2024年\n\t\t目标\t预计\t目标\n新增就业\t万人\t60\t70\t65以上\n"
    (table,) = find_tables(text)
    assert [column.title for column in table.columns] == ["指标", "单位", "2023年目标", "2023年预计", "2024年目标"]
    assert [(m.year, m.kind, m.value) for m in read_tables(text, "x")] == [
        (2023, T, "60"),
        (2023, MeasureKind.ESTIMATE, "70"),
        (2024, T, "65以上"),
    ]


@pytest.mark.parametrize(
    "text", ["", "目录\n第一章\t（1）\n第二章\t（18）\n", "没有表格。", "序号\t指标名称\t2021年预期\n", "\t\n\t\n\n\t"]
)
def test_text_that_holds_no_table(text: str) -> None:
    assert find_tables(text) == ()
