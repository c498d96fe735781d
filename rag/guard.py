"""What a question says outright and an answer must agree with: places, kinds of figures, pairs of words that are never each other."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from corpus.figures import DISTRICTS, UNITS, ZONES, Figure, FigureKind, find_figures, number_value
from corpus.readings import ReadingType
from corpus.types import MeasureKind, Reading, Via
from index.segment import bigrams, normal
from rag.question import PERIOD, THIS_INDICATOR, Aim, aim_of, asks_yes_or_no
from rag.types import Conflict

_PLACES = Path(__file__).parent / "data" / "places.toml"

_HOW_MANY = re.compile(r"多少|(?<!第)几(?!乎)(?!号)")
_SOME_FEW = re.compile(r"(?:只|才|就|仅|光)[是有在]?[^，,。；;？?多]{0,4}几[^，,。；;？?几多什哪谁]{1,8}(?:吗|吧)[？?]?(?:$| )")
"""Words of a claim that there are only some few, whose number is not asked for."""

_HOW_LARGE = re.compile(r"多[大长高宽重远深](?![程力的])")
_NATIONWIDE = re.compile(r"全国的?(?!第|排)[^，,。；;？?]{0,12}(?:多少|几)")
"""A figure of the whole country, which one of Chongqing does not tell."""

_COUNTED = re.compile(r"(?:多少|几)(?:大|个|座|家|条|项|所|处|名|种|类|镇|区|县|支|件)|哪|分别是什么|各是什么")
_WHICH_ONES = re.compile(r"哪|有啥|都有|是啥|叫啥|都是|分别是什么|各是什么|列出")
_LEFT_OUT = re.compile(r"[^，,。；;？?]*(?:之外|以外|除外|不说|不算|不提)[，,]?")
"""Words for what is not asked about."""

LARGE = 1000
"""A figure asked for in 万 or 亿 is at least this."""

_PEOPLE = frozenset(("人", "人次", "名", "位", "户", "家", "户次", "家次"))
_UNIT_ASKED = re.compile(r"(?:多少|几)(万|亿|千|百)?(?:来|多)?([^\W\d_]{1,4})")
_LOOSE = frozenset(
    [
        "个",
        "家",
        "户",
        "所",
        "座",
        "条",
        "项",
        "件",
        "处",
        "种",
        "批",
        "名",
        "位",
        "人",
        "人次",
        "家次",
        "户次",
        "部",
        "台",
        "台套",
        "套",
        "支",
        "期",
        "届",
        "类",
        "大",
        "次",
        "场",
        "场次",
        "只",
        "本",
        "份",
        "对",
        "组",
        "款",
        "张",
        "艘",
        "架",
        "站",
        "片",
        "块",
        "例",
        "起",
        "号",
        "级",
        "环",
        "步",
        "字",
        "道",
        "册",
        "样",
        "篇",
        "门",
        "棵",
        "株",
        "座",
        "段",
        "标",
        "点",
        "篇",
        "章",
        "节",
        "岁",
        "辆",
        "头",
        "列",
        "班",
        "班次",
    ]
)
"""Classifiers: which of them is said is a matter of taste, but that something is counted is not."""

_STRICT_CLASSIFIERS = frozenset(["岁", "辆", "头", "列", "张", "班", "班次"])
"""Classifiers that say what is counted."""

_MONEY_MEANT = re.compile(
    r"[元钱款额税费债值资产投贷薪价负利]|收入|支出|预算|经费|成本|规模|财政|补贴|补助|补偿|消费|GDP|盘子|销|营业|进出口|外贸|总量|基金|入账|花|赚|收了|收多少|支付|拨|省[了下]|还[了清]?本|付息|补[给了]|余额|授信|用了多少|多少亿|多少万(?![^\W\d_])"
)
"""Words of a question that money may answer."""

_RATE_ASKED = re.compile(r"(?:(?<!产)(?<!出)(?<!效)率|占比|比重|比例)[是为达到有的]{0,2}(?:多少(?![^\W\d_])|多高|百分之?几)")
"""A share or rate, which no amount answers; what is produced by a head (劳动生产率) is one."""

_SHARE_ASKED = re.compile(
    r"率|占|比|增|涨|降|减|%|百分|成|点|幅|快|强度|左右|要求|利息|提高|达到?多少|完成|覆盖|升|目标[是为定的在]{0,3}(?:多少|几)(?![^\W\d_])"
)
_DOCUMENT_NUMBER = re.compile(r"几号文|多少号文|文号|发文字号")
_CHINESE_FIGURE = re.compile(r"[一二三四五六七八九十百两]+(?:个|项|家|大|条|所|座|批|届|期|类|种|次|篇|章|节|成|倍)")


_SHORT = {"贵州": "黔", "湖南": "湘", "湖北": "鄂", "陕西": "陕", "新疆": "疆", "云南": "滇", "甘肃": "陇", "四川": "川渝|成渝"}
"""Provinces as they are called where the city's documents join them to its own (GB/T 2260 and common usage)."""


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    data = tomllib.loads(_PLACES.read_text("utf-8"))["places"]
    return tuple(data["provinces"] + data["countries"] + data["cities"])


@lru_cache(maxsize=256)
def places_in(text: str) -> tuple[str, ...]:
    """The places a text names by their short names: districts and counties of Chongqing, its zones, other provinces, cities and countries."""
    plain = re.sub(r"成渝|川渝", "", text)
    names = (*DISTRICTS.values(), *(zone for zone in ZONES), *_places())
    return tuple(name for name in names if name in plain)


def outside_places_in(text: str) -> tuple[str, ...]:
    """Those of them that are no part of the city."""
    return tuple(place for place in places_in(text) if place in _places())


def _short_in(province: str, reading: Reading) -> bool:
    """Whether a reading names a province by what it is called beside others ("渝湘黔" of 湖南 and 贵州)."""
    short = _SHORT.get(province)
    return short is not None and re.search(short, reading.question + reading.answer) is not None


_NEVER = (("登记失业率", "调查失业率"),)
"""Words of two things of which a text that speaks of one alone never tells the other."""

_OPPOSITES = (
    ("城镇居民", "全体居民"),
    ("农村居民", "全体居民"),
    ("收入", "支出"),
    ("进口", "出口"),
    ("城镇居民", "农村居民"),
    ("余额", "限额"),
    ("高铁", "高速公路"),
    ("轨道交通", "高速公路"),
    ("轨道交通", "高铁"),
    ("公租房", "保障性租赁住房"),
    ("公租房", "保租房"),
    ("国家级", "市级"),
    ("户籍", "常住"),
    ("公办", "民办"),
    ("公立", "民营"),
)
MUNICIPAL, WHOLE_CITY = "市级", "全市"
"""The city government's own budget, and that of the city with its districts."""

_TOTAL_TARGET = "总量目标"
_TOTAL_ASKED = re.compile(r"总量|总额|规模|元")
_OF_WHOLE_CITY = f"{WHOLE_CITY}口径"
_REGION = re.compile(r"渝东北|渝东南|主城都市区|主城新区|中心城区|三峡库区|“两群”")
"""Parts of the city, of which a text tells nothing about all of it."""

_NARROWER = {
    "两江新区": "两江",
    "一般债务余额": "一般",
    "专项债务余额": "专项",
    "收入总量": "收入总量",
    "支出总量": "支出总量",
    "债务收入": "债务收入",
}
"""Words that make another indicator of one, with what of them a question about it names: a budget's 收入总量 counts transfers and carry-overs
that its 收入 does not."""

_DEPUTIES = ("副市长", "副主任", "副秘书长", "副书记")
"""Persons for whom those above them do not stand in."""

_KINDS_NAMED = {
    "大学": "大学(?!生)|学院",
    "高校": "大学(?!生)|学院",
    "学院": "学院|大学(?!生)",
    "医院": "医院",
    "银行": "银行",
    "高速": "高速",
    "水库": "水库",
    "港口": "港",
}
"""What somebody names who is asked which of a kind it is."""

_PER_HEAD = "人均"
_CONTACT = re.compile(r"电话|邮箱|网址|传真|邮编")
"""Ways to reach an office, which a text has or has not."""

_KIND_ASKED = re.compile(rf"哪(?:一|几|两|些)?[个家所座条]?(?P<kind>{'|'.join(_KINDS_NAMED)})")
_MATTER = re.compile(r"[和跟与](?P<matter>[\u4e00-\u9fff]{2,4})(?:有关|相关)")
"""What the things asked for have to do with ("民生实事里和养老有关的")."""

_DISTRICT_ASKED = re.compile(r"哪个?(?:区县|区(?!域)|县)")
_NUMBER_OF_A_KEY = re.compile(r"电话|邮编|邮政编码|号码|期号|总期|刊号")
"""Numbers that count nothing."""

_ADDED_ASKED = re.compile(r"新增|添了|新添|新设|多了几")
_NAMES_ASKED = re.compile(r"哪些|哪几|哪[一二两三四五六七八九十\d]+[个家所条座项]|都是哪|叫什么|叫啥|名单|是哪|谁|名字")
_BARE_FIGURE = re.compile(r"[\d.]+(?:余|多)?(?:万|亿)?(?:区县|人次|[\u4e00-\u9fff%])?|新增|累计|总数|达到?|突破|超过?|约|[、，；。]")
"""A figure with its classifier, and the words around figures that name nothing."""

FEWEST_LETTERS = 2
_SO_MANY = re.compile(
    r"(?<![\d.第])(?P<count>\d{1,2}|[两二三四五六七八九十]{1,2})(?:大|个|家|条|项|所|座|名|位|处|类|种|区|支|件)(?!百分|月|月内|工作日|季度)"
)
_ABBREVIATED = re.compile(r"(?P<short>(?P<count>[两二三四五六七八九十])(?P<word>[\u4e00-\u9fff])).*哪(?P=short)")
"""An abbreviation whose members are asked for ("“两久”是哪两久"): each of them holds its word."""

_MEASURED = ("产量", "产值", "增加值", "销量", "消费", "出口", "进口", "投资", "收入", "支出", "余额", "里程", "吞吐量", "装机")
"""What is measured of a thing: a text that speaks of one of these alone does not tell another."""

_TRADED = {"出口", "进口"}

_GROWTH_WANTED = re.compile(r"(?:增长|涨)(?:了)?(?:多少|几)(?!万|亿|个(?!百分|点)|家|公里)|增速|增幅|涨幅")
_GROWTH_SAID = re.compile(r"%|倍|百分|翻|增速|增长率|正增长|转正|持平|[快慢高低]于|点")
_RANK_WANTED = re.compile(r"排[^，,]{0,6}几|第几[位名]|名次|排名")
_RANK_SAID = re.compile(r"第|位|名|首|前[一二三四五六七八九十\d]|最|领先|之冠|末")
_SOME_NAMED = re.compile(r"点名|点到|点了|举例|举了|提到")
_COUNT_AHEAD = re.compile(r"^[^：、，；]*：")
_THESE_ASKED = re.compile(
    r"哪(?!一?[个家条座所里儿年天款])|叫什么|叫啥|名单|分别是|分别叫|都是|名字|全列|列给|列出|点个名|报个|具体是|各是|各叫|分别指"
)
_COMPARED = re.compile(
    r"比|差|空间|多多少|少多少|多几|少几|多出|多了|(?<!多)少了|高多少|低多少|高几|低几|快多少|慢多少|快几|提高多少|增加多少|净增|还剩|剩下|剩多少|哪[个种年项类].{0,8}[多少高低快慢大小长]"
)
"""Words of a question about how far two figures lie apart."""

_SETS_AGAINST = re.compile(
    r"比|差|占|几成|缩水|多[了出几]|多多少|[多少][跑建做花收完]\w{0,3}(?:几|多少)|(?<!多)少了|少几|少多少|还是|[高低快慢]多少|[高低快慢]几|更|超|净|提高|下降了?多少|增加|减少|剩|扣|变化|哪(?=[个年种项类])|谁|最(?![后终近新])|一样|相同|一致|还[有是差剩要]"
)
"""Words of a question that an answer about how far two figures lie apart may answer."""

_WHICH_WAY = re.compile(r"多了?还是少|少了?还是多|高了?还是低|低了?还是高|快了?还是慢|慢了?还是快|升还是降|涨还是跌")
_WAY_SAID = re.compile(r"[多少高低快慢升降涨跌增减超]")
_NAMED_SIDE = r"([^\W\d和与跟同加比年]{2,10}?)"
TWO_WORKED_OUT = re.compile(
    rf"{_NAMED_SIDE}(?:和|与|跟|同|加上?|比(?!较|例|重|值|率)){_NAMED_SIDE}(?:这?[两俩]个?[块个类项种]?板?块?)?"
    rf"(?:加起来|加一[起块]|合计|合起来|合在一起|[总一拢]共|之和|相差|差多少|差几|[多少高低](?:了|出)?(?:多少|几))"
)
"""Two things whose figures a question wants worked out together."""

_ANY_RESULT = re.compile(r"合|共|总|加|摞|累计|全部|之和|[几多少][个项条处座家所类种次大路]|占|比重|比例|%|百分|还有|余下|结余|平均|每")
"""Words of a question that, with those that set things against each other, an answer that is worked out may answer."""

_COUNTED_LIST = re.compile(r"^\d+[\u4e00-\u9fff]{1,4}：|^合计")
_WORKED_OUT_OF = re.compile(r"（[^（）]*）")
"""The figures that one was worked out of."""

_HEADINGS_ASKED = re.compile(
    r"部分|[篇章节]|几大块|板块|方面|内容|结构|标题|框架|工作|任务|重点|方向|举措|哪[几\d一二三四五六七八九十]|专栏|部署|强化"
)
"""Words of questions that the titles of a document's parts can answer."""

_WHAT_ASKED = re.compile(r"什么|啥|哪|谁|怎么|如何|多久|指")
REPEATED = 0.8
"""Share of an answer's character pairs in the question from which it says nothing new."""

_NAME_ASKED = re.compile(r"叫(?:个|做)?(?:啥|什么)|全[称名]|名字|名称|是哪|哪[一两三几些]?[个家所座条项]")
_RATE_NAMED = re.compile(r"增速|增长率|增幅|涨幅|强度|占比|比重|(?:增长|下降|涨|降)了?(?:多少|几)")
_AMOUNT_LEFT_OUT = re.compile(r"多少(?:[万亿]?元|钱|[万亿])|总额|规模|金额|总量|基数")
_MEASURE_ASKED = re.compile(r"多少|多[大长高久]|几(?!乎)|什么时候|何时|哪年|面积|规模|时间|金额")
_WHEN_ASKED = re.compile(r"哪[一]?年|哪[一]?天|几时|啥时候|什么时候|何时|几月|几号(?!文|线)|哪[一]?月")
_PLAN_ASKED = re.compile(r"目标|预期|计划|原定|年初.{0,8}定")
_DONE_ASKED = re.compile(r"实际|完成了?多少|最终|最后|结果")
_TIME = re.compile(r"\d+年|\d+月|\d+日|年底|上半年|年内|[一二三四]季度")

_LEVIES = re.compile(r"生育保险|工伤保险|失业保险|增值税|个税|个人所得税|企业所得税|契税|土地增值税")
_TOTAL = re.compile(r"底(?:全市)?有(?:多少|几)|累计|一共|总共|总数|总量|共有|现有|总的")
_BUILT_ASKED = re.compile(r"新[增建修开通添]")
_LENGTH = re.compile(r"(?<!新)(?:通车|运营|总)里程")
_COMPARING = re.compile(
    r"历年|各年|几年|对比|相比|比较|变化|变了|怎么变|进展|完成|实现|超额|超过|达标|落实|结果|还差|差多少|多了|(?<!多)少了|(?:目标|计划).{1,8}(?:实际|结果)|从.+到|哪几|哪些(?:文件|报告)|两份|一致"
)
"""What a question says that sets documents or years against each other: of one year alone, each document has readings of its own."""

_GROWTH_SINCE = re.compile(r"[比较](?:上一?|前一?|头一?|去)年(?:同期)?(?:增长|涨)")
_OF_RATES = re.compile(r"百分点|个点|增速|增幅|涨幅|[快慢高低]")
"""What a question about growth since the year before says where it means how far the growth of two years lies apart."""

_THAN_BEFORE = re.compile(r"[比较](?:上|头|前)一?年")
"""Words that set a year against the one before it."""

_OF_WHAT_KIND = re.compile(THIS_INDICATOR + r".{0,6}(?:约束|预期|硬)")

_AMOUNT_WANTED = re.compile(
    r"总额|金额|(?<!增加)总量|(?:[额值]|收入|支出)(?:是|有|为|达到?)(?:多少|几)|(?:几|多少)个?[万亿]?(?:亿|户|家|公里|亩|人|张|座|套|所|名|辆|吨|枚|条|项|元)|(?:GDP|生产总值)(?:是|有|到|达)?(?:多少|几)"
)
_AS_WRITTEN = re.compile(r"（表中写作[^（）]*）")
_RATE_OF_CHANGE = re.compile(r"增速|增长率|增幅")
_CHANGE_OR_SHARE = re.compile(r"增|涨|降|幅|速|率|[占比]|变|目标|计划|预期|任务")
_STOCK_WANTED = re.compile(r"总量|总数|总户数|保有量|存量|(?:重庆|全市|我市)(?:现|共|一共)?有(?:多少|几)")
_STOCK_SAID = re.compile(r"增至|增加到|增长到|达到|累计|总量|总数")
_REST_SAID = re.compile(r"除[^，,]{1,12}外|其余|剩下|以外")
_REST_WANTED = re.compile(r"除|其余|剩|另外|别的|减|扣|不算|去掉|以前|原来|原先|外")
_SOUGHT = re.compile(r"申创|创建|申报|争创|争取")
_SEEKS = re.compile(r"创|申|争|冲|打算|计划|要|想|准备")
_OF_A_PERIOD = re.compile(r"十[三四五]五|时期|五年|期间|规划")
_CITY_PRODUCT = "地区生产总值"
_SEVERAL = re.compile(r"分别|各|[和与跟及、，,；;]")
_STRETCH = re.compile(r"([\u4e00-\u9fff]{2})(?:至|到|—|-)([\u4e00-\u9fff]{2}段)")
"""A part of a line by its two ends."""

_NEW = re.compile(r"新增|净增|新建|新培育|新签|新开|添|新发展|新挂牌|新注册")


WEIGHED = (
    Conflict.NAME,
    Conflict.NEW_ONLY,
    Conflict.ACROSS,
    Conflict.FIGURE,
    Conflict.KIND,
    Conflict.ITEMS,
    Conflict.PLANNED,
    Conflict.COMPARISON,
    Conflict.PER_HEAD,
    Conflict.NARROWER,
)
"""Conflicts that a right answer may have all the same, so that they are weighed; the others rule a reading out. Of the right readings found for
the `tune` questions 265 had one of these and nothing else against them, four an opposite, a region or another measured thing; 20 another place
and 375 other years, most of them right by chance, stay ruled out, as nothing is worse than the figure of another place or year."""


@lru_cache(maxsize=256)
def without_left_out(question: str) -> str:
    """A question without what it says it is not about ("除A之外")."""
    return _LEFT_OUT.sub("", question) or question


@dataclass(frozen=True)
class _Asked:
    """What a question says, read once for all the readings that are held against it."""

    question: str

    @cached_property
    def counts(self) -> bool:
        return _HOW_MANY.search(self.question) is not None

    @cached_property
    def aim(self) -> Aim:
        return aim_of(self.question)

    @cached_property
    def one_amount(self) -> bool:
        return self._wants_alone(_AMOUNT_WANTED) and not _CHANGE_OR_SHARE.search(self.question)

    @cached_property
    def one_growth(self) -> bool:
        return self._wants_alone(_GROWTH_WANTED)

    @cached_property
    def one_rank(self) -> bool:
        return self._wants_alone(_RANK_WANTED)

    def _wants_alone(self, kind: re.Pattern[str]) -> bool:
        """Whether one thing is asked for, and that of this kind."""
        return len(_HOW_MANY.findall(self.question)) < 2 and kind.search(self.question) is not None

    @cached_property
    def opposites(self) -> tuple[tuple[str, str], ...]:
        """The words that it says of two that are never each other, with the other, which it does not say."""
        both_ways = ((asked, other) for opposites in _OPPOSITES for asked, other in (opposites, opposites[::-1]))
        return tuple((asked, other) for asked, other in both_ways if asked in self.question and other not in self.question)

    @cached_property
    def outright(self) -> tuple[str, ...]:
        """What it names and an answer must name too: a district that is counted, the whole country, a deputy, what the things asked for have to do
        with, a share per head."""
        question = self.question
        counted = self.counts and not _WHICH_ONES.search(question)
        named = [place for place in DISTRICTS.values() if counted and place in question]
        named += [zone for zone in ZONES if counted and zone in question]
        named += [title for title in _DEPUTIES if title in question]
        named += [matter["matter"] for matter in [_MATTER.search(question)] if matter]
        named += ["全国"] if _NATIONWIDE.search(question) else []
        named += [] if "地址" in question else _CONTACT.findall(question)
        named += [_PER_HEAD] if _PER_HEAD in question else []
        return tuple(named)

    @cached_property
    def kind(self) -> str:
        """Pattern of what somebody names who tells which of a kind it is; of any text where no kind is asked for."""
        kind = _KIND_ASKED.search(self.question)
        return _KINDS_NAMED[kind["kind"]] if kind else ""

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(bigrams(self.question))

    @cached_property
    def abbreviated(self) -> tuple[str, str, int] | None:
        """An abbreviation whose members are asked for, the word that each of them holds, and how many they are."""
        short = _ABBREVIATED.search(self.question)
        return (short["short"], short["word"], int(number_value(short["count"]) or 0)) if short and short["word"] not in _LOOSE else None

    @cached_property
    def items(self) -> int:
        """How many things it wants named; 0 where it does not say, or only asks how many they are."""
        counts = {int(number_value(match["count"]) or 0) for match in _SO_MANY.finditer(self.question)}
        if len(counts) != 1 or not _THESE_ASKED.search(self.question) or _SOME_NAMED.search(self.question):
            return 0
        return 0 if _HOW_MANY.search(self.question.replace("哪几", "")) else counts.pop()


_asked = lru_cache(maxsize=256)(_Asked)


@dataclass(frozen=True)
class Pair:
    """A question, without what it says it is not about, and a reading that may answer it.

    `named` are the proper names and units of government in the question, `around` gives the text of a reading's passages with their headings,
    normalised.
    """

    question: str
    years: Sequence[int]
    named: Sequence[str]
    reading: Reading
    around: Callable[[Reading], str]

    @cached_property
    def asked(self) -> _Asked:
        return _asked(self.question)

    @cached_property
    def places(self) -> tuple[str, ...]:
        return places_in(self.question)

    @cached_property
    def own(self) -> str:
        """What the reading says."""
        return self.reading.text

    @cached_property
    def near(self) -> str:
        """That and what stands around it, normalised."""
        return normal(self.own) + self.around(self.reading)


def conflicts(
    question: str, years: Sequence[int], named: Sequence[str], reading: Reading, around: Callable[[Reading], str]
) -> tuple[Conflict, ...]:
    """What speaks against a reading as an answer to a question, whatever their likeness; nothing against one that only tells what is left out.

    What rules it out is told alone. `named` are the proper names and units of government in the question, `around` gives the text of a reading's
    passages with their headings, normalised.
    """
    if reading.leaves_out:
        return (Conflict.ASPECT,) if _leaves_out_another(question, reading) else ()
    pair = Pair(without_left_out(question), years, named, reading, around)
    ruled_out = next((conflict for conflict, is_found in _CHECKS.items() if conflict not in WEIGHED and is_found(pair)), None)
    return (ruled_out,) if ruled_out else tuple(conflict for conflict in WEIGHED if _CHECKS[conflict](pair))


def _leaves_out_another(question: str, reading: Reading) -> bool:
    """Whether a question asks for a name and a reading tells that a figure or a date is left out, for a rate and it tells that of an amount, does
    not name the whole city, of which alone it tells that, or asks for a target, which may be a rate, where none is set for the total."""
    if _OF_WHOLE_CITY in reading.answer and WHOLE_CITY not in question:
        return True
    if aim_of(question) is Aim.TARGET and _TOTAL_TARGET in reading.answer and not _TOTAL_ASKED.search(question):
        return True
    if _RATE_NAMED.search(question) and _AMOUNT_LEFT_OUT.search(reading.question) and not any(map(_RATE_NAMED.search, reading.wordings)):
        return True
    return bool(_NAME_ASKED.search(question)) and all(
        _MEASURE_ASKED.search(wording) and not _NAME_ASKED.search(wording) for wording in reading.wordings
    )


def contradicts(question: str, years: Sequence[int], named: Sequence[str], reading: Reading, around: Callable[[Reading], str]) -> bool:
    """Whether anything speaks against a reading as an answer to a question, be it only to be weighed."""
    return bool(conflicts(question, years, named, reading, around))


def rules_out(found: Sequence[Conflict]) -> bool:
    """Whether some of the conflicts found leave no doubt."""
    return any(conflict not in WEIGHED for conflict in found)


def _lacks_name(pair: Pair) -> bool:
    names = (*pair.named, *_LEVIES.findall(pair.question))
    return any(normal(name) not in pair.near for name in names)


def _lacks_stretch(pair: Pair) -> bool:
    """Whether a part of a line is asked about and the reading does not name both of its ends."""
    return any(end not in pair.own for ends in _STRETCH.findall(pair.question) for end in ends)


def _lacks_place(pair: Pair) -> bool:
    """Whether a place that is asked about stands neither in the reading nor around it; one outside the city must stand in the reading."""
    return any(
        normal(place) not in (normal(pair.own) if place in _places() else pair.near) and not _short_in(place, pair.reading)
        for place in pair.places
    )


def _names_another(pair: Pair) -> bool:
    own = normal(pair.own) if pair.named else ""
    return any(_takes_for_another(normal(name), own) for name in pair.named)


def _is_opposite(pair: Pair) -> bool:
    reading = pair.reading
    return any(other in reading.question and asked not in reading.question + reading.answer for asked, other in pair.asked.opposites)


def _is_of_part(pair: Pair) -> bool:
    if WHOLE_CITY not in pair.question or WHOLE_CITY in pair.own or pair.places:
        return False
    if MUNICIPAL in pair.reading.question and MUNICIPAL not in pair.question:
        return True
    part = _REGION.search(pair.reading.question)
    return bool((part and part[0] not in pair.question) or places_in(pair.reading.question))


def _is_of_whole_city(pair: Pair) -> bool:
    question, asked = pair.reading.question, pair.question
    return MUNICIPAL in asked and WHOLE_CITY not in asked and WHOLE_CITY in question and MUNICIPAL not in pair.own


def _is_never_the_other(pair: Pair) -> bool:
    return any(
        asked in pair.question and asked not in pair.own and other in pair.own for never in _NEVER for asked, other in (never, never[::-1])
    )


def _is_new_only(pair: Pair) -> bool:
    asks_total = _TOTAL.search(pair.question) and not _NEW.search(pair.question)
    return bool(asks_total and _NEW.search(pair.reading.question) and not _TOTAL.search(pair.own))


def _is_flow(pair: Pair) -> bool:
    """Whether the whole of something is asked for and the reading tells what came to it."""
    stock = _STOCK_WANTED.search(pair.question) and not _NEW.search(pair.question)
    return bool(stock and _NEW.search(pair.reading.answer + pair.reading.question) and not _TOTAL.search(pair.own))


def _lacks_amount(pair: Pair) -> bool:
    """Whether nothing but an amount is asked for and the reading tells shares alone."""
    if not pair.asked.one_amount:
        return False
    told = [figure for figure in _amounts(_AS_WRITTEN.sub("", pair.reading.answer)) if figure.unit != "年"]
    if pair.reading.via is Via.MEASURE and not told:
        return _RATE_OF_CHANGE.search(pair.reading.question) is not None
    return bool(told) and all(figure.kind in (FigureKind.PERCENT, FigureKind.POINTS, FigureKind.RATIO) for figure in told)


def _is_stock(pair: Pair) -> bool:
    """Whether what came to something is asked for and the reading tells what it came to."""
    told = not pair.reading.computed and _STOCK_SAID.search(pair.own) and not _NEW.search(pair.own)
    return bool(told and _NEW.search(pair.question))


def _is_rest(pair: Pair) -> bool:
    """Whether a reading begins with what is left of something of which the question leaves nothing out."""
    told = _REST_SAID.search(pair.reading.question) and any(pair.reading.answer.startswith(rest) for rest in pair.reading.computed)
    return bool(told) and not _REST_WANTED.search(pair.question)


def _is_sought(pair: Pair) -> bool:
    """Whether it is asked what there is, and the reading tells what is striven for."""
    asks_what_is = _STOCK_WANTED.search(pair.question) and not _SEEKS.search(pair.question)
    return bool(asks_what_is and _SOUGHT.search(pair.reading.question))


def _is_of_period(pair: Pair) -> bool:
    """Whether it is asked what came of one year or was planned for it, and the reading tells what a plan of several years wants."""
    of_year = pair.asked.aim is Aim.RESULT or not set(pair.years) & set(PERIOD)
    of_one = len(pair.years) == 1 and of_year and not _OF_A_PERIOD.search(pair.question)
    return of_one and len(pair.reading.years) >= 5 and aim_of(pair.reading.question) is not Aim.RESULT


def _is_of_other_stage(pair: Pair) -> bool:
    """Whether nothing but what was planned for one year is asked, and the reading tells what came of it, or the other way round."""
    if _SEVERAL.search(pair.question):
        return False
    aim, told = pair.asked.aim, {measure.kind for measure in pair.reading.measures if (measure.year,) == tuple(pair.years)}
    other = {Aim.TARGET: MeasureKind.ACTUAL, Aim.RESULT: MeasureKind.TARGET}.get(aim)
    return len(pair.reading.years) == 1 and told == {other} and aim_of(pair.own) is not aim


def _lacks_product(pair: Pair) -> bool:
    """Whether the product of the city is asked about and the reading does not speak of it."""
    asked = _CITY_PRODUCT in pair.question and len(_HOW_MANY.findall(pair.question)) < 2
    return asked and "生产总值" not in pair.own and "GDP" not in pair.own


def _is_total_only(pair: Pair) -> bool:
    told = pair.reading.question
    if _TOTAL.search(pair.question) or _NEW.search(told):
        return False
    return bool(
        (_ADDED_ASKED.search(pair.question) and _TOTAL.search(told)) or (_BUILT_ASKED.search(pair.question) and _LENGTH.search(told))
    )


def _is_of_other_years(pair: Pair) -> bool:
    return bool(pair.years) and bool(pair.reading.years) and not set(pair.years) & set(pair.reading.years)


def _compares_documents(pair: Pair) -> bool:
    across = pair.reading.elsewhere and pair.reading.type == ReadingType.COMPARE
    return bool(across) and len(set(pair.years)) < 2 and not _COMPARING.search(pair.question)


def _tells_other_years(pair: Pair) -> bool:
    """Whether a reading sets years against each other of which one alone is asked for, or that one against a later year where the year before it is
    what the question sets it against, or works out something of years that are not both asked for where two are."""
    asked = {*pair.years, *(PERIOD[1:] if _OF_A_PERIOD.search(pair.question) else ())}
    if len(asked) == 2 and not asked <= set(pair.reading.years) and _COMPARED.search(pair.question):
        return bool(pair.reading.computed) and len(set(pair.reading.years)) > 1
    if len(asked) != 1 or asked == set(pair.reading.years):
        return False
    later = pair.reading.computed and max(pair.reading.years, default=0) > max(asked) and _THAN_BEFORE.search(pair.question)
    return bool(later) or _compares_documents(pair)


def _compares_others(pair: Pair) -> bool:
    if not pair.reading.computed or not _COMPARED.search(pair.reading.question):
        return False
    rates_apart = _GROWTH_SINCE.search(pair.question) and "百分点" in pair.reading.answer and not _OF_RATES.search(pair.question)
    return bool(rates_apart) or not _sets_against_the_same(pair.question, pair.years, pair.reading)


def _works_out_others(pair: Pair) -> bool:
    """Whether a reading works out figures of one of the two things that a question sets against each other or adds up, and never names the other,
    or of more things than two."""
    both = TWO_WORKED_OUT.search(pair.question) if pair.reading.computed else None
    if not both:
        return False
    units = [figure.unit for figure in _amounts("".join(_WORKED_OUT_OF.findall(pair.reading.answer)))]
    if "、" not in pair.question and any(units.count(unit) > 2 for unit in units):
        return True
    one, other = (frozenset(bigrams(side)) for side in both.groups())
    own = frozenset(bigrams(" ".join((*pair.reading.wordings, pair.reading.answer))))
    named = [bool(terms & own) for terms in (one - other, other - one) if terms]
    return len(named) == 2 and any(named) and not all(named)


def _is_result_unasked(pair: Pair) -> bool:
    """Whether an answer begins with how far figures lie apart, which is not asked, or with anything worked out where no words ask for that; what
    begins with the count of a list or a sum still tells the items."""
    unasked = _compares_others(pair) or (
        pair.reading.computed
        and not _ANY_RESULT.search(pair.question)
        and not _SETS_AGAINST.search(pair.question)
        and not _COUNTED_LIST.search(pair.reading.answer)
    )
    figures = _amounts(pair.reading.answer) if unasked else ()
    return bool(figures) and any(
        told.startswith(figures[0].surface) or figures[0].surface.startswith(told) for told in pair.reading.computed
    )


def _measures_another(pair: Pair) -> bool:
    kinds = [kind for kind in _MEASURED if kind in pair.question]
    # What is sold abroad is told of as such, whatever the reading's question calls the rest.
    told = pair.own if set(kinds) <= _TRADED else pair.reading.question
    return bool(kinds) and any(kind in told for kind in _MEASURED) and not any(kind in pair.own for kind in kinds)


def _lacks_growth(pair: Pair) -> bool:
    """Whether nothing but a rate of growth is asked for and the reading tells none."""
    return pair.asked.one_growth and not _GROWTH_SAID.search(pair.own) and not pair.reading.computed


def _lacks_rank(pair: Pair) -> bool:
    """Whether nothing but a rank is asked for and the reading tells none."""
    return pair.asked.one_rank and not _RANK_SAID.search(pair.own)


def _is_heading(pair: Pair) -> bool:
    return pair.reading.via is Via.OUTLINE and not _HEADINGS_ASKED.search(pair.question)


def _lacks_district(pair: Pair) -> bool:
    return bool(_DISTRICT_ASKED.search(pair.question)) and not any(name in pair.own for name in DISTRICTS.values())


def _lacks_number(pair: Pair) -> bool:
    return bool(_DOCUMENT_NUMBER.search(pair.question)) and "号" not in pair.reading.answer


def _counts_indicators(pair: Pair) -> bool:
    """Whether a reading counts the indicators of a kind where a question asks of which kind one is."""
    return bool(_OF_WHAT_KIND.search(pair.question)) and re.match(r"\d+项", pair.reading.answer) is not None


def _is_narrower(pair: Pair) -> bool:
    return any(word in pair.reading.question and named not in pair.question for word, named in _NARROWER.items())


def _lacks_named(pair: Pair) -> bool:
    """Whether a question names what must stand in the reading's own words and does not, or asks which of a kind it is and none is named."""
    return any(name not in pair.own for name in pair.asked.outright) or not re.search(pair.asked.kind, pair.own)


def _takes_for_another(name: str, own: str) -> bool:
    """Whether a reading speaks of what differs from a name in one character ("渝快政", "渝快办") and not of what it names."""
    if name.removeprefix("市") in own:
        return False
    others = "|".join(f"{re.escape(name[:place])}[^\\W\\d_]{re.escape(name[place + 1 :])}" for place in range(len(name)))
    return re.search(others, own) is not None


def _sets_against_the_same(question: str, years: Sequence[int], reading: Reading) -> bool:
    """Whether a question sets figures against each other, and of the years and the aim whose difference a reading tells."""
    aim, told = aim_of(question), aim_of(reading.question)
    same_aim = told in (aim, Aim.BOTH) or (aim is Aim.RESULT and told is Aim.ANY) or aim not in (Aim.TARGET, Aim.RESULT)
    tells_which = not _WHICH_WAY.search(question) or _WAY_SAID.search(reading.answer)
    return bool(tells_which and _SETS_AGAINST.search(question)) and set(years) <= set(reading.years or years) and same_aim


def _per_head(question: str, reading: Reading) -> bool:
    """Whether a reading is about a share per head of what the question asks in total."""
    if re.search(r"人均|每人|平均每|一个人|人手", question):
        return False
    return any(whole in question for whole in re.findall(r"人均(\w{4})", reading.question))


def _lacks_kind(pair: Pair) -> bool:
    """Whether a question asks for names and the reading only counts them, asks when and the reading knows no time, or asks
    what came of it and the reading only plans."""
    question, reading = pair.question, pair.reading
    names_asked = _NAMES_ASKED.search(question) and not pair.asked.counts and not _WHEN_ASKED.search(question)
    if names_asked and len(_BARE_FIGURE.sub("", reading.answer)) < FEWEST_LETTERS:
        return True
    if _WHAT_ASKED.search(question) and not asks_yes_or_no(question) and _only_repeats(pair):
        return True
    if _WHEN_ASKED.search(question) and not _TIME.search(" ".join((reading.answer, *reading.quotes))):
        return True
    return bool(_DONE_ASKED.search(question)) and aim_of(question) is Aim.RESULT and aim_of(reading.question) is Aim.TARGET


def _only_plans(question: str, years: Sequence[int], reading: Reading) -> bool:
    """Whether a question asks what came of one year, and a reading of several years tells what was planned for that one."""
    if len(years) != 1 or len(reading.years) < 2 or aim_of(question) is not Aim.RESULT or not _DONE_ASKED.search(question):
        return False
    return _tells_of(years[0], reading, Aim.TARGET)


def _only_tells_result(question: str, years: Sequence[int], reading: Reading) -> bool:
    """Whether a question asks what was planned for one year, and a reading of several years tells what came of that one."""
    if len(years) != 1 or len(reading.years) < 2 or aim_of(question) is not Aim.TARGET or not _PLAN_ASKED.search(question):
        return False
    return _tells_of(years[0], reading, Aim.RESULT)


def _tells_of(year: int, reading: Reading, aim: Aim) -> bool:
    """Whether what a reading says behind a year, up to the next year or mark, is of that aim alone, as far as it names one."""
    said = re.findall(rf"{year}年([^，；。？]*?)(?=20\d\d年|[，；。？]|$)", reading.question + "，" + reading.answer)
    return {aim_of(words) for words in said} - {Aim.ANY} == {aim}


def _lacks_items(pair: Pair) -> bool:
    """Whether a question asks which so many things are, and the reading names fewer ("六大板块": two of them and 等)."""
    answer, short = pair.reading.answer, pair.asked.abbreviated
    if short and answer.replace(short[0], "").count(short[1]) < short[2]:
        return True
    return pair.asked.items > 1 and _items(answer) < pair.asked.items


def pieces_of(answer: str) -> list[str]:
    """What the marks of a list part in an answer, without the count ahead of it."""
    return [piece for piece in re.split(r"[、，；]", _COUNT_AHEAD.sub("", answer.rstrip("。"))) if piece]


def _items(answer: str) -> int:
    """How many things a list may name: its pieces, those with figures whole, the others also cut at 和."""
    pieces = pieces_of(answer)
    joined = [piece for piece in pieces if not re.search(r"\d", piece)]
    return len(pieces) + sum(len(re.findall("[和及与]", piece)) for piece in joined)


def _only_repeats(pair: Pair) -> bool:
    """Whether an answer says no more than the question itself."""
    own = bigrams(pair.reading.answer)
    return bool(own) and sum(term in pair.asked.terms for term in own) / len(own) >= REPEATED


def _lacks_figure(pair: Pair) -> bool:
    """Whether a question asks how many of a unit and the reading has no figure of that kind."""
    question, reading = pair.question, pair.reading
    if _SOME_FEW.search(question) and "多少" not in question:
        return False
    told = (reading.answer,) if reading.type == ReadingType.YESNO else (reading.answer, *reading.quotes)
    if _HOW_LARGE.search(question) and not any(map(_amounts, told)):
        return True
    if (
        not pair.asked.counts
        or _NUMBER_OF_A_KEY.search(question)
        or (_COUNTED.search(question) and reading.type == "list")
        or _lists(question, reading)
    ):
        return False
    # What the question says itself ("十年禁渔") is not what it asks for.
    if not any(_amounts_unsaid(text, question) for text in told) and not any(map(_CHINESE_FIGURE.search, told)):
        return True
    answered = _amounts(reading.answer)
    if answered and all(f.kind is FigureKind.PERCENT for f in answered) and not _SHARE_ASKED.search(question):
        return True
    if answered and all("元" in figure.unit for figure in answered) and not _MONEY_MEANT.search(question):
        return True
    if (
        answered
        and _RATE_ASKED.search(question)
        and all(figure.kind is FigureKind.QUANTITY and "/" not in figure.unit for figure in answered)
    ):
        return True
    match = _UNIT_ASKED.search(question)
    if match and match[1] in ("万", "亿") and not any(_is_large(figure) for figure in answered):
        return True
    unit = _asked_unit(match[1] or "", match[2]) if match else None
    if unit is None:
        return False
    if unit == "元":
        return not any(_counts(figure, unit) for figure in answered)
    return not any(_counts(figure, unit) for text in told for figure in _amounts_unsaid(text, question))


def _amounts_unsaid(text: str, question: str) -> list[Figure]:
    """The figures of a text that count or measure and that a question does not say itself."""
    return [figure for figure in _amounts(text) if figure.surface not in question]


def _is_large(figure: Figure) -> bool:
    return figure.kind is FigureKind.QUANTITY and max(figure.low, figure.high) >= LARGE


@lru_cache(maxsize=8192)
def _amounts(text: str) -> tuple[Figure, ...]:
    """The figures of a text that count or measure."""
    return tuple(figure for figure in find_figures(text) if figure.kind not in (FigureKind.CODE, FigureKind.ORDINAL))


def _lists(question: str, reading: Reading) -> bool:
    """Whether a question that counts wants the things themselves, and the reading names several."""
    return _WHICH_ONES.search(question) is not None and len(re.findall(r"[、，；]", reading.answer)) >= 1


def _asked_unit(scale: str, words: str) -> str | None:
    """The strict unit that words behind 多少 begin with: a measure, money, or a classifier that says what is counted; None where it is loose."""
    if words.startswith("亿"):
        scale, words = "亿", words[1:]
    if words[:2] == "人次":
        return "人次"
    for length in range(min(4, len(words)), 0, -1):
        unit = words[:length]
        if unit in ("钱", "资金", "投资"):
            return "元"
        if unit in _all_units():
            return None if unit in _LOOSE and unit not in _STRICT_CLASSIFIERS else unit
    return "元" if scale == "亿" else None


@lru_cache(maxsize=1)
def _all_units() -> frozenset[str]:
    return frozenset(unit for units in UNITS.values() for unit in units.split())


def _counts(figure: Figure, unit: str) -> bool:
    if unit == "元":
        return "元" in figure.unit
    if unit.endswith("百分点") or unit == "成":
        return figure.kind in (FigureKind.PERCENT, FigureKind.POINTS)
    if unit == "倍":
        return figure.kind is FigureKind.RATIO or figure.unit == "倍"
    if unit == "人次":
        return figure.unit in _PEOPLE
    if unit in ("天", "日"):
        return figure.unit in ("天", "日", "个工作日")
    return bool(figure.unit) and (unit in figure.unit or figure.unit in unit)


_CHECKS: Mapping[Conflict, Callable[[Pair], bool]] = {
    Conflict.NAME: _lacks_name,
    Conflict.PLACE: _lacks_place,
    Conflict.NAMESAKE: _names_another,
    Conflict.WORD: lambda pair: _lacks_named(pair) or _counts_indicators(pair),
    Conflict.OPPOSITE: _is_opposite,
    Conflict.REGION: _is_of_part,
    Conflict.WHOLE_CITY: _is_of_whole_city,
    Conflict.NEVER: _is_never_the_other,
    Conflict.NEW_ONLY: _is_new_only,
    Conflict.TOTAL_ONLY: _is_total_only,
    Conflict.YEARS: _is_of_other_years,
    Conflict.ACROSS: _compares_documents,
    Conflict.ONE_YEAR: _tells_other_years,
    Conflict.FIGURE: _lacks_figure,
    Conflict.KIND: _lacks_kind,
    Conflict.ITEMS: _lacks_items,
    Conflict.PLANNED: lambda pair: _only_plans(pair.question, pair.years, pair.reading),
    Conflict.COMPARISON: _compares_others,
    Conflict.OPERANDS: _works_out_others,
    Conflict.RESULT: _is_result_unasked,
    Conflict.MEASURED: _measures_another,
    Conflict.GROWTH: _lacks_growth,
    Conflict.RANK: _lacks_rank,
    Conflict.STRETCH: _lacks_stretch,
    Conflict.FLOW: _is_flow,
    Conflict.AMOUNT: _lacks_amount,
    Conflict.STOCK: _is_stock,
    Conflict.REST: _is_rest,
    Conflict.SOUGHT: _is_sought,
    # What a reading only plans for a year was weighed when the models were trained; that it rules out loses no right answer of the `tune` questions.
    Conflict.PERIOD: lambda pair: (
        _is_of_period(pair)
        or _only_plans(pair.question, pair.years, pair.reading)
        or _only_tells_result(pair.question, pair.years, pair.reading)
    ),
    Conflict.PRODUCT: _lacks_product,
    Conflict.STAGE: _is_of_other_stage,
    Conflict.HEADING: _is_heading,
    Conflict.DISTRICT: _lacks_district,
    Conflict.DOCUMENT_NUMBER: _lacks_number,
    Conflict.PER_HEAD: lambda pair: _per_head(pair.question, pair.reading),
    Conflict.NARROWER: _is_narrower,
}
