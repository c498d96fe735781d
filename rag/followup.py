"""Follow-ups made whole: what a question that leans on the one before may stand for, in words that stand alone.

Several ways of completing are offered; which of them was meant is decided by what the documents answer (`rag.answer.Answerer.likeliest`).
"""

import re
from dataclasses import dataclass

from corpus.figures import DISTRICTS, ZONES
from rag.lexicon import Lexicon
from rag.question import AIM, YEAR, content_of, thing_of, with_whole_years, years_of

SURELY = 1.0
LEANING_ALONE = 0.35
"""How much a question that leans is worth as it stands, against its completions."""

STANDING_JOINED = 0.6
"""How much a question that can stand alone is worth when it is completed."""

MODIFIER_CHANGED = 0.9
"""How much the question before is worth with the first words of its thing exchanged for as many others."""

IN_THE_SAME_PLACE = 0.9
"""How much it is worth asked of the district or zone that the question before was about."""

BESIDE_ANOTHER = 0.65
"""How much the two questions side by side are worth where the second can ask the same of another thing."""

FEWEST_CHARACTERS = 2
"""Of a thing of its own, below which a question cannot stand alone."""

FEWEST_OF_TOPIC = 3
"""Characters of what a question is about, below which it is not told apart from what is asked."""

NAMED_ALONE = 6
"""Characters of the thing by which a short question about who does it stands alone."""

_LEANS = re.compile(
    r"^(?:那|那么|这|它|其|该|此|还有|另外|再|同|上述|前面|刚才|呢|换成|改成|如果|其中|里面|都包括)|呢[？?]?$|[^吗吧]呢[，,]|它|这[个项些件条]|该项|上面|刚才|其中"
)
_WHOLE = re.compile(r"\w{2,}(?:牵头|配合|负责)[了着]?(?:几|多少|哪几?|哪些)[项个件]?任务$")
"""Short, but with a unit, what it does, and what is asked of it."""
_FILLER = re.compile(r"^(?:那么?|还有|另外|其中的?|再(?!融资|生|制造|就业)|换成|改成|如果是?|那要是)|呢[？?]?$|[？?。！!]+$")
_OF_BOTH = re.compile(
    r"^(?:这|那|前面|上面)?(?:两个数?|两者|二者|两年|前后)[^，,]{0,6}(?:差|加|合|比|多|少|高|低)|^(?:哪个|哪[边头项样]|谁)(?:更|增长得?|涨得)?[多少高低大小快慢]$"
)
"""Words for the two values that were asked for before."""

_GAP = re.compile(r"(?:那|一共)?(?:相?差|差了|差距|差额)(?:是|有)?(?:多少|几)\w{0,4}")
"""Words for how far the two values lie apart."""

_SUM = re.compile(
    r"(?:那|这)?(?:[两俩]个)?(?:加起来|加一?[起块]儿?|合计|合起来|合在一起|总和|之和)(?:一共|总共)?(?:是|有)?(?:多少|几)?\w{0,3}"
)
"""Words for what they come to together."""

_TASK = re.compile(r"(\d{1,3})(?=[项号条])")
_ANOTHER_TASK = re.compile(
    r"(?:第?(?P<number>\d{1,3})[项号条]|(?P<next>再?[下后]一?[项号条个])|(?P<last>再?[上前]一?[项号条个]))(?:任务)?(?:呢?[，,](?P<besides>.+))?"
)
"""A task named by its number, or by its place before or behind the one that was spoken of."""

_NOW = re.compile(r"现在|目前|眼下|如今|(?:到|有|达)(?:多少|几)\w{0,3}了$")
"""Words for how things stand, whatever was planned."""

_PRONOUN = re.compile(r"^(?:其中|里面的?|它的?|他们的?|这些|这个|该项?|此|这|那|上面|刚才)(?:项目|任务|事儿?|的|些|个|项)*")
_ASKED = re.compile(r"(?:分别|各)?(?:是|有|要|由|归|达到?|到)?(?:多少|几|哪|什么|啥|怎么样|如何|怎样|谁)[^，,]*$")
_ASPECT = re.compile(
    r"距?离|还?[差缺欠]|百分点|规划|给|增速|增幅|增长|涨幅|总?金额|面积|数量|规模|比重|占比|总?投资|名次|排名|新签|覆盖|[那这]一|多[大高长远]|新?建成?|跟|比|[^\w]"
)
"""What can be asked of anything: it says nothing of what is asked about."""

_ASKS = re.compile(r"没有?$|多还是少|高还是低|有没有|它|多少|几|哪|什么|啥|谁|怎|如何|吗|实际|目标|计划|完成|结果|增速|增长|牵头|配合")
_THAN_YEAR = re.compile(r"(?:(?:和|跟|与)?比|(?:和|跟|与)(?=.{0,8}[比差多少高低快慢]))(?:20\d\d年?|\d\d年|去年|上年|前年)(?P<rest>.*)")
_THAN_THEN = re.compile(r"(?P<year>(?:20)?\d\d年)呢?[，,](?:和|跟|与)?比(?:那一?年|那时候?|之前|前面)(?P<rest>.+)")
"""A year, set against the one that was spoken of."""

_YEAR_NEAR = {
    0: re.compile(r"(?:同一|那一|当)年(?!度)"),
    1: re.compile(r"(?:再?往后[推数]?|[下后])一年|次年|转过?年来?|第二年|来年"),
    -1: re.compile(r"(?:再?往前[推数倒]?|[上前头])一年|头年"),
    2: re.compile(r"再?往后[推数]?两年|[过隔]两年|两年后"),
    -2: re.compile(r"再?往前[推数倒]?两年|[早前]两年|两年前"),
}
"""Words for the year that was spoken of, the one behind it, and the one before."""

_YEAR_AND_MORE = re.compile(r"(?P<year>(?:20)?\d\d年)呢[，,](?P<besides>[^，,]*(?:多少|几)\w{0,3})")
"""The same asked of another year, and more."""

_ONWARD = re.compile(r"(?:再?往[后前]|然后|接着)[，,]?(?=20\d\d|\d\d年)")
"""Words that only lead over to a year that is named."""

_THEN = re.compile(r"(?<=年)(?:的时候|那个?时候|那时|那会儿?|那阵[子儿]?|那一?年)|的话(?=呢?[？?]?$)")
"""Words that only dwell on a year or a thing that is named."""

_PLACE = re.compile("|".join(sorted({*DISTRICTS.values(), *ZONES, "科学城"}, key=len, reverse=True)))
_SCOPE = re.compile(r"全市|市本?级|中心城区|主城都市区|渝东[北南]")
_PERIOD = re.compile(r"“?十[三四五]五”?(?:时期|期间|末|规划)?里?")
OPPOSITES = (
    ("收入", "支出"),
    ("进口", "出口"),
    ("目标", "实际"),
    ("城镇", "农村"),
    ("常住", "户籍"),
    ("牵头", "配合"),
    ("限额", "余额"),
    ("新增", "累计"),
    ("新增", "再融资"),
    ("东北", "东南"),
    ("全市", "市级"),
    ("国家级", "市级"),
    ("市级", "区县级"),
    ("国家级", "区县级"),
)
"""Words that stand in one place of a question, one for the other."""

_AHEAD = re.compile(rf"(?:(?:20)?\d\d年(?:末|底|初)?的?|{_PERIOD.pattern}|规划|里|{_SCOPE.pattern}|新增|新开工|开工|的)+")
"""What stands ahead of the thing that a question is about."""

_ROLE = re.compile(r"牵头|责任|负责|配合|协助|谁")
_MEASURED = r"(?:人均)?(?:可支配)?(?:增加值|产值|产量|销量|投资|收入|支出|(?:参保)?人数|户数|余额|限额|总?里程|总?面积)"
_ASKED_OF_ANOTHER = re.compile(
    rf"(?:20\d\d年?)?(?:的)?(?:产业|行业)?(?:{_MEASURED})?(?:增速|增长|涨|安排|(?:(?<=年)[\u4e00-\u9fff]|[办建修改开投花用拿派造种])(?=了))?了?(?:目标|计划|实际|完成)?(?:分别|各)?(?:归|由|是|有|要|达到?|到|定的?|[干做搞])*(?:多少|几|哪|什么|啥|怎么样|如何|怎样|谁).*$"
)
_MEASURED_AT_END = re.compile(rf"(?:{_MEASURED})?(?:增速|增幅|增长率|涨幅|占比|比重|目标)?$")
_MEASURE = re.compile(rf"(?:{_MEASURED}|总[额值量])$")
_RATE = re.compile(r"(?:率|比重|占比|强度|增速|增幅)$")
_UNIT = r"万?(?:亿?元|公里|平方公里|平方米|立方米|公顷|亩|吨|公斤|千瓦|人次?|户|辆|列|班|架次?|天|个?百分点|个点)"
_AMOUNT = re.compile(r"多少|几")
_COUNTED_AT_END = re.compile(rf"(?:了|到)?(?:多少|几)(?:{_UNIT}|万?[个家所座条项名户件台])?(?=\w{{2,}}$)(?!{_UNIT}$)")
_VERB_LEFT = re.compile(r"[\u4e00-\u9fff]了$|[要由归]$")
_COUNTED_THING = re.compile(rf"(?:多少|几)(?!{_UNIT}$)(?:{_UNIT}|万?[个家所座条项名户])?(?=[\u4e00-\u9fff]{{3,}})")


@dataclass(frozen=True, slots=True)
class Completion:
    """A question in words that stand alone, and how likely it is meant before anything was looked up (1 is surest)."""

    text: str
    prior: float


def completions(text: str, before: str, lexicon: Lexicon, earlier: str = "") -> tuple[Completion, ...]:
    """What a question asked after `before`, and that after `earlier` (both whole), may stand for, likeliest first; the question alone where nothing
    leans."""
    dated = _THEN.sub("", _dated(text, before))
    leans, text = _leans(text) or dated != text, dated
    core = _FILLER.sub("", _FILLER.sub("", text)).strip("，, ")
    if _ROLE.search(before) and len(_OF_THE_SAME.sub("", core)) >= FEWEST_CHARACTERS:
        core = _OF_THE_SAME.sub("", core)
    helped = _AND_HELPED.match(core)
    if helped and _ROLE.search(before):
        return (Completion(f"{helped['thing']}由谁牵头，{helped['besides']}", SURELY),)
    role = _BARE_ROLE.fullmatch(core)
    if role and _ROLE.search(before):
        core = f"由谁{role['role']}"
    if earlier and (_OF_BOTH.search(core) or ((_GAP.fullmatch(core) or _SUM.fullmatch(core)) and len(YEAR.findall(before)) < 2)):
        return (Completion(f"{_stem(earlier)}，{_stem(before)}，{core}", SURELY),)
    against = _set_against(core, before)
    if against:
        return (Completion(against, SURELY),)
    own = len(_ASPECT.sub("", thing_of(core))) >= FEWEST_CHARACTERS
    changed = _one_thing_changed(core, before, lexicon)
    if changed and leans:
        return (Completion(changed, SURELY),)
    joined = SURELY if leans or not own else STANDING_JOINED
    other = _asked_of_another(core, before, lexicon) if own else ""
    forms = [Completion(other, joined)] if other else []
    forms += [Completion(form, MODIFIER_CHANGED) for form in filter(None, [_of_another_kind(core, before)])]
    there = _in_the_same_place(core, before) if own else ""
    forms += [Completion(there, IN_THE_SAME_PLACE)] if there else []
    of_another = other and own and not re.search(r"跟|[相对]比|变", core)
    forms += [Completion(form, BESIDE_ANOTHER if of_another else joined) for form in _joined(core, before)]
    alone = own and not re.search(r"它|这[个项些件条事]", core)
    then = YEAR.search(before) if alone and leans and _ASKS.search(core) and not YEAR.search(core) and not _PERIOD.search(core) else None
    if then:
        forms.append(Completion(f"{then[0].removesuffix('年')}年{core}", BESIDE_ANOTHER))
    if alone:
        forms.append(Completion(text, LEANING_ALONE if leans else SURELY))
    distinct = {completion.text: completion for completion in reversed(forms)}
    # Of two that are as likely, the question as it was asked comes first.
    ordered = sorted(distinct.values(), key=lambda completion: (-completion.prior, completion.text != text, completion.text))
    return tuple(ordered) or (Completion(text, SURELY),)


def _dated(text: str, before: str) -> str:
    """A question with the year that it names by the last one of the question before ("那下一年呢")."""
    spoken = years_of(before, 0)
    for shift, words in _YEAR_NEAR.items() if spoken and not YEAR.search(text) else ():
        text = words.sub(f"{spoken[-1] + shift}年", text, count=1)
    return text


def _leans(text: str) -> bool:
    bare = re.sub(r"[？?。！!，,\s]", "", text)
    whole = _WHOLE.match(bare) or ("谁" in bare and len(_ASPECT.sub("", thing_of(_ROLE.sub("", bare)))) >= NAMED_ALONE)
    return bool(_LEANS.search(text)) or (len(bare) <= 9 and not whole)


def _one_thing_changed(core: str, before: str, lexicon: Lexicon) -> str:
    """The question before with its year or its unit of government exchanged, where the new one is all that is said; else empty."""
    stem = _stem(before)
    task, another = _TASK.search(stem), _ANOTHER_TASK.fullmatch(core)
    if task and another:
        number = int(another["number"] or int(task[1]) + (1 if another["next"] else -1))
        return f"第{number}项任务，{another['besides']}" if another["besides"] else f"{stem[: task.start()]}{number}{stem[task.end() :]}"
    remainder = YEAR.sub("", core).replace("年", "").strip()
    if YEAR.search(core) and YEAR.search(before) and len(remainder) <= 1:
        return _with_year(stem, core)
    of_year = _YEAR_AND_MORE.fullmatch(core) if YEAR.search(before) else None
    if of_year and _ASPECT.search(of_year["besides"]):
        return f"{_with_year(stem, of_year['year'])}，{of_year['besides']}"
    for pair in OPPOSITES:
        for new, old in (pair, pair[::-1]):
            asked = re.fullmatch(rf"{new}(?:[那这]边|[那这]块)?的?(?:呢?[，,](?P<besides>.+))?", core)
            if asked and old in stem and new not in stem:
                return "，".join(filter(None, (stem.replace(old, new), asked["besides"])))
    units = lexicon.units_in(core)
    if units and lexicon.units_in(before) and len(core) <= 14 and not _ROLE.search(core):
        old, new = (next(name for name in sorted(lexicon.units, key=len, reverse=True) if name in of) for of in (stem, core))
        return stem.replace(old, new, 1)
    return ""


def _set_against(core: str, before: str) -> str:
    """The thing and the year asked for before, set against another year ("比2021年呢", "23年呢，比那年多几个"); empty where none is named."""
    then, spoken = _THAN_THEN.match(core), years_of(before, 0)
    of_then = _with_year(_stem(before), then["year"]) if then and spoken else ""
    if then and of_then:
        return f"{of_then}，比{spoken[-1]}年{then['rest']}"
    other = _THAN_YEAR.match(core)
    if not other or not YEAR.search(before):
        return ""
    return f"{_topic(_stem(before))}{core if other['rest'] else f'{core}多多少'}"


def _with_year(stem: str, core: str) -> str:
    year = re.search(r"(20\d\d|\d\d)\s*年?", core)
    if year is None:
        return ""
    return re.sub(r"(20\d\d|(?<!\d)\d\d(?=年))年?", f"{year[1]}年", stem, count=1)


def _asked_of_another(core: str, before: str, lexicon: Lexicon) -> str:
    """The earlier question asked of another thing ("智博会呢"): the new thing in front of what was asked; empty where that cannot be told apart."""
    if _ASKS.search(core) or lexicon.units_in(core) or len(content_of(YEAR.sub("", core)).replace(" ", "")) < FEWEST_CHARACTERS:
        return ""
    first = _first_part(_stem(before))
    asked = _ASKED_OF_ANOTHER.search(first) or re.search(r"(?:谁|牵头|配合).*$", first) or _MEASURED_AT_END.search(first)
    if not asked or asked.start() < FEWEST_CHARACTERS or not (asked[0] or _RATE.search(core)):
        return ""
    counted = _COUNTED_THING.search(first)
    if counted:
        return f"{first[: counted.end()]}{core}"
    year = YEAR.search(with_whole_years(first))
    dated = f"{year[0].removesuffix('年')}年" if year and not YEAR.search(core) and year[0] not in asked[0] else ""
    period = _PERIOD.search(first[: asked.start()]) if not year and not YEAR.search(core) and not _PERIOD.search(core) else None
    dated = period[0] if period else dated
    scope = _SCOPE.search(first[: asked.start()])
    thing = f"{scope[0] if scope and not _SCOPE.search(core) else ''}{core}"
    if _RATE.search(core):
        return f"{dated}{thing}{''.join(AIM.findall(asked[0])[:1])}是多少"
    if _MEASURE.search(lexicon.rewritten(core)):
        return f"{dated}{thing}{re.sub(_MEASURED, '', asked[0], count=1)}"
    said_twice = next((length for length in range(len(core), 0, -1) if asked[0].startswith(core[-length:])), 0)
    return f"{dated}{thing}{asked[0][said_twice:]}"


def _in_the_same_place(core: str, before: str) -> str:
    """What is asked, of the district or zone and in the year that the question before was about; empty where it names a place itself, or none was."""
    places = _PLACE.findall(before)
    if len(set(places)) != 1 or _PLACE.search(core) or _SCOPE.search(core) or _ROLE.search(core) or not _ASKS.search(core):
        return ""
    year = None if YEAR.search(core) or _PERIOD.search(core) else YEAR.search(before) or _PERIOD.search(before)
    dated = "" if year is None else f"{year[0].removesuffix('年')}年" if YEAR.fullmatch(year[0]) else year[0]
    return f"{dated}{places[0]}{_PRONOUN.sub('', core)}"


def _of_another_kind(core: str, before: str) -> str:
    """The earlier question with the first characters of what it is about exchanged for as many others ("养老保险基金", "医疗的呢"); else empty."""
    kind = core.removesuffix("的")
    stem = _stem(before)
    ahead = _AHEAD.match(stem)
    begin = ahead.end() if ahead else 0
    end = begin + len(kind)
    fits = (
        kind != core
        and re.fullmatch(r"[\u4e00-\u9fff]{2,4}", kind)
        and re.match(r"[\u4e00-\u9fff]{3}", stem[end:])
        and stem[begin:end] in _topic(stem)
    )
    return f"{stem[:begin]}{kind}{stem[end:]}" if fits and not _ASKS.search(kind) and not _ASPECT.search(kind) else ""


_WHICH_OF = re.compile(r"哪(?:[一二两三四几些]?[个家所座条项些]?)(?:地方|区县|单位|企业|部门|城市|国家|区|县)?(?=[\u4e00-\u9fff]{4,}$)")
"""What asks which, ahead of what is told of them."""

_OF_THE_SAME = re.compile(r"(?:也|还|都)+(?:归|由|是|该)(?:它|他们|他|这家|那家)(?:家?(?:管|办|抓|牵头|负责|建|做))?的?(?:吗|么|吧)?$")
"""What asks whether one that was told leads another thing too."""

_AND_HELPED = re.compile(
    r"(?P<thing>[^，,。；;？?谁哪]{4,}?)(?:这块|那块)?呢[，,？?](?P<besides>[^，,。；;？?]*(?:配合|协助|搭手|帮忙)[^，,。；;？?]*)$"
)
"""Another thing, and who helps with it beside who leads it."""

_BARE_ROLE = re.compile(r"(?:谁来?)?(?P<role>配合|协助|牵头|负责)(?:的(?:单位|部门)?)?(?:是?谁)?")


def _joined(core: str, before: str) -> tuple[str, ...]:
    """What is asked, behind what the question before was about: the two side by side, and as one question under the newer year."""
    stem = _stem(before)
    asked = _ONWARD.sub("", _PRONOUN.sub("", core))
    how_many = _ASKED.search(_first_part(stem)) if core.endswith("的") and not _ASKS.search(core) else None
    if how_many:
        asked += how_many[0]
    topic = _topic(stem)
    subject = AIM.sub("", _undated(topic)).strip("的")
    year = YEAR.search(core) or (None if _PERIOD.search(core) else YEAR.search(before))
    period = None if year or _PERIOD.search(core) else _PERIOD.search(before)
    dated = f"{year[0].rstrip('年')}年" if year else period[0] if period else ""
    first, *others = re.split(r"[，,；;？?]", core)
    of_then = not YEAR.search(first) and _AMOUNT.search(first) and any(YEAR.search(other) and _AMOUNT.search(other) for other in others)
    if of_then:
        # "年初定的目标是几？到23年又是多少": what is asked before a year is named is asked of the one that was spoken of.
        return (f"{_topic(stem)}，{asked}",)
    if YEAR.search(core) or _PERIOD.search(core):
        topic = _undated(topic)
    if AIM.search(core) or _NOW.search(core):
        topic = AIM.sub("", topic)
    if _NOW.search(core) and not YEAR.search(core):
        dated, topic = "", _undated(topic)
    rest = re.sub(r"^[年底末初的]+", "", YEAR.sub("", asked))
    if not subject:
        return (f"{stem}，{asked}",)
    beside = f"{topic}，{asked}"
    # Of several years each is asked for in a clause of its own.
    return (f"{dated}{subject}{rest}", beside) if len(set(YEAR.findall(core))) < 2 else (beside,)


def _stem(question: str) -> str:
    """A question without the marks at its end."""
    return re.sub(r"[？?。！!]+$", "", question)


def _undated(text: str) -> str:
    return _PERIOD.sub("", re.sub(r"(?:截?至|到)?(?:20\d\d|(?<!\d)\d\d(?=年))年?[底末初]?", "", text))


def _topic(stem: str) -> str:
    """What a question is about, without what it asks of it."""
    topic = _VERB_LEFT.sub("", _ASKED.sub("", _COUNTED_AT_END.sub("", _WHICH_OF.sub("", _first_part(stem)))))
    return topic if len(topic) >= FEWEST_OF_TOPIC else stem


def _first_part(text: str) -> str:
    return re.split(r"[，,；;？?。]", text)[0]
