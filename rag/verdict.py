"""Whether the 是 or 否 that a reading, or a sentence of a chat model, begins with answers the question that was asked."""

import re
from dataclasses import replace

from corpus.types import Reading
from rag.arithmetic import amounts_in, holds
from rag.question import YEAR, asks_yes_or_no

_VERDICT = re.compile(r"^([是否])，是?(?!否)")
_SPOKEN = re.compile(r"^(?:(?P<yes>是的?|对的?|没错|有的)|否|不是的?|不对|没有)[，,。！]\s*")
_ASKING = re.compile(r"有没有|是否|(?:没[有得]?|[吗么吧不嘛])(?=[？?。，,]|$)|不是说|[对错]吧|没错|不过|不少|只要")
_TWICE = re.compile(r"(\w)[不没]\1")
_NEGATED = re.compile(r"[不没未无非免禁停撤]|取消")
_HOW_FAR = (re.compile(r"只|仅|部分|少数|个别|局部"), re.compile(r"全|都|所有|均|每个"))
_HOW_MUCH = (
    re.compile(r"只|仅|一家|独自|单独"),
    re.compile(r"超|高于|多(?!少)|大于|涨|增|加码|过半|以上"),
    re.compile(r"(?<!多)少(?!数)|低|降|减"),
    re.compile(r"一样|相同|一致|同一|变"),
)
_STAGE = (
    re.compile(r"开工|动工|动土|开建|开修|启动|新开"),
    re.compile(r"建成|完工|修好|竣工|通车|通航|投用|投运"),
    re.compile(r"获批|批下来|批准"),
    re.compile(r"前期|论证|研究"),
)
"""What is done about a project: one stage is not another."""


def with_verdict(question: str, reading: Reading) -> Reading:
    """The reading, without its verdict where the question does not ask whether, or does not claim what the reading's own question does.

    A reading's verdict judges what its own question claims.
    """
    if not _VERDICT.match(reading.answer) or (asks_yes_or_no(question) and _same_claim(question, reading)):
        return reading
    return replace(reading, answer=_VERDICT.sub("", reading.answer))


def are_opposed(reading: Reading, other: Reading) -> bool:
    """Whether one of two readings begins with 是, the other with 否."""
    verdicts = [match[1] for match in map(_VERDICT.match, (reading.answer, other.answer)) if match]
    return len(set(verdicts)) > 1


def with_verdict_of(verified: str, sentence: str) -> str:
    """A sentence, without its verdict unless the `verified` answer gives the same: what a sentence is proved by does not prove its verdict."""
    spoken, judged = _SPOKEN.match(sentence), _VERDICT.match(verified)
    if spoken is None or (judged and (judged[1] == "是") == bool(spoken["yes"])):
        return sentence
    return sentence[spoken.end() :]


def _same_claim(question: str, reading: Reading) -> bool:
    own = next(filter(asks_yes_or_no, reading.wordings), reading.question)
    asked, judged = _plain(question), _plain(own)
    if _is_negated(asked) != _is_negated(judged):
        return False
    if any(_differ(asked, judged, kinds) for kinds in (_HOW_FAR, _STAGE)) or _kinds(asked, _HOW_MUCH) != _kinds(judged, _HOW_MUCH):
        return False
    proved = " ".join((reading.answer, *reading.quotes))
    asked, judged = YEAR.sub("", asked), YEAR.sub("", judged)
    return holds(f"{proved} {judged}", amounts_in(asked)) and holds(f"{proved} {asked}", amounts_in(judged))


def _plain(text: str) -> str:
    """A question without the words that only ask."""
    return _ASKING.sub("", _TWICE.sub(r"\1", text))


def _is_negated(text: str) -> bool:
    return len(_NEGATED.findall(text)) % 2 == 1


def _kinds(text: str, kinds: tuple[re.Pattern[str], ...]) -> set[int]:
    """Which kinds of claim a text makes."""
    return {number for number, kind in enumerate(kinds) if kind.search(text)}


def _differ(asked: str, judged: str, kinds: tuple[re.Pattern[str], ...]) -> bool:
    """Whether two texts both make such claims, and none that is the same."""
    one, other = _kinds(asked, kinds), _kinds(judged, kinds)
    return bool(one and other and not one & other)
