"""Questions about how a document is divided: how many chapters or boxes, which, and what one deals with."""

import re
from collections.abc import Sequence

from corpus.figures import number_value
from corpus.types import Heading, ReadDocument
from index.segment import bigrams
from rag.question import Question
from rag.tasks import longest_common
from rag.types import CitationVia, Evidence, Mode, Statement

_KINDS = ("篇", "章", "节", "专栏")
_ASKED = re.compile(r"(?<!第)(?:多少|几)个?(篇|章|节|专栏)")
_WHICH = re.compile(r"(?:哪一?|第几)个?(篇|章|节|专栏)")
_PLACE_WORDS = re.compile(r"纲要|规划|十四五|哪一?|第几|单独|成章|[篇章节]|专栏|讲|写|里面?|没|在|是|的|说|？")
_ONE_PART = re.compile(r"[那这该][一个]?[篇章节]|[篇章节](?:下面|里面?|底下|分|共|有)|的那?[篇章]")
FEWEST_SHARED = 5
"""Characters of a heading's title that a question must hold to mean it."""

_PART = re.compile(r"第([一二三四五六七八九十百零\d]+)(篇|章|节)")
_BOX = re.compile(r"专栏\s*\d+")
_OF_A_PART = re.compile(
    r"“?十四五”?|规划|纲要|重庆市?|主要|讲述?|写|说|谈|规定|部署|标题|题目|名[字称]|内容|方面|关于|针对|[什哪]么?|啥|多少|几|[的了些是里面中下面叫有管在，,？?。个这那该]"
)
"""What a question that only asks what a part deals with may say beside its number."""

_NUMBERED = re.compile(r"第[一二三四五六七八九十百]+[篇章]")


def answer_from_outline(question: Question, documents: Sequence[ReadDocument]) -> list[Statement]:
    """Counts of 篇, 章, 节 and 专栏 in a document or under one of its headings, where it deals with a thing, and what a numbered part of it deals
    with; none for other questions."""
    text = re.sub(r"专栏(?:里|中|一共|总共)*有?(?:多少|几)个", "几个专栏", question.text)
    if _ASKED.search(text):
        document = next((document for document in documents if any(heading.label.endswith("篇") for heading in document.outline)), None)
        if document:
            return _headings_counted(text, document)
    if _PART.search(text) and not _OF_A_PART.sub("", _PART.sub("", text)):
        return next(filter(None, (_dealt_with(text, document) for document in documents)), [])
    if (box := _BOX.search(text)) and not _OF_A_PART.sub("", _BOX.sub("", text)):
        return [
            _located(document, n) for document in documents for n, h in enumerate(document.outline) if h.label == box[0].replace(" ", "")
        ]
    which = _WHICH.search(text)
    if which and re.search(r"讲|写|说|部署|章节|单独|在|是", text):
        return _place(question, which[1], documents)
    return []


def _headings_counted(text: str, document: ReadDocument) -> list[Statement]:
    """A statement for each kind of heading counted.

    A clause that says where ("有几个在第十二章") may leave the kind to the one before, and one that only says where holds for the next.
    """
    headings = document.outline
    statements: list[Statement] = []
    kinds: list[str] = []
    scene: int | None = None
    for clause in re.split(r"[，,；;](?=.*(?:多少|几))", text):
        inside = _NUMBERED.search(clause)
        scope = next((n for n, heading in enumerate(headings) if inside and heading.label == inside[0]), None)
        if scope is None and (inside or _ONE_PART.search(clause)):
            scope = _titled(clause, headings)
            if scope is None:
                return []
        scope = scene if scope is None else scope
        scene = None if _ASKED.search(clause) else scope
        kinds = list(dict.fromkeys(match[1] for match in _ASKED.finditer(clause))) or kinds[-1:]
        for kind in kinds:
            counted = _kind_counted(kind, scope, document, "最后" in text, bool(statements))
            if counted is None:
                return []
            statements.append(counted)
    return statements


def _kind_counted(kind: str, scope: int | None, document: ReadDocument, last_too: bool, named: bool) -> Statement | None:
    """How many headings of a kind stand under one of a document's headings, or in all of it; None where there are none."""
    headings, info = document.outline, document.document.info
    members = [
        heading
        for number, heading in enumerate(headings)
        if (heading.label.startswith(kind) if kind == "专栏" else heading.label.endswith(kind))
        and (scope is None or _within(headings, number, scope))
    ]
    if not members:
        return None
    unit = f"个{kind}" if kind == "专栏" else kind
    place = f"{headings[scope].text}：" if scope is not None else "" if named else f"“{next(iter(info.aliases), info.title)}”"
    ends = f"（从{members[0].label}到{members[-1].label}）" if len(members) > 1 else ""
    last = f"，最后一个是“{members[-1].text}”" if last_too else ""
    evidence = tuple(_evidence(document, heading) for heading in (members[0], members[-1]))
    computed = (str(len(members)), *(figure for heading in members for figure in re.findall(r"\d+", heading.text)))
    return Statement(f"{place}共{len(members)}{unit}{ends}{last}", evidence, 1.0, Mode.STRUCTURED, computed)


def _titled(text: str, headings: Sequence[Heading]) -> int | None:
    """The heading whose title a text names, by the longest stretch they share."""
    shared = [(longest_common(heading.text.removeprefix(heading.label), text), -heading.level, -n) for n, heading in enumerate(headings)]
    most = max(shared, default=(0, 0, 0))
    return -most[2] if most[0] >= FEWEST_SHARED else None


def _place(question: Question, kind: str, documents: Sequence[ReadDocument]) -> list[Statement]:
    """Where a document deals with what is asked: the heading of that kind, or above it, whose title shares most with the question."""
    wanted = frozenset(bigrams(_PLACE_WORDS.sub(" ", question.text)))
    best: tuple[float, ReadDocument, int] | None = None
    for document in documents:
        if not any(heading.label.endswith(kind) for heading in document.outline):
            continue
        for number, heading in enumerate(document.outline):
            terms = frozenset(bigrams(heading.text.removeprefix(heading.label)))
            share = len(wanted & terms) / max(1, len(wanted)) + 0.3 * len(wanted & terms) / max(1, len(terms))
            if best is None or share > best[0]:
                best = (share, document, number)
    return [_located(best[1], best[2])] if best and best[0] >= 0.5 else []


def _dealt_with(text: str, document: ReadDocument) -> list[Statement]:
    """What the part of a document deals with that a question names by its number, and by that of the part around it: its title and its own parts'."""
    headings, scope = document.outline, None
    for number, kind in _PART.findall(text):
        numbered = (
            n
            for n, heading in enumerate(headings)
            if (label := _PART.fullmatch(heading.label)) and label[2] == kind and number_value(label[1]) == number_value(number)
        )
        scope = next((n for n in numbered if scope is None or _within(headings, n, scope)), None)
        if scope is None:
            return []
    parts = [heading for heading in headings if heading.parent == scope and _PART.fullmatch(heading.label)]
    return [_located(document, scope, parts)] if scope is not None else []


def _located(document: ReadDocument, number: int, parts: Sequence[Heading] = ()) -> Statement:
    """A heading with those above it, and the `parts` that it has."""
    path = [document.outline[number]]
    while path[0].parent is not None:
        path.insert(0, document.outline[path[0].parent])
    named = [heading for heading in path if heading.label]
    text = "，".join(map(_quoted, named))
    if parts:
        text += f"，分{len(parts)}{parts[0].label[-1]}：{'、'.join(map(_quoted, parts))}"
    figures = tuple(figure for heading in (*named, *parts) for figure in re.findall(r"\d+", heading.text))
    evidence = tuple(_evidence(document, heading) for heading in (*reversed(named), *parts))
    return Statement(text, evidence, 1.0, Mode.STRUCTURED, (str(len(parts)), *figures))


def _quoted(heading: Heading) -> str:
    title = heading.text.removeprefix(heading.label).strip()
    return f"{heading.label}{title if '“' in title else f'“{title}”'}"


def _within(headings: Sequence[Heading], number: int, scope: int) -> bool:
    parent = headings[number].parent
    while parent is not None:
        if parent == scope:
            return True
        parent = headings[parent].parent
    return False


def _evidence(document: ReadDocument, heading: Heading) -> Evidence:
    return Evidence(document.document.info.id, heading.span, CitationVia.OUTLINE, 1.0)
