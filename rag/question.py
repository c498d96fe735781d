"""What a question asks: years, units, role, kind."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from corpus.errors import QuestionError
from rag.lexicon import Lexicon
from rag.simplified import simplified

MAX_LENGTH = 500


class Ask(StrEnum):
    """What kind of answer is wanted."""

    RESPONSIBLE = "responsible"
    COUNT_TASKS = "count_tasks"
    LIST_TASKS = "list_tasks"
    COUNT_SECTION = "count_section"
    MOST_TASKS = "most_tasks"
    TASK_NUMBER = "task_number"
    DIFFERENCE = "difference"
    YES_NO = "yes_no"
    PLAIN = "plain"


class Aim(StrEnum):
    """Whether a target or a result is asked for."""

    TARGET = "target"
    RESULT = "result"
    BOTH = "both"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `text` stands alone; `years` are those it names; `lead` and `cooperating` which roles of units it asks for.
    """

    text: str
    years: tuple[int, ...]
    units: tuple[str, ...]
    ask: Ask
    aim: Aim
    lead: bool
    cooperating: bool
    task_numbers: tuple[int, ...] = ()

    def within(self, years: tuple[int, ...]) -> "Question":
        """The same question for these years."""
        return replace(self, years=years)

    def about(self, text: str, years: tuple[int, ...], aim: Aim) -> "Question":
        """One of the things the question asks, as a question of its own."""
        return replace(self, text=text, years=years, aim=aim)


_YEAR_IN_CHARACTERS = re.compile(r"二[〇○零][一二][〇○零一二三四五六七八九](?=年)")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")

_HOW_MANY_HERE = re.compile(r"好多(?=[个项家条户件所座名位亩套辆吨年天处公万亿元钱人次])")
"""What Chongqing says for "how many"."""

_HOW_LARGE_HERE = re.compile(r"好(?=[大长高宽远重久][？?，,。]|[大长高宽远重久]$)")
"""What it says for "how" before large."""


def clean_question(text: str) -> str:
    """The question as typed, in simplified characters and the words of the standard language, with years in digits and single blanks.

    Raises QuestionError when it is empty, too long or holds nothing to read.
    """
    plain = unicodedata.normalize("NFC", text).strip()
    if not plain:
        raise QuestionError("问题是空的，请输入要问的内容。")
    if len(plain) > MAX_LENGTH:
        raise QuestionError(f"问题有 {len(plain)} 字，至多 {MAX_LENGTH} 字，请缩短后再问。")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t\r" for character in plain):
        raise QuestionError("问题里有不可见的控制字符，请删去后再问。")
    if not any(character.isalnum() for character in plain):
        raise QuestionError("问题里没有文字，请输入要问的内容。")
    standard = _HOW_LARGE_HERE.sub("多", _HOW_MANY_HERE.sub("多少", re.sub(r"\s+", " ", simplified(plain))))
    return _YEAR_IN_CHARACTERS.sub(lambda year: year[0].translate(_DIGITS), standard)


LEAD_WORDS = re.compile(
    r"牵的?头|担责|挂帅|张罗|交给|一家[管抓]|(?<!各)责任单位|主责|负责|挑大梁|[当唱]主角|谁管|谁抓|谁来|归谁|归哪|哪个部门|哪些部门|哪个单位|哪些单位|哪[个家](?:局|委)|哪家(?![\u4e00-\u9fff]{0,2}(?:银行|公司|企业|[煤车药国民]企|集团|医院|学校|工?厂|[高大]学|高校|机构|机场|民宿))|主管|主办|挑头|领衔|由谁|找谁|谁[干做跑]|谁的活|谁的事|谁在|谁主|打头|领头|自己扛|扛的|(?<!听)谁的[？?]?$|哪.{0,4}扛|谁扛|谁头上|哪[两三几]家(?:管|抓|牵|负|主|办|的活|在|的[？?]?$)|哪[两三几]个(?:单位|部门|委办局|局|委)|(?:压|落|摊|派|交|记)(?:在|到|给)了?[谁哪](?!些?[个块]?(?:地|区|县|省|市|方))"
)
COOPERATE_WORDS = re.compile(r"配合|协助|配角|打下手|协同单位|参与单位|搭把手|帮忙|搭手|打辅助|协办|谁来?帮|帮着")
_COOPERATE_TOO = re.compile(
    rf"(?:{COOPERATE_WORDS.pattern})[^，,。；;？?]{{0,4}}[也又还]|[也还又][^，,。；;？?]{{0,4}}(?:{COOPERATE_WORDS.pattern})"
)
"""Those who help, beside those who lead."""


_COUNT = re.compile(
    r"多少项|几项|几次|多少次|几回|多少个任务|几个任务|多少条|几条|多少件|几件|任务数|多少任务|项数|几个活|总共.{0,6}[项个件]"
)
_TASK_WORDS = re.compile(r"任务|项|件|活|牵头|配合|责任")
_LIST = re.compile(
    r"(?:牵头|负责|配合|管|干|抓)(?:着|了)?(?:什么|啥)|哪些|哪几|有啥|列出|列一下|都有什么|分别是什么|是什么任务|什么任务|哪.{0,3}项|哪.{0,3}件|(?:牵头|负责|配合|主责)的(?:任务|工作)[？?。]?$"
)
_TASKS_ON_A_MATTER = re.compile(
    r"(?:(?:涉及|关于|提到|提及|有关|相关)[^，,]{0,14}|[^\W\d]{2,8}方面的?)任务(?:都?有|是|包括)?(?:哪|什么|啥)"
)
_ANOTHER_TIME = re.compile(r"20(?!21)\d\d|2[02-5]年|十[三五]五")
"""A year or a period that the breakdown of tasks is not of."""

_PROPOSALS = re.compile(r"提案|议案|代表建议")
"""What delegates put forward also has units that answer it with others, but is no task."""

_TASK_NUMBER = re.compile(r"[第排]?\s*(\d{1,3})\s*(?:号|项|条)\s*(?:任务|目标|工作)?|任务\s*(\d{1,3})\b")
_TASK_RANGE = re.compile(r"第\s*(?P<first>\d{1,3})\s*[项条号]?\s*[到至—~-]\s*第?\s*(?P<last>\d{1,3})\s*[项条]")
MOST_OF_A_RANGE = 20
"""Tasks asked for by the numbers of the first and the last, at most."""

_IN_BREAKDOWN = re.compile(r"(?:分解方案|任务分解|任务书)》?(?:里面?|中)?的?第\s*\d{1,3}\s*(?:号|项|条)")
"""A number of the breakdown leaves no doubt that a task is meant."""

_LAST_TASK = re.compile(r"最末尾?的?[那这]?一?[项条]|(?:最后|倒数第一|压轴)的?[那这]?一?[项条](?!工作安排)")
_FIRST_TASK = re.compile(r"(?:第一|头一|最前面?的?)[项条](?!工作安排)")
LAST = -1
"""The number of the last task of all, as it is asked for."""

GROWTH_SINCE = r"[上前去]一?年(?:同期)?[增涨]"
"""What a change since the year before goes on with behind 比: its figure stands in the documents, no difference is to be worked out."""

_DIFFERENCE = re.compile(
    rf"差多少|多了多少|少了多少|相差|多出|高出|低了|高了|增加了多少|提高了?多少|(?<!占)比(?![重例]|{GROWTH_SINCE}).{{1,20}}(?:多|少|高|低|增|降|快|慢|涨)|差距|差几|多几|少几|涨了多少个?百分点|超了?多少|还差"
)
_YES_NO = re.compile(r"(\w)[不没]\1|是否|有无|(?:吗|(?<![什怎多])么)(?:[？?。，,]|$)|没[有得]?(?:[？?。，,]|$)|[吧不](?:[？?。，,]|$)")
"""A verb said twice around 不 or 没, or a particle at the end of a clause; 什么 is none."""
_TARGET = re.compile(
    r"控制数|控制线|派[了下的]|上限|红线|盘子|当初|目标|计划|预期|打算|要求(?=[建做造完种修改])|(?<!我)(?<!主)(?<!重)要(?!求|点|素|多|少|高|低|快|慢)|准备|力争|定[的得]|(?<![认确规固])定多少|年初|原[说先]|盘算|安排|预计|任务|到20\d\d年|规划|定了|想"
)
_RESULT = re.compile(
    r"最后|后来|实有|[干做办]成|真(?:正)?(?:跑|建|修|干|做|涨|增|花)|又[涨增]|(?:实现|完成|实际)值|增了|涨了|跑了|搞了|添了|修了|改出来|跑出来|干到|实际|完成|实现了|达到了|做到|结果|干了|建了|造了|新增了|了多少|(?:多少|几)[万亿]?[个家户所座条人公里元吨%]{0,2}了|落实|成效|到底"
)
YEAR = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d|亿|万|元|家|户|个|公里|人|亩|米)|(?<!\d)(1[5-9]|2[0-9]|3[05])年(?!代)")
_YEARS_LISTED = re.compile(r"(?<![\d.])((?:20)?[12]\d(?:[、和跟与](?:20)?[12]\d)+)(?:这?[两二三四])?年")
_RANGE = re.compile(r"(20\d\d)年?\s*(?:到|至|—|-|－|~)\s*(20\d\d)")
_PERIODS = {"十三五": 2020, "十四五": 2025, "十五五": 2030, "二〇三五": 2035, "二○三五": 2035}
PERIOD = (_PERIODS["十三五"], _PERIODS["十四五"])
"""The year from which the plan of the documents starts, and the one at which it aims."""

_RELATIVE = {"前年": -2, "去年": -1, "上年": -1, "今年": 0, "本年": 0, "明年": 1}


def years_of(text: str, present: int) -> tuple[int, ...]:
    """The years that a question names, relative ones counted from `present`, a plan period as its last year; a range gives both ends."""
    plain = _YEARS_LISTED.sub(lambda listed: "年".join(re.findall(r"\d+", listed[1])) + "年", unicodedata.normalize("NFKC", text))
    years = [int(match[1]) if match[1] else 2000 + int(match[2]) for match in YEAR.finditer(plain)]
    years += [year for period, year in _PERIODS.items() if period in text]
    if not years:
        years += [present + shift for word, shift in _RELATIVE.items() if word in text]
    return tuple(dict.fromkeys(years))


def with_whole_years(text: str) -> str:
    """A text with its years of two digits written with four ("23年" as "2023年")."""
    return YEAR.sub(lambda year: year[0] if year[1] else f"20{year[0]}", text)


THIS_INDICATOR = r"(?:这个?|该|此)项?指标(?!表|体系)"
"""Words, as a pattern, for the one indicator that was spoken of."""


def understand(text: str, lexicon: Lexicon, present: int) -> Question:
    """What a question that stands alone asks; relative years are counted from `present`."""
    lead, cooperating = bool(LEAD_WORDS.search(text) or _COOPERATE_TOO.search(text)), bool(COOPERATE_WORDS.search(text))
    if _PROPOSALS.search(text):
        lead = cooperating = False
    units = lexicon.units_in(text) or (lexicon.governments_in(text) if lead or cooperating else ())
    of_tasks = _IN_BREAKDOWN.search(text) or (
        re.search(r"任务|分解|牵头|责任单位|配合|谁", text) and not re.search(r"指标|附件|(?<!任务)(?<!分解)表", text)
    )
    numbers = tuple(
        int(m[1] or m[2]) for m in _TASK_NUMBER.finditer(text) if of_tasks and (m[0][0] in "第排" or re.search(r"号任务|任务\s*\d", m[0]))
    )
    some = _TASK_RANGE.search(text)
    if some and int(some["first"]) < int(some["last"]) < int(some["first"]) + MOST_OF_A_RANGE:
        numbers = tuple(range(int(some["first"]), int(some["last"]) + 1))
    if of_tasks and re.search(r"456|分解|任务[书表]", text):
        numbers += tuple(number for place, number in ((_FIRST_TASK, 1), (_LAST_TASK, LAST)) if place.search(text))
    return Question(
        text=text,
        years=years_of(_SOURCE_ASIDE.sub("", text), present),
        units=units,
        ask=_ask(text, units, lead, cooperating, numbers),
        aim=aim_of(text),
        lead=lead,
        cooperating=cooperating,
        task_numbers=numbers,
    )


def _ask(text: str, units: tuple[str, ...], lead: bool, cooperating: bool, numbers: tuple[int, ...]) -> Ask:
    if numbers and not _COUNT.search(text):
        return Ask.TASK_NUMBER
    if re.search(r"(?:哪|谁|什么).*最[多少]|最[多少].*(?:哪|谁|什么)", text) and re.search(r"任务|牵头|配合|负责|责任", text):
        return Ask.MOST_TASKS
    which = re.search(r"哪几|哪些", text) and not re.search(r"多少|一共|总共", text)
    if (
        units
        and not which
        and (lead or cooperating or "任务" in text)
        and (_COUNT.search(text) or (_DIFFERENCE.search(text) and _TASK_WORDS.search(text)))
    ):
        return Ask.COUNT_TASKS
    if units and re.search(r"有没有.{0,4}(?:牵头|配合|负责|主责)|(?:牵头|配合|负责)过", text):
        return Ask.LIST_TASKS
    if units and (lead or cooperating or "任务" in text) and _LIST.search(text) and not re.search(r"谁|哪些?个?(?:单位|部门)", text):
        return Ask.LIST_TASKS
    if not units and _TASKS_ON_A_MATTER.search(text) and not _ANOTHER_TIME.search(text):
        return Ask.LIST_TASKS
    if not units and _COUNT.search(text) and re.search(r"任务|拆成|分解|456项|大块", text):
        return Ask.COUNT_SECTION
    if (lead or cooperating) and not re.search(r"哪[个项](?:工程|项目|计划|行动)", text):
        return Ask.RESPONSIBLE
    if _DIFFERENCE.search(text):
        return Ask.DIFFERENCE
    return Ask.YES_NO if asks_yes_or_no(text) else Ask.PLAIN


def asks_yes_or_no(text: str) -> bool:
    """Whether a question can be answered with 是 or 否."""
    return bool(_YES_NO.search(text))


@lru_cache(maxsize=8192)
def aim_of(text: str) -> Aim:
    target, result = bool(_TARGET.search(text)), bool(_RESULT.search(text))
    if target and result:
        return Aim.BOTH
    return Aim.TARGET if target else Aim.RESULT if result else Aim.ANY


_UNITS_ASKED = re.compile(
    r"谁[来去]?扛|扛总责|哪[些几][个家]?(?:单位|部门)|哪.{0,4}扛|牵的?头|交给|责任单位|主责|配合|挑头|领衔|主办|协助|归谁|归哪|谁管|谁负责|由谁|谁在|找谁|找哪|挂帅|张罗|哪[个家](?:局|委)|谁来|[谁哪]家?的[事活]|谁抓|责任[^，,]{0,2}[压落][在到给]了?谁|压给了?谁"
)
_NO_CONTENT = re.compile(
    r"多少|几个|哪些|哪个|哪几|什么|怎么样|怎么|如何|是否|有没有|请问|分别|各自|是|吗|呢|了|的|[？?，,。；;：:、]|20\d\d年?|重庆市?|全市"
)


def asks_for_units(text: str) -> bool:
    """Whether the words leave no doubt that units of government are asked for."""
    return _UNITS_ASKED.search(text) is not None


_DOCUMENT = r"(?P<{0}>(?:20)?\d\d年)?的?[^，,。；;？?]{{0,22}}?(?:报告|方案|纲要|规划|公报|文件|附件)》?"
_SOURCE = re.compile(
    rf"^(?:请问|请)?(?:根据|按照?|依据|依照|对照){_DOCUMENT.format('by')}[^，,。；;？?]{{0,6}}[，,]|^(?:请问)?在?{_DOCUMENT.format('within')}(?:里面?|里头|中|当中|之中)[，,]"
)
"""Words at the beginning that only say in which document to look."""

_TIME_ASIDE = re.compile(r"[（(](?P<year>(?:20)?\d\d)年?(?:那时候?|那年|那会儿|的?时候|口径|的?数据?)?[）)][？?]?$")
"""Words in brackets at the end that only say of which year something is asked."""

_SOURCE_ASIDE = re.compile(r"[（(][^（）()]*(?:报告|纲要|方案|公报)[^（）()]*[）)]$")
"""Words in brackets at the end that only say in which document it stands: its year is not that of the thing."""

_TAG = re.compile(
    r"[，,。；;？?！!\s]*(?:我?没记错吧|(?:这话|这么说|这个?说法)?(?:对不对|对[吗吧么]|是不是|是吧|没错吧|准不准|属实吗)|有这回事[吗没]|是这样[吗的]?"
    r"|(?:请?把[^，,。；;？?]{0,6}|\w个|也)?请?(?:完整地?|逐[一项]地?|一个?[都也]?[别不没][落漏少]+[下掉]?地?|全部|都|全)?(?:列|说|写|讲)(?:一下|一列|出来?|全|举|明|下)"
    r"|一个?[都也]?[别不没][落漏少]+[下掉]?|给个(?:全名|准数|数|准话)|谢谢)[。？?！!，,\s]*$"
)
"""Words at the end that ask for assent or for care, and name nothing."""


def bare(text: str) -> str:
    """A question as search should see it: without the words that only say where to look or how to answer; its year stays."""
    aside = _TIME_ASIDE.search(text)
    if aside and not YEAR.search(text[: aside.start()]):
        text = f"{aside['year']}年{text[: aside.start()]}"
    plain = _SOURCE.sub(lambda match: match["by"] or match["within"] or "", text)
    while len(shorter := _TAG.sub("", plain)) < len(plain):
        plain = shorter
    return plain if len(thing_of(plain)) >= 2 else text


def asks_of_a_day(text: str) -> bool:
    """Whether a question is about a day near the one on which it is asked, of which no document tells."""
    return re.search(r"今天|明天|昨天|后天|今晚|明早", text) is not None


def beyond_tasks(text: str) -> bool:
    """Whether more is asked of a task than its units: offices and persons, which no breakdown names."""
    return (
        re.search(r"处室|科室|负责人|联系人|联系电话|分管|局长|主任是谁|几月底?前|完成时限|董事长|总经理|法人|控股|股东|担任", text)
        is not None
    )


def content_of(text: str) -> str:
    """A question without the words that only ask, its years and the city's name."""
    return _NO_CONTENT.sub(" ", text)


AIM = re.compile(r"目标|计划|预期|实际|完成|任务|安排|执行|结果|规划|实现|打算|预计|力争")
_NAMED_YEAR = re.compile(r"20\d\d|(?<!\d)\d\d(?=年)|“?十[三四]五”?|去年|今年|明年|前年")
_ASKING = re.compile(
    r"分别|各自|各|多少|是|几|什么|哪些|哪个|怎么样|怎样|如何|呢|吗|了|的|又|都|也|已经|到底|最后|对比一下|对一下|比一下|对比|比较|列一下|"
    r"请问|一下|搞|做|定|数|情况|年|末|底|到|要|想|在|份"
)
_ASKED_AMOUNT = re.compile(r"(?:多少|几)[万亿]?(?:公里|平方米|人次|[个家户条件所座名元亩吨人辆项天])?|新增|新开工|累计|一共|总共")


_OF_ANYTHING = re.compile(
    r"同比|环比|[上前头]一?年|重庆市?|[全本我]市|市里|负责|责任|牵头|配合|协助|主管|单位|部门|增速|增幅|涨幅|名次|排名?|规模|面积|金额|投资|支出|收入|数量|数字|"
    r"数据|项目|工程|事[项儿情]|指标|内容|措施|做法|进[度展]|原因|意思|名[字称]|时候|时间|地方|什么|为[什啥]|怎么?办?|请查|告诉|知道|可以|具体|建成?|新签|合计|"
    r"减少|提[高升]|覆盖|规划|[下没有投花钱成为因家个项条件名位它他谁哪那这吗里再所总共一达增减涨跌降高低最倍率同还么啥样呀啊嘛哈查说问看能帮我你给多大长远久何月日号叫占]|"
    r"[比例距差缺欠跟算亿万元]|\W"
)
"""What can be asked of anything, and by itself asks of nothing."""

_NAMED_SO = re.compile(r"号工程|投资(?:增速|增幅|增长)")
"""Things that are named with nothing but such words."""

_OF_A_PLAN = re.compile(r"(?:目标|任务|规划|计划|安排)[^，,]{0,6}(?:哪|啥|什么)|(?:哪|啥|什么)[^，,]{0,4}(?:目标|任务|规划|计划|安排)")
"""Words for all that was planned, which is a thing to ask about."""


def names_nothing(text: str) -> bool:
    """Whether a question does not say what it asks about ("同比增长多少")."""
    return not _OF_A_PLAN.search(text) and not _NAMED_SO.search(text) and not _OF_ANYTHING.sub("", thing_of(text)).strip("增长")


_AMOUNT_NAMED = re.compile(
    r"(?:GDP|增速|增幅|涨幅|(?<!效)率|占比|比重|比例|强度|[总余限债税]额|(?<![质能力重分])量|数|规模|产值|里程|面积|收入|支出|年限|寿命|人口|床位|增加值"
    r"|生产总值|债务|利润|(?:\d年|末|底)(?:(?!远景|总体|主要|工作|奋斗|任务|发展)[^目])+目标)$"
)
"""What an amount is called, and a target of a year, at the end."""

_ASKS = re.compile(
    r"[谁哪啥几吗呢吧么怎嘛何各]|什么|多[少大长高久]|如何|是否|有没|没有|不是|对比|相比|比较|列[出举一]|名单|说|讲|介绍|情况|变化|分别|[、，,；;：:和与跟及]"
)
"""Words of a question, and of several things."""


def asked_in_full(text: str) -> str:
    """The question that a text means which only names an amount ("2021年森林覆盖率"); another text as it is."""
    plain = text.rstrip("？?。 ")
    return f"{plain}是多少？" if _AMOUNT_NAMED.search(plain) and not _ASKS.search(plain) and not names_nothing(plain) else text


def thing_of(text: str) -> str:
    """What is left of a question or a part of it without years, aims and words that only ask."""
    return _ASKING.sub("", AIM.sub("", _ASKED_AMOUNT.sub("", _NAMED_YEAR.sub("", text))))
