"""What a question says outright, a reading must agree with, however alike the two are."""

from dataclasses import replace

import pytest

from corpus.types import MeasureKind, Place, Reading, Span, StatedMeasure, Via
from rag.guard import conflicts, contradicts, rules_out
from rag.types import Conflict


def reading(question: str, answer: str, quote: str = "", years: tuple[int, ...] = (), kind: str = "number") -> Reading:
    return Reading("r", "001", question, (), answer, (quote or answer,), (), kind, years, "test")


CONTRADICTED = [
    ("长江十年禁渔涉及多少渔民", (), reading("长江十年禁渔怎么安排？", "持续推进长江十年禁渔")),
    # (question, years, reading)
    ("成都市2024年的地铁里程是多少", (2024,), reading("2024年重庆轨道交通里程目标是多少？", "600公里", years=(2024,))),
    ("2023年粮食产量是多少", (2023,), reading("2021年粮食产量是多少？", "109.3亿公斤", years=(2021,))),
    ("2021年生育保险基金收了多少", (2021,), reading("2021年医疗保险基金收入是多少？", "652亿元", years=(2021,))),
    ("2021年契税收了多少亿元", (2021,), reading("2021年税收收入是多少？", "1543亿元", years=(2021,))),
    ("一般公共预算支出是多少亿元", (), reading("一般公共预算收入是多少？", "2285亿元")),
    ("两江新区新增上市企业多少家", (), reading("2023年新增上市企业多少家？", "新增6家")),
    ("2025年户籍人口城镇化率是多少", (2025,), reading("2025年常住人口城镇化率目标是多少？", "73%", years=(2025,))),
    ("2023年新增民办园学位多少个", (2023,), reading("2023年新增公办幼儿园学位多少个？", "1.7万个", years=(2023,))),
    ("2023年新能源汽车出口多少辆", (2023,), reading("2023年造了多少辆新能源车？", "产量50万辆", years=(2023,))),
    ("2023年公租房配租了多少套", (2023,), reading("2023年新筹集了多少保租房？", "8.4万套（间）", years=(2023,))),
    ("市级重点实验室培育几个", (), reading("国家级重点实验室培育几个？", "2个")),
    ("GDP总量是多少 地区生产总值", (), reading("人均地区生产总值是多少？", "9.7万元")),
    ("三甲医院一共有多少家", (), reading("新增三甲医院多少家？", "3家")),
    ("新增三甲医院几家", (), reading("三甲医院累计达多少家？", "39家")),
    ("高铁到2025年还差多少", (), reading("高速公路2024年目标比2025年少多少公里？", "100公里（2025年4600公里减2024年4500公里）")),
    ("2024年要新建多少公里高速", (2024,), reading("2024年高速公路通车里程突破多少公里？", "4500公里", years=(2024,))),
    ("东京奥运会的三块金牌都是谁拿的", (), reading("我市运动健儿获得多少枚金牌？", "3枚")),
    ("新上市的6家公司叫什么名字", (), reading("新增上市企业多少家？", "新增6家、累计达到81家")),
    ("柴可夫斯基音乐学院哪年开始招生", (), reading("重庆筹建哪所音乐学院？", "筹建重庆柴可夫斯基音乐学院")),
    ("重庆大学分校区放在哪个区县", (), reading("哪些高校参与建设？", "重庆大学、西南大学")),
    ("江北机场到底运了多少万旅客", (), reading("江北机场旅客吞吐量增长多少？", "增长106%")),
    ("2022年城镇新增就业实际完成多少万人", (2022,), reading("2022年城镇新增就业目标是多少？", "60万人以上", years=(2022,))),
    ("六大板块都是哪些，全列出来", (), reading("紧扣几大板块？", "设施运行、生产生活服务、应急动员等六大板块", kind="list")),
    ("那3个入围的区叫什么", (), reading("几个区入围？", "3个区入围试点城市名单，6个集聚区获评国家级集聚区")),
    (
        "2021年新增三甲医院几家",
        (2021,),
        replace(reading("除新增的外有多少家三甲医院？", "36家（39家减3家）", years=(2021,)), computed=("36家",)),
    ),
    ("重庆有几个5A景区", (), reading("申创国家5A级景区点名了几个？", "12个：涪陵武陵山大裂谷、奉节白帝城等")),
    ("2023年完成农村改厕多少户", (2023,), reading("“十四五”时期改造农村户厕多少？", "50万户", years=(2021, 2022, 2023, 2024, 2025))),
    ("2022年城镇新增就业完成多少", (2022,), reading("2022年就业目标比2021年实际高吗？", "目标60万人，低于75.1万人", years=(2021, 2022))),
    ("渝东北GDP占比 地区生产总值", (), reading("渝东北森林覆盖率目标是多少？", "60%", years=(2025,))),
    ("2021年新增养老床位", (2021,), reading("2021年养老床位增至多少张？", "23万张", "养老床位增至23万张", years=(2021,))),
    ("2021年外贸进出口总额", (2021,), reading("2021年进出口总值增长多少？", "22.8%", years=(2021,))),
    ("2023年市场主体总量多少户", (2023,), reading("2023年新开了多少户企业？", "新增经营主体64.8万户", years=(2023,))),
    ("渝湘高铁重庆至黔江段什么时候开通", (), reading("渝湘高铁黔江至吉首段怎么安排的？", "2021年力争开工，2024年启动")),
    ("2023年新能源汽车产量涨了多少", (2023,), reading("2023年新能源汽车产量是多少？", "50万辆", years=(2023,))),
    ("2021年研发强度排全国第几", (2021,), reading("2021年研发强度是多少？", "2.21%左右", years=(2021,))),
    ("一共安排了多少资金", (), reading("改造老旧小区多少？", "4186万平方米")),
    (
        "2023年新增三级医院几家",
        (2023,),
        replace(reading("新增三级医院比三甲医院多多少家？", "15家（23家减8家）", years=(2023,)), computed=("15家",)),
    ),
    ("美国2023年的地区生产总值是多少", (2023,), reading("2023年地区生产总值是多少？", "30145.79亿元", years=(2023,))),
    ("全市有多少个区县", (), reading("渝东北点名了几个区县？", "11个：万州、开州、云阳、垫江、梁平、丰都、忠县、奉节、巫山、巫溪、城口")),
    ("贵州的森林覆盖率是多少", (), reading("森林覆盖率是多少？", "54.5%")),
    ("15个坡坎崖治理项目里头，渝中区摊到几个", (), reading("治理提升坡坎崖滩项目多少个？", "309个")),
    ("2021年市级土地出让收入是多少", (2021,), reading("2021年全市土地出让收入是多少？", "2044亿元", years=(2021,))),
    ("2021年全国的研发投入强度是多少？重庆的我知道", (2021,), reading("2021年研发投入强度是多少？", "2.21%左右", years=(2021,))),
    ("科学会堂的建筑面积多大", (), reading("打造什么科学城？", "西部（重庆）科学城")),
    ("民生实事里和养老有关的有哪些", (), reading("民生实事里有哪些农村项目？", "农村公路安防工程、黑臭水体治理", kind="list")),
    ("分管教育的副市长叫什么名字", (), reading("重庆市市长是谁？", "胡衡华")),
    ("大学生创新创业大赛总决赛是在哪所大学办的", (), reading("承办了什么大赛总决赛？", "“互联网+”大学生创新创业大赛总决赛")),
    ("2021年新冠疫苗接种要打多少剂次", (), reading("防控和接种落实资金多少？", "54亿元")),
    (
        "2022年城镇新增就业实际完成多少万人",
        (2022,),
        reading("2021年城镇新增就业完成多少，2022年目标多少？", "完成75.1万人，目标60万人以上", years=(2021, 2022)),
    ),
    ("“两久”项目到底是哪两久", (), reading("开展“两久”项目攻坚行动吗？", "是，开展“两久”项目处置攻坚行动", kind="yesno")),
    (
        "2019年全市税收一共收了多少",
        (),
        reading("税收恢复到2019年水平了吗？", "是，基本恢复", "税收收入1543亿元，基本恢复到2019年水平", kind="yesno"),
    ),
    ("督查办的联系电话是多少", (), reading("配合单位向谁报送进展？", "报送责任单位，市政府督查办加强督促检查")),
    (
        "全市支出21年花的比上年多吧",
        (2021,),
        replace(
            reading("2022年支出比2021年多多少？", "多295亿元（2021年4835亿元，2022年5130亿元）", years=(2021, 2022)), computed=("295亿元",)
        ),
    ),
    (
        "2023年年初给GDP增速定的目标是多少",
        (2023,),
        reading("2023年GDP实际增速和2024年目标是多少？", "2023年实际6.1%，2024年目标6%左右", years=(2023, 2024)),
    ),
    ("“33618”现代制造业集群体系是什么", (), reading("构建什么体系？", "“33618”现代制造业集群体系")),
]
AGREEING = [
    ("2023年粮食产量是多少", (2023,), reading("2023年重庆粮食产量是多少？", "1095.9万吨", years=(2023,))),
    ("要占到几成", (), reading("有研发机构的企业占比目标是多少？", "30%")),
    ("人均GDP差多少倍", (), reading("“一区”与“两群”人均地区生产总值比值是多少？", "1.80∶1")),
    ("要做靓的几张新名片都有啥", (), reading("要做靓哪些城市新名片？", "长嘉汇、广阳岛、科学城", kind="entity")),
    ("城镇化率五年要提高几个百分点", (), reading("城镇化率由多少提高到多少？", "由68%提高到73%")),
    ("公报上的电话多少", (), reading("公报载明的联系电话是多少？", "（023）63859946")),
    ("2021年市级对区县转移支付多少", (2021,), reading("2021年市级对区县转移支付是多少？", "1402亿元", years=(2021,))),
    ("云长制、链长制之外，水这块叫啥制", (), reading("水利落实什么长制？", "河湖长制")),
    ("市政府工作报告是哪天作的", (), reading("报告是什么时候作的？", "2024年1月21日")),
    ("六大板块报告点名的是哪几个", (), reading("紧扣几大板块？", "设施运行、生产生活服务、应急动员等六大板块", kind="list")),
    ("五大名城是哪五个", (), reading("五大名城指什么？", "国际购物、美食、会展、旅游、文化“五大名城”", kind="list")),
    ("三级医院比三甲医院多几家", (), replace(reading("新增三级医院比三甲医院多多少家？", "15家（23家减8家）"), computed=("15家",))),
    ("和贵州交界的示范区由哪几个区建", (), reading("渝黔合作先行示范区由哪些地方建？", "綦江—万盛、南川、江津", kind="list")),
    ("2021年市级和全市土地出让收入各多少", (2021,), reading("2021年全市土地出让收入是多少？", "2044亿元", years=(2021,))),
    ("哪所学院更名为大学", (), reading("什么学院更名？", "重庆科技学院更名为大学")),
    ("新能源汽车产量在全国排第几", (), reading("新能源汽车产量排名？", "升至第2位")),
    ("海上风电机组攻下来的是多大的", (), reading("研制成功多大的海上风电机组？", "18兆瓦")),
    ("“三化”是哪三化", (), reading("制造业往哪“三化”发展？", "高端化、智能化、绿色化", kind="list")),
    ("一共安排了多少补助", (), reading("安排多少资金？", "54亿元")),
    (
        "2024年GDP增速的目标是多少",
        (2024,),
        reading("2023年GDP实际增速和2024年目标是多少？", "2023年实际6.1%，2024年目标6%左右", years=(2023, 2024)),
    ),
    ("新增6家上市企业了吗", (), reading("新增上市企业多少家？", "6家")),
]


def nothing_around(_reading: Reading) -> str:
    return ""


@pytest.mark.parametrize(("question", "years", "found"), CONTRADICTED)
def test_what_cannot_be_the_answer_is_kept_back(question: str, years: tuple[int, ...], found: Reading) -> None:
    assert contradicts(question, years, (), found, nothing_around)


@pytest.mark.parametrize(("question", "years", "found"), AGREEING)
def test_what_may_be_the_answer_passes(question: str, years: tuple[int, ...], found: Reading) -> None:
    assert not contradicts(question, years, (), found, nothing_around)


def test_a_name_must_stand_in_the_reading_or_around_it() -> None:
    found = reading("日活跃用户达到多少？", "43万")
    assert contradicts("渝快办有多少用户", (), ("渝快办",), found, lambda _: "“渝快政”日活跃用户达到43万")
    own = reading("“渝快政”日活跃用户达到多少？", "43万")
    assert contradicts("渝快办有多少用户", (), ("渝快办",), own, lambda _: "“渝快办”服务升级，“渝快政”日活跃用户达到43万")
    assert not contradicts("渝快政有多少用户", (), ("渝快政",), found, lambda _: "“渝快政”日活跃用户达到43万")


def test_a_district_counted_must_stand_in_the_reading_itself() -> None:
    assert contradicts("治理项目里头，渝中区摊到几个", (), (), reading("治理项目有多少个？", "309个"), lambda _: "渝中区、巴南区的治理项目")
    named = reading("推动哪些项目建设？", "疫苗、抗体", kind="list")
    assert not contradicts("巴南那边要推的几个项目是哪些", (), (), named, lambda _: "渝中区、巴南区的治理项目")


def test_what_a_right_answer_may_have_all_the_same_is_only_weighed() -> None:
    across = replace(
        reading("粮食产量2021年和2023年各是多少？", "2021年109.3亿公斤，2023年1095.9万吨", years=(2021, 2023), kind="compare"),
        elsewhere=(Place("003", Span(0, 4)),),
    )
    found = conflicts("粮食产量是多少", (), (), across, nothing_around)
    assert found == (Conflict.ACROSS,)
    assert not rules_out(found)
    assert rules_out(conflicts("2023年粮食产量是多少", (2023,), (), across, nothing_around))


def test_another_place_or_year_leaves_no_doubt() -> None:
    other = reading("2021年粮食产量是多少？", "109.3亿公斤", years=(2021,))
    assert rules_out(conflicts("2023年粮食产量是多少", (2023,), (), other, nothing_around))
    assert rules_out(conflicts("成都市粮食产量是多少", (), (), other, nothing_around))


def test_how_far_figures_lie_apart_answers_only_who_asks_for_it() -> None:
    ahead = replace(reading("三级医院比三甲医院多多少家？", "15家（23家减8家）"), computed=("15家",))
    behind = replace(reading("三级医院比三甲医院多多少家？", "三级医院23家，三甲医院8家，多15家"), computed=("15家",))
    assert rules_out(conflicts("三级医院有多少家", (), (), ahead, nothing_around))
    assert conflicts("三级医院有多少家", (), (), behind, nothing_around) == (Conflict.COMPARISON,)
    assert conflicts("三级医院比三甲医院多跑出来几家", (), (), ahead, nothing_around) == ()


def test_what_is_worked_out_answers_only_who_wants_anything_worked_out() -> None:
    count = replace(reading("商业文创街有多少处，渝中有几处？", "14处；渝中3处：白象街、鹅岭贰厂、化龙桥"), computed=("14处", "3处"))
    listed = replace(count, answer="14处：白象街、鹅岭贰厂、化龙桥等")
    assert rules_out(conflicts("商业文创街有哪些", (), (), count, nothing_around))
    assert conflicts("商业文创街有哪些", (), (), listed, nothing_around) == ()
    assert conflicts("商业文创街有几处", (), (), count, nothing_around) == ()


def test_years_set_against_each_other_are_both_asked_for() -> None:
    later = replace(reading("企业2021年和2023年各多少家？", "5108家、7565家，多2457家", years=(2021, 2023)), computed=("2457家",))
    assert rules_out(conflicts("2021年企业比2020年涨了多少", (2021, 2020), (), later, nothing_around))
    assert conflicts("2021年企业和2023年差多少", (2021, 2023), (), later, nothing_around) == ()


def test_the_target_of_a_year_is_not_what_came_of_it_beside_another_target() -> None:
    both = reading("新增就业2023年实际和2024年目标分别是多少？", "2023年73.9万人，2024年目标60万人以上", years=(2023, 2024))
    assert rules_out(conflicts("2023年新增就业目标是多少", (2023,), (), both, nothing_around))
    assert not rules_out(conflicts("2024年新增就业目标是多少", (2024,), (), both, nothing_around))


def test_growth_since_the_year_before_is_not_how_far_two_growths_lie_apart() -> None:
    apart = replace(reading("2022年预算收入目标增速比2021年低多少？", "6.1个百分点（9.1%-3%）"), computed=("6.1个百分点",))
    assert rules_out(conflicts("2022年预算收入比上年增长多少", (), (), apart, nothing_around))
    assert conflicts("2022年预算收入增速比上年低多少", (), (), apart, nothing_around) == ()


def test_what_is_worked_out_of_another_thing_than_one_of_the_two_is_ruled_out() -> None:
    other = replace(reading("科技创新与产业提升投资合计多少？", "科技创新370亿元、产业提升603亿元，合计973亿元"), computed=("973亿元",))
    assert conflicts("产业提升跟城市提升加起来投了多少", (), (), other, nothing_around) == (Conflict.OPERANDS,)
    assert conflicts("产业提升跟科技创新加起来投了多少", (), (), other, nothing_around) == ()
    assert conflicts("科技创新与产业提升各投了多少", (), (), replace(other, computed=()), nothing_around) == ()


def test_a_sum_of_more_than_the_two_things_asked_is_ruled_out() -> None:
    three = replace(reading("三项支出合计多少？", "917亿元（教育151亿元、社会保障572亿元、卫生健康194亿元）"), computed=("917亿元",))
    assert rules_out(conflicts("教育和卫生健康合起来多少钱", (), (), three, nothing_around))
    assert conflicts("教育、社会保障和卫生健康合起来多少钱", (), (), three, nothing_around) == ()


def test_what_was_planned_is_not_what_came_of_it_nor_the_other_way_round() -> None:
    def of(kind: MeasureKind, answer: str) -> Reading:
        return replace(
            reading("2021年新改建农村路多少公里？", answer, years=(2021,)), measures=(StatedMeasure("农村路", 2021, kind, answer, "公里"),)
        )

    done, planned = of(MeasureKind.ACTUAL, "3330公里"), of(MeasureKind.TARGET, "3000公里")
    assert rules_out(conflicts("2021年新改建农村路目标是多少公里", (2021,), (), done, nothing_around))
    assert not rules_out(conflicts("2021年新改建农村路目标是多少公里", (2021,), (), planned, nothing_around))
    assert rules_out(conflicts("2021年新改建农村路实际多少公里", (2021,), (), planned, nothing_around))
    assert not rules_out(conflicts("2021年新改建农村路的目标和实际分别是多少公里", (2021,), (), done, nothing_around))


def test_an_amount_is_not_answered_by_the_row_of_its_growth() -> None:
    growth = replace(
        reading("2021年地区生产总值增速的目标（预期）是多少", "地区生产总值增速：2021年目标6%以上（表中写作“6以上”）"), via=Via.MEASURE
    )
    turned = replace(reading("2021年服务贸易增速实际完成是多少", "服务贸易增速：2021年实际“实现转正”"), via=Via.MEASURE)
    assert Conflict.AMOUNT in conflicts("地区生产总值是多少", (), (), growth, nothing_around)
    assert Conflict.AMOUNT in conflicts("服务贸易额是多少", (), (), turned, nothing_around)
    assert Conflict.AMOUNT not in conflicts("地区生产总值增速是多少", (), (), growth, nothing_around)


def test_what_sets_a_target_against_its_result_is_of_one_year() -> None:
    both = replace(
        reading(
            "2021年通车里程目标和实际各是多少，超了多少？", "多15公里（2021年目标402公里，实际417公里）", years=(2021,), kind="compare"
        ),
        elsewhere=(Place("003", Span(0, 4)),),
        computed=("15公里",),
    )
    assert not rules_out(conflicts("2021年原说通到多少公里，年底实际多少，多跑出来几公里", (2021,), (), both, nothing_around))
    over = replace(both, years=(2021, 2025), computed=())
    assert rules_out(conflicts("2021年通车里程多少公里", (2021,), (), over, nothing_around))
    assert not rules_out(conflicts("五年规划通到多少公里，2021年通到多少公里", (2021,), (), over, nothing_around))


def test_which_of_two_is_more_must_be_said() -> None:
    apart = replace(
        reading("2024年目标比2023年实际少多少公里？", "102公里（2023年实际4102公里，2024年目标4000公里）"), computed=("102公里",)
    )
    said = replace(apart, answer="少102公里（2023年实际4102公里，2024年目标4000公里）")
    assert rules_out(conflicts("2024年计划比23年做的多还是少", (), (), apart, nothing_around))
    assert conflicts("2024年计划比23年做的多还是少", (), (), said, nothing_around) == ()


def test_a_plan_of_several_years_is_not_the_target_of_one_of_them() -> None:
    plan = reading("“十四五”期间地区生产总值增长目标是多少？", "6%左右", years=(2021, 2022, 2023, 2024, 2025))
    assert rules_out(conflicts("2024年地区生产总值增长目标是多少", (2024,), (), plan, nothing_around))
    assert not rules_out(conflicts("2025年地区生产总值增长目标是多少", (2025,), (), plan, nothing_around))
    assert not rules_out(conflicts("规划里2024年地区生产总值增长目标是多少", (2024,), (), plan, nothing_around))


def test_a_target_may_be_a_rate() -> None:
    rate = reading("2024年地区生产总值增长目标是多少？", "6%左右", years=(2024,))
    assert conflicts("2024年GDP目标定的几", (2024,), (), rate, nothing_around) == ()
    assert Conflict.FIGURE in conflicts("2024年GDP目标是多少亿元", (2024,), (), rate, nothing_around)


def test_a_share_per_head_must_be_named() -> None:
    assert rules_out(
        conflicts("2023年人均GDP有多少元 地区生产总值", (), (), reading("2023年地区生产总值多少？", "30145.79亿元"), nothing_around)
    )


def test_a_province_may_be_named_together_with_the_city() -> None:
    shared = reading("川渝共建的“无废城市”启动了吗？", "是，已经启动", kind="yesno")
    assert conflicts("跟四川一起弄的“无废城市”启动了吗", (), (), shared, nothing_around) == ()


def test_a_target_is_not_left_out_where_only_the_total_has_none() -> None:
    omission = reading("2024年GDP预计达到多少亿元？", "文件没有写2024年地区生产总值的总量目标", kind="omission")
    assert rules_out(conflicts("2024年GDP目标定的几", (), (), omission, nothing_around))
    assert conflicts("2024年GDP目标是多少亿元", (), (), omission, nothing_around) == ()


def test_a_place_outside_the_city_must_stand_in_the_reading_itself() -> None:
    factories = reading("2023年新建多少个智能工厂？", "17个", years=(2023,))
    assert rules_out(conflicts("成都2023年新建了几个智能工厂", (2023,), (), factories, lambda _: "与成都共建成渝地区双城经济圈"))


def test_a_rate_is_not_what_a_reading_of_a_missing_amount_leaves_out() -> None:
    omission = reading("2023年社会消费品零售总额是多少亿元？", "文件没有写零售总额的规模，只写了增速", kind="omission")
    assert rules_out(conflicts("2023年社会消费品零售总额增速是多少", (), (), omission, nothing_around))
    assert conflicts("2023年社会消费品零售总额是多少", (), (), omission, nothing_around) == ()


def test_what_is_left_out_of_the_whole_city_is_not_left_out_of_the_municipal_level() -> None:
    omission = reading("2021年全市教育支出一共多少亿元？", "文件没有写全市口径的教育支出", kind="omission")
    assert rules_out(conflicts("2021年教育支出是多少", (), (), omission, nothing_around))
    assert conflicts("2021年全市教育支出是多少", (), (), omission, nothing_around) == ()


def test_a_name_is_not_what_a_reading_of_a_missing_figure_leaves_out() -> None:
    omission = reading("“大铜新区”的面积多大？", "文件没有写“大铜新区”的面积", kind="omission")
    assert rules_out(conflicts("大足和铜梁之间要设的新区叫啥", (), (), omission, nothing_around))
    assert conflicts("“大铜新区”有多大", (), (), omission, nothing_around) == ()


def test_a_claim_that_there_are_only_some_few_asks_for_no_figure() -> None:
    everywhere = reading("试点只在少数区县开展吗？", "否，覆盖所有区县", kind="yesno")
    assert conflicts("试点还只是几个区在搞吗", (), (), everywhere, nothing_around) == ()
    assert Conflict.FIGURE in conflicts("试点一共有几个区", (), (), everywhere, nothing_around)


def test_nothing_speaks_against_what_only_tells_what_is_left_out() -> None:
    omission = reading("2021年粮食产量是多少？", "文件没有写2021年的粮食产量", years=(2021,), kind="omission")
    assert conflicts("成都市2023年粮食产量是多少", (2023,), (), omission, nothing_around) == ()
