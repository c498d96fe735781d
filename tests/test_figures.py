"""Figures, dates, document numbers, labels and names: cases worked by hand, and what must hold for every digit of the corpus."""

import re
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus
from corpus.figures import (
    DISTRICTS,
    Bound,
    Date,
    DateKind,
    Figure,
    FigureKind,
    LabelKind,
    NameKind,
    find_dates,
    find_document_numbers,
    find_expressions,
    find_figures,
    find_labels,
    find_names,
    in_unit,
    is_unit,
    normal,
    same_figure,
    years_in,
)

DOCUMENTS = Path(corpus.__file__).parent / "documents"
Q, P, N, C = FigureKind.QUANTITY, FigureKind.PERCENT, FigureKind.ORDINAL, FigureKind.CODE


def stored(prefix: str) -> str:
    return next(DOCUMENTS.glob(f"{prefix}_*.txt")).read_text(encoding="utf-8")


def only(text: str) -> Figure:
    (figure,) = find_figures(text)
    return figure


@pytest.mark.parametrize(
    ("text", "surface", "kind", "low", "high", "unit"),
    [
        ("新型研发机构达到 300家。", "300家", Q, "300", "300", "家"),
        ("科技型企业超过 4.5万家。", "4.5万家", Q, "45000", "45000", "家"),
        ("力争工业规模达到 3万亿元。", "3万亿元", Q, "3000000000000", "3000000000000", "元"),
        ("粮食产量稳定在 108亿公斤。", "108亿公斤", Q, "10800000000", "10800000000", "公斤"),
        ("通车里程达到\n402公里。", "402公里", Q, "402", "402", "公里"),
        ("新建5G基站2.1\n万个", "2.1\n万个", Q, "21000", "21000", "个"),
        ("500千伏输变电工程", "500千伏", Q, "500", "500", "千伏"),
        ("装机规模超30万千瓦", "30万千瓦", Q, "300000", "300000", "千瓦"),
        ("全员劳动生产率达到19万元/人。", "19万元/人", Q, "190000", "190000", "元/人"),
        ("提高到125元/月", "125元/月", Q, "125", "125", "元/月"),
        ("新增污泥处理能力2000吨/天", "2000吨/天", Q, "2000", "2000", "吨/天"),
        ("投资1,234.5万元", "1,234.5万元", Q, "12345000", "12345000", "元"),
        ("直联点带宽达到 590G、", "590G", Q, "590", "590", "G"),
        ("5MW及以上等级风力发电机", "5MW", Q, "5", "5", "MW"),
        ("清理资产540余亿元", "540余亿元", Q, "54000000000", "54000000000", "元"),
        ("用户达到43万，", "43万", Q, "430000", "430000", ""),
        ("【523. 8】", "523. 8", Q, "523.8", "523.8", ""),
        ("增速为-5.2%", "-5.2%", P, "-5.2", "-5.2", "%"),
        ("比重达到 2.5%，", "2.5%", P, "2.5", "2.5", "%"),
        ("增长５０％", "５０％", P, "50", "50", "%"),
        ("百分之十五点三", "百分之十五点三", P, "15.3", "15.3", "%"),
        ("好于预期目标2.3个百分点", "2.3个百分点", FigureKind.POINTS, "2.3", "2.3", "个百分点"),
        ("下降约0.5百分点", "0.5百分点", FigureKind.POINTS, "0.5", "0.5", "百分点"),
        ("降至 2.35∶1。", "2.35∶1", FigureKind.RATIO, "2.35", "2.35", ""),
        ("比值\t1.8左右:1\n", "1.8左右:1", FigureKind.RATIO, "1.8", "1.8", ""),
        ("预计为1.80：1以下", "1.80：1", FigureKind.RATIO, "1.8", "1.8", ""),
        ("力争 1—2所高校入选", "1—2所", Q, "1", "2", "所"),
        ("3—11岁人群", "3—11岁", Q, "3", "11", "岁"),
        ("增长5%—6%", "5%—6%", P, "5", "6", "%"),
        ("新增3至5年的", "3至5年", Q, "3", "5", "年"),
        ("8000—1万人", "8000—1万人", Q, "8000", "10000", "人"),
        ("投入1～2亿元", "1～2亿元", Q, "100000000", "200000000", "元"),
        ("三千家企业", "三千家", Q, "3000", "3000", "家"),
        ("十二条措施", "十二条", Q, "12", "12", "条"),
        ("一百零五项任务", "一百零五项", Q, "105", "105", "项"),
        ("成立一百周年", "一百周年", Q, "100", "100", "周年"),
        ("两万五千个", "两万五千个", Q, "25000", "25000", "个"),
        ("三至五年", "三至五年", Q, "3", "5", "年"),
        ("数量增长3.3倍，", "3.3倍", Q, "3.3", "3.3", "倍"),
        ("较2020年翻一番以上", "一番", Q, "1", "1", "番"),
        ("占三成以上", "三成", Q, "3", "3", "成"),
        ("占四分之一", "四分之一", FigureKind.FRACTION, "0.25", "0.25", ""),
        ("减少一半", "一半", FigureKind.FRACTION, "0.5", "0.5", ""),
        ("办好第四届中新金融峰会", "第四届", N, "4", "4", "届"),
        ("京东方第 6代柔性显示面板", "第 6代", N, "6", "6", "代"),
        ("居全国第5位", "第5位", N, "5", "5", "位"),
        ("推进15号线建设", "15号线", N, "15", "15", "号线"),
        ("推进三级医院建设", "三级", N, "3", "3", "级"),
        ("建成龙头港二期", "二期", N, "2", "2", "期"),
        ("加快江北机场 T3B航站楼", "T3B", C, "3", "3", ""),
        ("PM2.5年均浓度", "PM2.5", C, "2", "2", ""),
        ("推动 5G融合应用", "5G", C, "5", "5", ""),
        ("国家5A级景区", "5A", C, "5", "5", ""),
        ("“1+5+N”医药产业", "1+5+N", C, "1", "1", ""),
        ("实施“850+”计划", "850+", C, "850", "850", ""),
        ("构建“33618”体系", "33618", C, "33618", "33618", ""),
        ("联系电话：（023）63859946", "（023）63859946", C, "23", "23", ""),
    ],
)
def test_figures(text: str, surface: str, kind: FigureKind, low: str, high: str, unit: str) -> None:
    figure = next(figure for figure in find_figures(text) if figure.surface == surface)
    assert (figure.kind, figure.low, figure.high, figure.unit) == (kind, Decimal(low), Decimal(high), unit)
    assert text[figure.span.start : figure.span.end] == surface


@pytest.mark.parametrize(
    ("text", "bound", "markers"),
    [
        ("高新技术企业突破 8000家", Bound.AT_LEAST, ("突破",)),
        ("增长6%以上", Bound.AT_LEAST, ("以上",)),
        ("1000 余家", Bound.AT_LEAST, ("余",)),
        ("不少于20万场次", Bound.AT_LEAST, ("不少于",)),
        ("≥88", Bound.AT_LEAST, ("≥",)),
        ("失业率 5.5%左右", Bound.ABOUT, ("左右",)),
        ("近200个", Bound.ABOUT, ("近",)),
        ("涨幅控制在 3.2%以内", Bound.AT_MOST, ("以内",)),
        ("＜【75000】", Bound.AT_MOST, ("＜",)),
        ("1.80:1以下", Bound.AT_MOST, ("以下",)),
        ("不超过十个", Bound.AT_MOST, ("不超过",)),
        ("增长 6%。", Bound.EXACT, ()),
    ],
)
def test_bounds(text: str, bound: Bound, markers: tuple[str, ...]) -> None:
    figure = only(text)
    assert (figure.bound, figure.markers) == (bound, markers)


@pytest.mark.parametrize(
    "text",
    [
        "三峡库区、四川、两江新区、九龙坡区、万州、一带一路、一体化、进一步、一批、百年、千方百计、三一西南基地、十分、四面山、五里坡",
        "“三百”企业、“四千行动”、三位一体、两位数增长、党的二十大、十四五",
        "綦江一万盛城市综合承载能力",
    ],
)
def test_numerals_that_count_nothing(text: str) -> None:
    assert find_figures(text) == ()


def test_a_list_of_values_is_a_list_of_figures() -> None:
    text = "分别达到 55%、 70%、60%，8500家和6万家，4桥2隧"
    assert [(str(figure.low), figure.unit) for figure in find_figures(text)] == [
        ("55", "%"),
        ("70", "%"),
        ("60", "%"),
        ("8500", "家"),
        ("60000", "家"),
        ("4", "桥"),
        ("2", "隧"),
    ]


def test_a_cell_of_a_table_does_not_reach_into_the_next() -> None:
    text = "\t30\n\n\t6\n\t家庭\n\t25左右\n\t3.8\n"
    assert [(figure.surface, figure.unit) for figure in find_figures(text)] == [("30", ""), ("25", ""), ("3.8", "")]
    assert [label.number for label in find_labels(text)] == [6]


@pytest.mark.parametrize(
    ("text", "surface", "kind", "first", "last", "month", "day", "part"),
    [
        ("——2024年1月21日在会上", "2024年1月21日", DateKind.DAY, 2024, 2024, 1, 21, ""),
        ("发布日期 :2021-02-03 ", "2021-02-03", DateKind.DAY, 2021, 2021, 2, 3, ""),
        ("2022 年 1 月 30 日出版", "2022 年 1 月 30 日", DateKind.DAY, 2022, 2022, 1, 30, ""),
        ("Published on January 30, 2022", "January 30, 2022", DateKind.DAY, 2022, 2022, 1, 30, ""),
        ("2023年12月底", "2023年12月", DateKind.MONTH, 2023, 2023, 12, None, ""),
        ("7月1日前", "7月1日", DateKind.DAY, None, None, 7, 1, ""),
        ("以及 2021年国民经济", "2021年", DateKind.YEAR, 2021, 2021, None, None, ""),
        ("2022年度160个", "2022年度", DateKind.YEAR, 2022, 2022, None, None, ""),
        ("从2021年下半年开始", "2021年下半年", DateKind.PART, 2021, 2021, None, None, "下半年"),
        ("2021 年末，", "2021 年末", DateKind.PART, 2021, 2021, None, None, "末"),
        ("二季度开通", "二季度", DateKind.PART, None, None, None, None, "二季度"),
        ("（2021—2025年）", "2021—2025年", DateKind.PERIOD, 2021, 2025, None, None, ""),
        ("2021年至2025年", "2021年至2025年", DateKind.PERIOD, 2021, 2025, None, None, ""),
        ("“十三五”规划", "十三五", DateKind.PERIOD, 2016, 2020, None, None, ""),
        ("“十四五 ”末赶上", "十四五 ”末", DateKind.PART, 2025, 2025, None, None, "末"),
        ("十四五时期", "十四五", DateKind.PERIOD, 2021, 2025, None, None, ""),
        ("第十四个五年规划", "第十四个五年", DateKind.PERIOD, 2021, 2025, None, None, ""),
        ("第十五个五年规划", "第十五个五年", DateKind.PERIOD, 2026, 2030, None, None, ""),
        ("二〇三五年远景目标", "二〇三五年", DateKind.YEAR, 2035, 2035, None, None, ""),
        ("二○二一年十二月三十一日", "二○二一年十二月三十一日", DateKind.DAY, 2021, 2021, 12, 31, ""),
        ("数字经济产业论坛、2021 智博会", "2021", DateKind.YEAR, 2021, 2021, None, None, ""),
        ("去年增长", "去年", DateKind.RELATIVE, None, None, None, None, ""),
        ("今年，重点", "今年", DateKind.RELATIVE, None, None, None, None, ""),
    ],
)
def test_dates(
    text: str, surface: str, kind: DateKind, first: int | None, last: int | None, month: int | None, day: int | None, part: str
) -> None:
    (date,) = find_dates(text)
    assert date == Date(date.span, surface, kind, first, last, month, day, part)
    assert text[date.span.start : date.span.end] == surface
    assert not [figure for figure in find_figures(text) if figure.span.start < date.span.end and date.span.start < figure.span.end]


@pytest.mark.parametrize("text", ["2000公里", "达到2000。", "2023个", "5年过渡期", "7个月", "13月", "2021年价以外的12个"])
def test_numbers_that_are_no_dates(text: str) -> None:
    assert [date.surface for date in find_dates(text)] == (["2021年"] if "2021年" in text else [])


def test_years() -> None:
    assert years_in("“十四五”期间，到2035年") == (2021, 2022, 2023, 2024, 2025, 2035)
    assert years_in("渝府办发〔2021〕12号，去年完成2000公里") == ()
    assert years_in("2021年实际比2020年高，2021年") == (2020, 2021)


@pytest.mark.parametrize(
    ("text", "surface", "normal_form"),
    [
        ("渝府办发〔 2021〕12号", "渝府办发〔 2021〕12号", "渝府办发〔2021〕12号"),
        ("根据渝府发（2021）6 号文件", "渝府发（2021）6 号", "渝府发〔2021〕6号"),
        ("按照《通知》（国办发[2020]第43号）", "国办发[2020]第43号", "国办发〔2020〕43号"),
        ("见发改办\n财金【2019】187号", "发改办\n财金【2019】187号", "发改办财金〔2019〕187号"),
    ],
)
def test_document_numbers(text: str, surface: str, normal_form: str) -> None:
    (number,) = find_document_numbers(text)
    assert (number.surface, number.text) == (surface, normal_form)
    assert text[number.span.start : number.span.end] == surface
    assert find_figures(text) == ()
    assert find_dates(text) == ()


def test_labels_are_kept_apart_from_quantities() -> None:
    text = "1.建设3个基地。2. 5G基站。\n（3）培育4.5万家\n专栏5  方向\n详见附件1。\n2022 年第 2 期\n(总第908期)\n报告\t（18）\n（上接2版）"
    labels = [(label.kind, label.number) for label in find_labels(text)]
    numbering, page, issue = LabelKind.NUMBERING, LabelKind.PAGE, LabelKind.ISSUE
    assert labels == [
        (numbering, 1),
        (numbering, 2),
        (numbering, 3),
        (numbering, 5),
        (numbering, 1),
        (issue, 2),
        (issue, 908),
        (page, 18),
        (page, 2),
    ]
    assert [figure.surface for figure in find_figures(text)] == ["3个", "5G", "4.5万家"]


@pytest.mark.parametrize("prefix", ["000", "001", "002", "003", "004"])
def test_every_run_of_digits_belongs_to_exactly_one_expression(prefix: str) -> None:
    text = stored(prefix)
    expressions = find_expressions(text)
    for before, after in pairwise(expressions):
        assert before.span.end <= after.span.start
    for run in re.finditer(r"\d+", text):
        holders = [found for found in expressions if found.span.start <= run.start() and run.end() <= found.span.end]
        assert len(holders) == 1, text[run.start() - 10 : run.end() + 10]
    for found in expressions:
        assert text[found.span.start : found.span.end] == found.surface
        assert "\t" not in found.surface


def test_the_task_numbers_are_the_labels_of_document_000() -> None:
    assert [label.number for label in find_labels(stored("000"))] == list(range(1, 457))


def test_the_only_document_number_of_the_corpus() -> None:
    assert [number.text for prefix in ("000", "001", "002", "003", "004") for number in find_document_numbers(stored(prefix))] == [
        "渝府办发〔2021〕12号"
    ]


@given(st.text(alphabet="0123456789.,%点分之成番翻半余万亿千百十一二三四五年月日个家第期号〔〕（）()《》“”—-–至:∶/+ \n\tGTN", max_size=40))
def test_any_text_keeps_its_digits(text: str) -> None:
    expressions = find_expressions(text)
    covered = [place for found in expressions for place in range(found.span.start, found.span.end)]
    assert len(covered) == len(set(covered))
    for run in re.finditer(r"\d+", text):
        assert sum(found.span.start <= run.start() and run.end() <= found.span.end for found in expressions) == 1
    for found in expressions:
        assert text[found.span.start : found.span.end] == found.surface
        if isinstance(found, Figure):
            assert found.low <= found.high


@given(st.text(max_size=60))
def test_normal_is_settled(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_normal_forms() -> None:
    assert normal("“十四五 ”规划（２０２１—2025年）") == normal('"十四五"规划(2021-2025年)')
    assert normal("渝府办发〔 2021〕12号") == normal("渝府办发[2021]12号")
    assert normal("2.35∶1") == normal("2.35：1") == normal("2.35:1")
    assert normal("两岸青山•千里林带") == normal("两岸青山·千里林带")
    assert normal("5g 基站") == normal("5G基站")
    assert normal("6%") != normal("16%")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("4.5万家", "45000家", True),
        ("4.5万家", "45,000家", True),
        ("三千家", "3000家", True),
        ("2.50%", "2.5%", True),
        ("百分之六", "6%", True),
        ("6%以上", "6%", True),
        ("108亿公斤", "1080万吨", True),
        ("15亩", "1公顷", True),
        ("418人", "418名", True),
        ("30万千瓦", "300兆瓦", True),
        ("2.35∶1", "2.35：1", True),
        ("1.8左右:1", "1.8∶1", True),
        ("1—2所", "1至2所", True),
        ("三分之一", "三分之一", True),
        ("5G", "5g", True),
        ("4500", "4500家", True),
        ("6", "6%", True),
        ("6%", "16%", False),
        ("6%", "6个百分点", False),
        ("6%", "6家", False),
        ("5亿元", "5亿美元", False),
        ("4.5万家", "4.5家", False),
        ("4.5万家", "45000户", False),
        ("1—2所", "2所", False),
        ("2∶1", "1∶2", False),
        ("第6代", "6", False),
        ("第四届", "第四次", False),
        ("5G", "5", False),
        ("3公里", "3平方公里", False),
    ],
)
def test_same_figure(first: str, second: str, same: bool) -> None:
    left, right = only(first), only(second)
    assert same_figure(left, right) is same
    assert same_figure(right, left) is same


@pytest.mark.parametrize("unit", ["%", "万元/人年", "亿立方米", "类", "万人", "岁", "公顷", "亿美元", "个", "吨/天", "个百分点"])
def test_units(unit: str) -> None:
    assert is_unit(unit)


@pytest.mark.parametrize("text", ["", "常住", "PM2.5", "助理", "重庆", "万元，2020年价", "3个"])
def test_what_is_no_unit(text: str) -> None:
    assert not is_unit(text)


@pytest.mark.parametrize(
    ("value", "unit", "surface"),
    [
        ("75.1", "万人", "75.1万人"),
        ("5.5左右", "%", "5.5%"),
        ("【523.8】", "亿美元", "523.8亿美元"),
        ("14.7", "万元/人", "14.7万元/人"),
        ("＜5.5", "%", "5.5%"),
    ],
)
def test_a_cell_in_the_unit_of_its_row(value: str, unit: str, surface: str) -> None:
    assert same_figure(in_unit(only(value), unit), only(surface))
    assert in_unit(only(value), unit).bound is only(value).bound


def test_a_figure_keeps_a_unit_of_its_own() -> None:
    assert in_unit(only("6%"), "万人") == only("6%")
    assert in_unit(only("1.8∶1"), "%") == only("1.8∶1")
    assert in_unit(only("6"), "") == only("6")
    assert in_unit(only("6"), "2020年价") == only("6")


def names(text: str, kind: NameKind) -> list[str]:
    return [name.text for name in find_names(text) if name.kind is kind]


def test_titles_and_quoted_expressions() -> None:
    text = "《 2021年市政府工作报告\n目标任务分解方案》提出“智造重镇 ”“智慧名城 ”建设"
    assert names(text, NameKind.TITLE) == ["2021年市政府工作报告目标任务分解方案"]
    assert names(text, NameKind.QUOTED) == ["智造重镇", "智慧名城"]


def test_units_of_government() -> None:
    text = (
        "责任单位 :市发展改革委、市委组织部、市政府口岸物流办、市市场监\n管局、市民政局、两江新区管委会、九龙坡区政府、人行重庆营管部、"
        "重庆海关、各区县政府;市场主体和市民参与，由市规划和自然资源局与市科技局负责。"
    )
    assert names(text, NameKind.UNIT) == [
        "市发展改革委",
        "市委组织部",
        "市政府口岸物流办",
        "市市场监管局",
        "市民政局",
        "两江新区管委会",
        "九龙坡区政府",
        "人行重庆营管部",
        "重庆海关",
        "各区县政府",
        "市规划和自然资源局",
        "市科技局",
    ]


def test_places() -> None:
    assert names("支持万州、石柱土家族自治县和渝中区建设，推进江\n津区", NameKind.PLACE) == ["万州", "石柱土家族自治县", "渝中区", "江津区"]
    assert names("健康长寿，成渝中线高铁，长江北岸，江河南岸", NameKind.PLACE) == []
    assert names("推进璧山、江津、长寿、南川与中心城区同城化发展", NameKind.PLACE) == ["璧山", "江津", "长寿", "南川"]


def test_the_district_table_is_complete() -> None:
    assert len(DISTRICTS) == 38
    assert [sum(name.endswith(end) for name in DISTRICTS) for end in ("区", "自治县", "县")] == [26, 4, 12]
    mentioned = {name.text for prefix in ("000", "004") for name in find_names(stored(prefix)) if name.kind is NameKind.PLACE}
    assert {short for official, short in DISTRICTS.items() if not {official, short} & mentioned} == set()


@pytest.mark.parametrize("prefix", ["000", "004"])
def test_names_slice_back(prefix: str) -> None:
    text = stored(prefix)
    for name in find_names(text):
        assert "".join(text[name.span.start : name.span.end].split()) == name.text


def test_most_units_of_the_tasks_are_recognised() -> None:
    text = stored("000")
    found = set(names(text, NameKind.UNIT))
    assert {
        "市发展改革委",
        "市规划自然资源局",
        "重庆银保监局",
        "市粮食安全行政首长责任制考核领导小组成员单位",
        "团市委",
        "民航重庆监管局",
    } <= found
    assert max(map(len, found)) <= 25
