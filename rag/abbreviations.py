"""What an abbreviation in Latin letters stands for: the words that a document puts it in brackets behind."""

import re
from collections.abc import Sequence

from corpus.types import Passage, Span
from rag.question import Question
from rag.retrieve import Retriever
from rag.types import CitationVia, Evidence, Mode, Statement

PASSAGES = 20
"""Passages in which it is looked for."""

_ASKED = re.compile(
    r"^[\s“]*(?:请问)?(?:文件里|报告里|规划里|里头)?(?:说|提到?|写)?的?“?(?P<short>[A-Za-z][A-Za-z0-9.+-]{1,11})”?"
    r"(?:这个?(?:词|缩写|字母|英文|简称)?)?的?(?:是|指|代表|中文)*(?:的是)?(?:什么|啥|哪个|何)?(?:意思|全称|名字|名称|玩意儿?|东西|指什么|叫什么|叫啥|试点|协定|平台|技术|系统|模式|产品)?[？?。]?$"
)
_BEFORE = re.compile(r"(?P<words>[\u4e00-\u9fff“”]{2,30})[（(]$")
_AHEAD = re.compile(
    r"^(?:.*[和与及](?=[\u4e00-\u9fff]{4}))?(?:探索|加快|推动|稳妥|推进|建立|融入|布局|开展|实施|发展|支持|积极|大力|重点)*"
)
"""What stands before the name itself: another one, and what is done with both."""


def answer_from_abbreviations(question: Question, retriever: Retriever, documents: Sequence[str]) -> list[Statement]:
    """The words for an abbreviation, where a question asks for nothing else and a document has both; none for other questions."""
    asked = _ASKED.match(question.text)
    if not asked:
        return []
    hits = retriever.passages(retriever.query(asked["short"]), PASSAGES, documents)
    passages = (retriever.index.all_passages[hit.passage] for hit in hits)
    told = (_told(passage, asked["short"], retriever.text_of(passage.document_id)) for passage in passages)
    return [statement for statement in told if statement][:1]


def _told(passage: Passage, short: str, stored: str) -> Statement | None:
    """The words of a passage behind which the abbreviation stands in brackets; those that name it alone."""
    for span in passage.spans:
        for place in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(short)}(?=[）)])", stored[span.start : span.end], re.IGNORECASE):
            before = _BEFORE.search(stored[span.start : span.start + place.start()])
            if before:
                words = _AHEAD.sub("", before["words"])
                begin, end = span.start + before.end("words") - len(words), span.start + place.end() + 1
                evidence = (Evidence(passage.document_id, Span(begin, end), CitationVia.PASSAGE, 1.0),)
                return Statement(f"{place[0]}：{words}", evidence, 1.0, Mode.EXTRACTIVE)
    return None
