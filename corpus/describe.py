"""What a document says of itself at its head and foot: title, number, date, issuer, and the years that it is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as calendar_date

from corpus.clean import Paragraph, read_paragraphs
from corpus.figures import Date, DateKind, find_dates, find_document_numbers, years_in
from corpus.outline import read_contents, stated_years
from corpus.types import Span

HEAD = 1500
"""Characters at the start in which title and number are looked for."""

FOOT = 800
"""Characters at the end in which a signature is looked for."""

_KINDS = (
    "通知|意见|决定|报告|方案|办法|规定|条例|纲要|规划|公告|通告|通报|批复|函|纪要|细则|计划|要点|公报|讲话|命令|令|议案|指南|标准|清单|措施|预案|指引|章程"
    "|决议|说明|答复|建议|草案|白皮书"
)
_TITLE = re.compile(rf"(?:{_KINDS})(?:[（(][^（）()]{{1,20}}[）)])?$")
_ISSUER = re.compile(
    r"^[\u4e00-\u9fff（）、 ]{2,40}?(?:人民政府办公厅|人民政府办公室|人民政府|国务院办公厅|国务院|委员会办公厅|委员会办公室|委员会|办公厅|办公室|厅|局|委|部|院|会|公司)"
    r"(?=关于|$|[（(]|工作报告|公报|令)"
)
_NO_TITLE = re.compile(r"[。；;！!？?]|^(?:发布日期|索引号|主题分类|发文字号|来源|抄送|成文日期|发布机构|——|目\s*录)|^\d+$")
_DAY = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})")
_SENTENCE = re.compile(r"[。；;！？]|起(?:施行|实施|执行)|有效期|截至|截止|[\d日]前(?!发)")
"""What a line that dates a document does not say."""

_ACT = re.compile(r"(?:通知|意见|决定|批复|函|报告|公告|通告|通报)$")
"""What a title that says 关于 ends in, however many lines it runs over."""

_FOOTNOTE = re.compile(r"[\[［]\d{1,2}[\]］]$")
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Description:
    """`date` is in ISO 8601, a day or a month, and empty where the text states none; `inferred` names what else it does not state."""

    title: str
    number: str | None
    date: str
    issuer: str
    reports_on: tuple[int, ...]
    plans_for: tuple[int, ...]
    inferred: tuple[str, ...]


def describe(text: str, name: str) -> Description:
    """What the text says of itself; `name` serves as title where it has none."""
    head = _head(text)
    title, title_stated = _title(head, name)
    title = _FOOTNOTE.sub("", title)
    date = _date(text, head)
    issuer = _issuer(text, head, title)
    reports_on, plans_for = stated_years([title, *_headings(text)])
    missing = [("title", title_stated), ("issuer", bool(issuer))]
    return Description(
        title=title,
        number=_number(head),
        date=date,
        issuer=issuer,
        reports_on=reports_on,
        plans_for=plans_for or (() if reports_on else years_in(title) or ((int(date[:4]),) if date else ())),
        inferred=tuple(field for field, stated in missing if not stated),
    )


def _head(text: str) -> tuple[Paragraph, ...]:
    paragraphs = read_paragraphs(text, Span(0, min(len(text), HEAD)))
    contents = read_contents(paragraphs)
    return tuple(paragraph for index, paragraph in enumerate(paragraphs) if index not in contents)


def _title(head: Sequence[Paragraph], name: str) -> tuple[str, bool]:
    """The first lines that read as a title: they end in what kind of document it is, with 关于 and the issuer in the lines above."""
    for index, paragraph in enumerate(head[:12]):
        if not _TITLE.search(paragraph.text) or _NO_TITLE.search(paragraph.text) or len(paragraph.text) > _LONGEST_TITLE:
            if _NO_TITLE.search(paragraph.text) and len(paragraph.text) > 60:
                break
            continue
        title = paragraph.text
        for above in reversed(head[:index]):
            if _whole(title) or not _is_title_line(above.text) or len(above.text + title) > _LONGEST_TITLE:
                break
            title = above.text + title
        for below in head[index + 1 : index + 3]:
            if "关于" not in title or _ACT.search(title) or not _is_title_line(below.text) or len(title + below.text) > _LONGEST_TITLE:
                break
            if _ACT.search(below.text):
                return title + below.text, True
        return title, True
    first = next((p.text for p in head[:3] if len(p.text) <= 60 and not _NO_TITLE.search(p.text)), None)
    return (first, True) if first else (name, False)


def _is_title_line(line: str) -> bool:
    dated = any(date.kind is DateKind.DAY for date in find_dates(line))
    return not _NO_TITLE.search(line) and not find_document_numbers(line) and not dated


def _whole(line: str) -> bool:
    """Whether a line is a title by itself: it says who and about what."""
    return re.search(r".{4,}关于.", line) is not None or len(line) > 30


def _number(head: Sequence[Paragraph]) -> str | None:
    """The number that stands on a line of its own; numbers inside sentences are those of other documents."""
    for paragraph in head[:15]:
        found = find_document_numbers(paragraph.text)
        if found and len(paragraph.text) - len(found[0].surface) <= 8:
            return found[0].text
    return None


def _issuer(text: str, head: Sequence[Paragraph], title: str) -> str:
    """Who issues it, by the title, the lines around it, or the signature."""
    found = _ISSUER.match(title)
    if found:
        return found[0].strip()
    foot = read_paragraphs(text, Span(max(0, len(text) - FOOT), len(text)))
    for paragraph in (*head[:6], *reversed(foot[-6:])):
        found = _ISSUER.match(paragraph.text)
        if found and len(paragraph.text) <= 40:
            return found[0].strip()
    return ""


def _date(text: str, head: Sequence[Paragraph]) -> str:
    """The day it is dated by: below the title (——…), by the signature, or in a line of its head; else the month; else it is unknown.

    A day that a sentence names is that of an event, a start or a deadline.
    """
    below = [paragraph.text for paragraph in head[:8] if paragraph.text.startswith(("——", "（", "("))]
    foot = [paragraph.text for paragraph in read_paragraphs(text, Span(max(0, len(text) - FOOT), len(text))) if len(paragraph.text) <= 40]
    top = [line.strip() for line in text[:HEAD].splitlines()[:30] if len(line.strip()) <= 60]
    lines = [line for line in (*below, *reversed(foot), *top) if not _SENTENCE.search(line)]
    days = (_day(line) for line in lines)
    months = (_month(line) for line in lines)
    return next(filter(None, days), "") or next(filter(None, months), "")


def _day(line: str) -> str | None:
    plain = _DAY.search(line)
    if plain:
        return _checked(int(plain[1]), int(plain[2]), int(plain[3]))
    return next((iso for date in find_dates(line) if (iso := _iso(date))), None)


def _iso(date: Date) -> str | None:
    return _checked(date.first, date.month, date.day) if date.first and date.month and date.day else None


def _month(line: str) -> str | None:
    """The month that a line consists of, as covers have it: "2023年3月"."""
    found = next((date for date in find_dates(line) if date.kind is DateKind.MONTH and date.surface == line.strip("（）() ")), None)
    whole = _checked(found.first, found.month, 1) if found and found.first and found.month else None
    return whole[:7] if whole else None


def _checked(year: int, month: int, day: int) -> str | None:
    try:
        return calendar_date(year, month, day).isoformat() if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def _headings(text: str) -> list[str]:
    return re.findall(r"^\s*[一二三四五六七八九十]+[&＆]?、\s*([^\n。]{2,40})", text, re.MULTILINE)
