"""A question that asks several things, taken apart: by thing, by year, by target and result."""

import re
from dataclasses import dataclass

from rag.question import AIM, THIS_INDICATOR, YEAR, Aim, aim_of, thing_of, with_whole_years, years_of

_CUT = re.compile(
    r"[，,；;？?。！!]|、|(?<=[年标际数划成])(?:和|跟|与|及)|(?:和|跟|与|及)(?=20\d\d|\d\d年|实际|目标|完成|计划)|还有(?!多[少大])|以及|另外|同时"
)

_RELATIVE = re.compile(r"去年|今年|明年|前年|上年")

_SETTING = re.compile(r"(?:(?<!公)里|中|上|里面|方面|下面|时候|后|来|的)$|^(?:到|截至|截止)?20\d\d年?(?:底|末)?$|^请?问?说明$")
"""A piece that only says where or when: it asks nothing of its own."""

_STATED = re.compile(r"\d(?:\.\d+)?[万亿]?(?:个|家|户|公里|元|人|亩|%|件|条|座|所|项)")
"""A figure that a piece gives, so that it asks for none."""

_ASIDE = re.compile(r"（[^）\d]*）|\([^)\d]*\)")
"""What stands in brackets, years excepted: it names nothing that is asked for beside the rest."""

_SEVERALLY = re.compile(r"分别|各自")
"""Words for asking of several things at once: a piece that stands alone asks of one."""

_PERIOD_ALONE = re.compile(r"“?十[三四五]五”?(?:末|期间|时期)?的")

_WHICH_THEN = re.compile(r"(?:分别|具体|各)?(?:都)?(?:是|有|叫|包括)?(?:哪些|哪几[个项条类种家]|什么|谁|啥)(?:名字)?|各是什么|各叫什么")
"""A piece that asks which they are, of those that the piece before asks how many."""

_OF_WHAT_KIND = re.compile(THIS_INDICATOR + r"[^，,。；;？?]{0,4}(?:约束|预期|硬)")
"""A piece that asks what kind of indicator the one of the piece before is."""

SHARED_HEAD = 4
"""Characters of a right side, at most, that needs the left side's beginning."""

SCENE = 4
"""Characters of a first piece, at least, that only says what the one question behind it is about."""

_ONE_OF_THEM = re.compile(r"[那这]一?[个本份张座条项家]")
"""A piece that points at one thing, of which the pieces behind it ask."""

MOST_FACETS = 8
_HOW_MANY = re.compile(r"多少|几")


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing asked: `text` stands alone; `label` is how to name it beside the others."""

    text: str
    label: str
    years: tuple[int, ...]
    aim: Aim


def facets_of(text: str, present: int) -> tuple[Facet, ...]:
    """The things a question asks, in its order; a single facet for a plain question.

    A piece without a thing of its own ("、2023年实际") takes the thing of the piece before; one without a year takes the year before.
    """
    whole = Facet(text, "", years_of(text, present), aim_of(text))
    text = _ASIDE.sub("", text) or text
    explicit = bool(re.search(r"20\d\d", text))
    compared = _compared(text, present) or _by_scope(whole) or _coordinated(text, present)
    if compared:
        return compared
    head, colon, tail = text.replace("：", ":").partition(":")
    topic, common = (
        ("", Aim.ANY) if not colon or not len(thing_of(head)) >= 2 or len(head) > 30 else (AIM.sub("", _without_year(head)), aim_of(head))
    )
    pieces = _pieces(tail if topic else text)
    if len(pieces) < 2:
        return (whole,)
    asking = sum(map(_asks, pieces))
    years, facets = (years_of(head, present) if topic else ()), []
    for piece in pieces:
        own = thing_of(piece)
        named = years_of(_RELATIVE.sub("", piece) if explicit else piece, present)
        years = named or years
        aim = aim_of(piece) if aim_of(piece) is not Aim.ANY else common
        has_aim = bool(AIM.search(piece))
        year = f"{years[-1]}年" if years else ""
        if len(own) >= 3:
            if not topic or not colon:
                topic = AIM.sub("", _without_year(piece))
            leads_in = text.startswith((f"{piece}，", f"{piece},")) and not _asks(piece) and len(own) >= SCENE
            sets_the_scene = leads_in and (asking == 1 or (asking > 1 and not has_aim and _ONE_OF_THEM.search(piece) is not None))
            stands_alone = _asks(piece) or ((named or has_aim) and not _STATED.search(piece))
            if stands_alone and not sets_the_scene and (_asks(piece) or not _SETTING.search(piece)):
                one = _SEVERALLY.sub("", piece)
                facets.append(Facet(one if named else year + one, piece, years, aim))
        elif _PERIOD_ALONE.fullmatch(piece):
            continue
        elif topic and (named or has_aim):
            said = _without_year(piece)
            facets.append(Facet(f"{year}{_about(topic)}{said}", f"{year}{said if has_aim else ''}", years, aim))
        elif topic and _asks(piece):
            facets.append(Facet(f"{year}{_about(topic)}{piece}", piece, years, aim))
    if len(facets) > 2 and not facets[0].years and all(facet.years and _about(topic) in facet.text for facet in facets[1:]):
        # "能耗要降几个点，2021年定的和2024年定的": the years tell of when that is asked.
        facets = facets[1:]
    distinct = tuple({facet.text: facet for facet in facets}.values())[:MOST_FACETS]
    return distinct if len(distinct) > 1 else (whole,)


def _pieces(text: str) -> list[str]:
    """A question cut where one thing ends and the next begins; what stands in quotation marks stays whole."""
    whole = re.sub(r"“[^”]*”", lambda quoted: quoted[0].replace("、", "\0").replace("，", "\1"), text)
    pieces: list[str] = []
    for piece in (piece.strip(" :").replace("\0", "、").replace("\1", "，") for piece in _CUT.split(whole)):
        if pieces and (_OF_WHAT_KIND.match(piece) or (_WHICH_THEN.fullmatch(piece) and _HOW_MANY.search(pieces[-1]))):
            pieces[-1] += f"，{piece}"
        elif piece:
            pieces.append(piece)
    return pieces


_THAN = re.compile(
    r"^(?P<left>.+?)(?:比|较|跟|和|与)(?P<right>.+?)(?:相比|比)?(?:差|相差|多|少|高|低|增加|减少|下降|提高|增长|快|慢|涨|降)(?P<rest>.*)$"
)
_YEAR_BEFORE = re.compile(r"(?:上一?|前一?|头一?|去|往)年(?:同期)?")
"""A year that a change is told against, of which no figure of its own is asked."""

_ASKED_AMOUNT = re.compile(r"(?:是|为|预计|达到)?(?:多少|几)\w{0,3}[，,]?$|[，,]$")
_SINCE = re.compile(r"(20\d\d)年?(?:到|至|—|-)(20\d\d)年?")


def _compared(text: str, present: int) -> tuple[Facet, ...] | None:
    """The two sides of a question that sets one figure against another ("2023年高企比2021年多了多少家"), None for other questions."""
    plain = re.sub(r"[？?。]", "", text)
    span = _SINCE.search(plain)
    if span and re.search(r"增加|多了|增长了多少|提高|变化|差|涨", plain):
        thing = AIM.sub("", _SINCE.sub("", plain)).replace("（）", "")
        return tuple(Facet(f"{year}年{thing}", f"{year}年", (int(year),), Aim.ANY) for year in span.groups())
    match = _THAN.match(plain)
    if (
        not match
        or not re.search(r"比|差", plain)
        or re.search(r"收入比|对比|比值", plain)
        or re.search(r"占比|之比|比重|比例|比值|收入比|对比|比率", plain[: match.end("left") + 2])
    ):
        return None
    left, right = _ASKED_AMOUNT.sub("", match["left"]), match["right"]
    if len(right) > 24 or len(left) < 4 or re.search(r"[，,；;]", right) or _YEAR_BEFORE.fullmatch(right):
        return None
    unit = re.search(r"(?:多少|几)(\w{1,4})$", plain)
    counted = f"多少{unit[1]}" if unit else ""
    topic = AIM.sub("", _without_year(left))
    own = len(thing_of(right)) >= 2
    years_left, years_right = years_of(left, present), years_of(right, present)
    years_right = years_right or years_left
    right_text = f"{'' if years_of(right, present) or not years_right else f'{years_right[0]}年'}{right}{'' if own else topic}"
    if own and len(right) <= SHARED_HEAD and not years_of(right, present) and len(left) > len(right) + 2:
        # "预算收入和支出差多少": what stands before the last word of the left side belongs to both.
        right_text = left[: -len(right)] + right
    elif own and len(thing_of(left)) > len(thing_of(right)) + 2:
        right_text = f"{right_text}{_tail_of(left, right)}"
    return (
        Facet(left + counted, left, years_left, aim_of(left)),
        Facet(right_text + counted, right, years_right, aim_of(right)),
    )


_BOTH = re.compile(
    r"(?:和|与|跟|加上?|、)(?P<second>[^和与跟、，,。；;？?\d]{2,8}?)(?:这?[两二三]?[块项个类者]+)?"
    r"(?:[，,](?P<how>[^，,。；;？?\d]{4,14})[，,](?=各|分别))?(?:分别|各|(?=的具?体?(?:数量|数字|目标|情况)|的[^，,]{1,10}(?:一共|总共|合计|加起来|共|加)|的?(?:一共|总共|合计|加起来|加一?[块起]|加总)))(?P<rest>.*)$"
)


def _coordinated(text: str, present: int) -> tuple[Facet, ...] | None:
    """The two things of which one thing is asked each ("预算收入和支出分别是多少"), None for other questions."""
    both = _BOTH.search(text)
    if not both or re.search(r"20\d\d|年|目标|实际|计划|完成", both["second"]):
        return None
    before, second, rest = text[: both.start()], both["second"], both["rest"]
    *chain, last = before.split("、")
    cut = max(last.rfind(mark) for mark in "，,年的：:") + 1 if not chain else 0
    own = _SCOPE.sub("", re.split(r"[，,；;？?。：:]", last)[-1])
    alike = last[-2:] == second[-2:] and len(own) >= len(second)
    things = [own if alike else (last[-len(second) :] if len(last) - cut > len(second) and not chain else last[cut:]), second]
    while chain:
        last = chain.pop()
        begins = max(last.rfind(mark) for mark in "，,：:") + 1
        things.insert(0, last if chain else last[begins:] if begins else _AHEAD_OF_ALL.sub("", last))
    prefix = before[: before.find(things[0])]
    tail = _OF_BOTH.search(second) if _SUMMED.search(text[both.end("second") :]) else None
    things = [thing if not tail or thing.endswith(tail[0]) else f"{thing}{tail[0]}" for thing in things]
    sentences = re.split(r"[；;？?。]", prefix)
    asked_before = tuple(facet for sentence in sentences[:-1] for facet in facets_of(sentence, present))
    if asked_before:
        prefix = _about(sentences[0]).rstrip("还又再") + sentences[-1]
    how = f"，{both['how']}，" if both["how"] else ""
    if len(things) > MOST_FACETS or any(len(thing_of(thing)) < 2 for thing in things):
        return None
    years, aim = years_of(text, present), aim_of(text)
    asked = [piece for piece in re.split(r"[，,；;]?各|[，,；;？?]", rest) if len(piece) >= 2] or [rest]
    facets = [
        Facet(f"{prefix}{thing}{how}{piece}", thing + (piece if n else ""), years, aim) for thing in things for n, piece in enumerate(asked)
    ]
    return (*asked_before, *facets)[:MOST_FACETS]


_AHEAD_OF_ALL = re.compile(
    r"^(?:.*(?:年|“?十[三四五]五”?)(?:末|期间|时期|里)?)?(?:全市|市本?级|我市|本市|中心城区)?(?:新增|预计|完成|实现|跟|与|和(?![美谐平]))?的?(?=[^，,]{2})"
)
"""The time and place that hold for all of several things."""

_SUMMED = re.compile(r"一共|总共|合计|加起来|加一?[块起]|加总")

_BOTH_FLOWS = re.compile(r"收支(?!平衡|差|总[量额]|相抵|结余)")
_SCOPE = re.compile(r"^(?:.*年)?(?:全市|市本?级|我市|本市|中心城区)?(?:(?:打算|计划|准备|要)[改建修种造办搞干]?)?的?")
"""What stands ahead of the first of two things and is said of both."""
_THING = r"[^和与跟及、，,。；;：:？?（）()\d]{2,12}?"
_TWO_THINGS = re.compile(
    rf"(?P<first>{_THING})(?:和|与|跟|及|、)(?P<second>{_THING})(?:这?[两俩]?[类块项个样种者])?(?P<behind>[，,]|的(?:目标|任务|计划|预算).{{0,2}}(?:实际|完成|结果|执行)|(?=[跟和与](?:实际|最后|目标|计划)))"
)
_COUNTED = re.compile(r"^(?:多少|几)[个户所座]?")
_SO_MANY_OF_TWO = re.compile(
    rf"[改建](?:造|设)?(?P<first>(?:多少|几)[个户所座]?{_THING})(?:和|与|、|，)[改建]?(?:造|设)?(?P<second>(?:多少|几)[个户所座]?{_THING})(?P<behind>[，,])"
)
"""How many of one and of another, where what came of both is asked behind it."""

_OF_BOTH = re.compile(r"(?:改造|建设|治理|支出|收入|投资|增速|产量|占比|比重|覆盖率)$")
"""What the second of two things ends with and is said of the first too."""


def each_of(text: str) -> tuple[str, ...]:
    """A question that asks the same of two things, once for each ("收支", "农林水和住房保障，…"); alone where it names but one."""
    if _BOTH_FLOWS.search(text):
        return tuple(_BOTH_FLOWS.sub(flow, text) for flow in ("收入", "支出"))
    both = _two_things(text)
    if not both:
        return (text,)
    begin, end, things = both
    return tuple(f"{text[:begin]}{thing}{text[end:]}" for thing in things)


def things_of(text: str) -> tuple[str, ...]:
    """What the two things are called of which a question asks the same; itself where it names but one."""
    both = _two_things(text)
    return both[2] if both else ("收入", "支出") if _BOTH_FLOWS.search(text) else (text,)


def _two_things(text: str) -> tuple[int, int, tuple[str, str]] | None:
    """Where two things stand of which the same is asked, and what they are."""
    both = _TWO_THINGS.search(text) or _SO_MANY_OF_TWO.search(text)
    if not both:
        return None
    own, second = (_COUNTED.sub("", name) for name in (_SCOPE.sub("", both["first"]), both["second"]))
    if any(AIM.search(thing) or _asks(thing) or len(thing_of(thing)) < 2 for thing in (own, second)):
        return None
    begin = both.end("first") - len(own)
    tail = _OF_BOTH.search(second)
    own += tail[0] if tail and not own.endswith(tail[0]) else ""
    return begin, both.start("behind"), (own, second)


_TWO_YEARS = re.compile(r"(20\d\d)年?(?:和|与|跟|、|及)(20\d\d)年?")
_AMOUNT = re.compile(r"多少|几|多[大高长]")


def by_year(text: str) -> tuple[Facet, ...]:
    """A question that asks several amounts of each of several years, once for each year; none for other questions.

    "项目21年和22年各多少个、投多少亿", or "项目，21年搞了多少个、投了多少亿；22年打算搞多少个、投多少亿".
    """
    text = with_whole_years(text)
    listed = _TWO_YEARS.search(text)
    if listed:
        texts = [(int(year), text.replace(listed[0], f"{year}年", 1)) for year in listed.groups()] if _amounts(text) > 1 else []
    else:
        texts = _groups_of_years(text)
    return tuple(Facet(own, f"{year}年", (year,), aim_of(own)) for year, own in texts)


def _groups_of_years(text: str) -> list[tuple[int, str]]:
    """The clauses behind each year of a question, with what stands before the first; none where one of them does not ask several amounts."""
    years = list(YEAR.finditer(text))
    if len(years) < 2:
        return []
    first, *later = years
    before = text[: first.start()].rstrip("，,：: ")
    ends = [*(year.start() for year in later), len(text)]
    groups = [
        (int(year[0].removesuffix("年")), text[year.end() : end].strip("，,；;。？? "))
        for year, end in zip((first, *later), ends, strict=True)
    ]
    distinct = len({year for year, _ in groups}) == len(groups) > 1
    if not distinct or not all(_amounts(asked) > 1 for _, asked in groups) or len(thing_of(before)) < 2:
        return []
    return [(year, f"{year}年{before}{asked.removeprefix('年')}") for year, asked in groups]


def _amounts(text: str) -> int:
    return len(_AMOUNT.findall(text))


def _tail_of(left: str, right: str) -> str:
    """What the left side says beyond its name: the words behind the last character it shares with the right side."""
    shared = max((left.rfind(character) for character in right if character in left), default=-1)
    return left[shared + 1 :]


def _by_scope(whole: Facet) -> tuple[Facet, ...] | None:
    """One facet for each scope where a question names the whole city and the municipal level side by side; None for other questions."""
    both = re.search(r"(全市)(?:和|跟|与|、|及)(市级)|(市级)(?:和|跟|与|、|及)(全市)", whole.text)
    if not both:
        return None
    return tuple(Facet(whole.text.replace(both[0], scope, 1), scope, whole.years, whole.aim) for scope in both.groups() if scope)


_ASKED_PART = re.compile(
    r"(?:[这那](?=几年))?(?:分别|各)?(?:是|有|叫|在|要|达到?|到)?(?:多少|几|哪|什么|啥|怎么样|如何|怎样|谁|多[长大高远]).*$"
)


def _about(topic: str) -> str:
    """What a piece is about, without what it asks of it."""
    about = _ASKED_PART.sub("", topic)
    return about if len(about) >= 2 else topic


def _asks(piece: str) -> bool:
    return (
        re.search(r"多少|(?<!十)几(?!十)|哪|什么|谁|吗|怎|增速|增长|多[长大高远快宽]|啥|有没有|是不是|是否|呢$|[完了成到过]没有?$", piece)
        is not None
    )


def _without_year(piece: str) -> str:
    return re.sub(r"^(?:和|跟|与|及)", "", re.sub(r"(?:20\d\d|(?<!\d)\d\d(?=年))年?", "", piece)).strip("的")
