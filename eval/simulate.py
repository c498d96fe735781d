"""A larger corpus than there is: documents recombined out of the real ones' sentences, with places, years and figures changed.

Simulated documents are distractors: they are worded and laid out like the real ones and speak of the same matters, of other places, in other
years, with other figures. The same seed gives the same documents, one by one, whatever their number.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from corpus.clean import mend
from corpus.split import passage_id, sentences
from corpus.types import Document, DocumentInfo, Part, Passage, PassageKind, ReadDocument, Span

ID_PREFIX = "sim"
PASSAGES_A_DOCUMENT = 50
_FULL = 120
"""Characters from which a simulated passage takes no further sentence; about the length of the real ones on average."""

_HOME_YEARS = (2019, 2026)
_CITIES = [
    "成都",
    "武汉",
    "西安",
    "郑州",
    "长沙",
    "南昌",
    "合肥",
    "济南",
    "福州",
    "南宁",
    "贵阳",
    "昆明",
    "兰州",
    "西宁",
    "太原",
    "沈阳",
    "长春",
    "哈尔滨",
    "石家庄",
    "呼和浩特",
    "银川",
    "海口",
    "杭州",
    "南京",
    "宁波",
    "青岛",
    "大连",
    "厦门",
    "苏州",
    "无锡",
    "洛阳",
    "襄阳",
    "宜昌",
    "绵阳",
    "泸州",
    "宜宾",
    "遵义",
    "曲靖",
    "大理",
    "桂林",
    "柳州",
    "赣州",
    "株洲",
    "岳阳",
    "芜湖",
    "徐州",
]
_DISTRICTS = [
    "青羊区",
    "武侯区",
    "锦江区",
    "江岸区",
    "硚口区",
    "汉阳区",
    "雁塔区",
    "碑林区",
    "金水区",
    "二七区",
    "岳麓区",
    "芙蓉区",
    "东湖区",
    "蜀山区",
    "历下区",
    "鼓楼区",
    "兴宁区",
    "南明区",
    "五华区",
    "城关区",
    "城中区",
    "小店区",
    "和平区",
    "朝阳区",
    "道里区",
    "长安区",
    "新城区",
    "兴庆区",
    "龙华区",
    "西湖区",
    "玄武区",
    "海曙区",
    "市南区",
    "中山区",
    "思明区",
    "姑苏区",
    "梁溪区",
    "涧西区",
    "樊城区",
    "西陵区",
    "涪城区",
    "江阳区",
    "翠屏区",
    "汇川区",
    "麒麟区",
    "象山区",
    "城中镇",
    "章贡区",
    "荷塘区",
    "岳阳楼区",
    "镜湖区",
    "云龙区",
    "新都县",
    "金堂县",
]
_HOME_CITY = re.compile("重庆(?!祝)|全市|我市")
_HOME_DISTRICT = re.compile(
    "两江新区|万州|涪陵|渝中|大渡口|江北|沙坪坝|九龙坡|南岸|北碚|渝北|巴南|长寿|江津|合川|永川|南川|綦江|大足|璧山|铜梁|潼南|荣昌|开州|梁平|武隆|"
    "城口|丰都|垫江|忠县|云阳|奉节|巫山|巫溪|石柱|秀山|酉阳|彭水|万盛|成渝|川渝|渝"
)
_VARIABLE = re.compile(
    rf"(?P<city>{_HOME_CITY.pattern})|(?P<district>{_HOME_DISTRICT.pattern})|(?P<year>20[0-3]\d)|(?P<figure>\d+(?:\.\d+)?)"
)
_CLAUSE = re.compile("[，；]")


class _Kind(Enum):
    PLAIN = auto()
    CITY = auto()
    DISTRICT = auto()
    YEAR = auto()
    FIGURE = auto()


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    kind: _Kind


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a simulated document speaks of: its city, its districts, and how far its years lie from those of the real ones."""

    city: str
    districts: tuple[str, ...]
    shift: int


class Simulation:
    """An endless, seeded stream of documents made of the sentences and headings of real ones."""

    def __init__(self, documents: Sequence[ReadDocument], seed: int = 1) -> None:
        texts = [mend(p.text[a:b]) for d in documents for p in d.passages for a, b in sentences(p.text) if b - a >= 15]
        self._sentences = [_pieces(text) for text in dict.fromkeys(texts)]
        self._clauses = [c for text in dict.fromkeys(texts) for c in _CLAUSE.split(text.rstrip("。！？")) if 6 <= len(c) <= 30]
        paths = dict.fromkeys(passage.heading_path for document in documents for passage in document.passages if passage.heading_path)
        self._paths = [tuple(_pieces(heading) for heading in path) for path in paths]
        self._seed = seed

    def documents(self, passages: int) -> Iterator[ReadDocument]:
        """Documents of that many passages together; a smaller number is the beginning of a larger one."""
        for number in range(-(-passages // PASSAGES_A_DOCUMENT)):
            yield self._document(number, min(PASSAGES_A_DOCUMENT, passages - number * PASSAGES_A_DOCUMENT))

    def _document(self, number: int, passages: int) -> ReadDocument:
        # A generator of its own for each document, so that any of them can be made without those before it.
        chance = random.Random(self._seed * 1_000_003 + number)
        setting = _Setting(chance.choice(_CITIES), tuple(chance.sample(_DISTRICTS, 8)), chance.choice((-9, -7, -5, 4, 6, 8)))
        year = _HOME_YEARS[0] + setting.shift + chance.randrange(4)
        document_id, made, text, start = f"{ID_PREFIX}{number:06d}", [], [], 0
        for _ in range(passages):
            body = self._passage(chance, setting)
            path = tuple(_written(heading, chance, setting) for heading in chance.choice(self._paths))
            span = Span(start, start + len(body))
            years = tuple(sorted({int(y) for y in re.findall(r"20[0-3]\d", body)}))
            made.append(Passage(passage_id(document_id, (span,), body), document_id, PassageKind.PROSE, path, (span,), body, years=years))
            text.append(body)
            start = span.end + 1
        title = f"{setting.city}市{year}年政府工作报告（模拟）"
        # Never later than the real ones: what is "this year" and "last year" goes by the newest document.
        date = f"{min(year, _HOME_YEARS[0])}-01-20"
        info = DocumentInfo(
            document_id, f"{document_id}.txt", title, f"{setting.city}市人民政府", None, date, (year - 1,), (year,), "0" * 64
        )
        whole = "\n".join(text)
        part = Part(title, None, date, Span(0, len(whole)))
        return ReadDocument(Document(info, whole), (), (part,), tuple(made), (), (), ())

    def _passage(self, chance: random.Random, setting: _Setting) -> str:
        body = ""
        while len(body) < _FULL:
            body += self._sentence(chance, setting)
        return body

    def _sentence(self, chance: random.Random, setting: _Setting) -> str:
        """A sentence that no real document holds: one with nothing to change gets another one's clause and a place."""
        pieces = chance.choice(self._sentences)
        written = _written(pieces, chance, setting)
        if any(piece.kind is not _Kind.PLAIN for piece in pieces):
            return written
        clauses = _CLAUSE.split(written.rstrip("。！？"))
        clauses[chance.randrange(len(clauses))] = _written(_pieces(chance.choice(self._clauses)), chance, setting)
        return f"{chance.choice(setting.districts)}{'，'.join(clauses)}。"


def is_simulated(document_id: str) -> bool:
    return document_id.startswith(ID_PREFIX)


def _pieces(text: str) -> tuple[_Piece, ...]:
    """A text cut into what stays and what changes."""
    pieces, end = [], 0
    for match in _VARIABLE.finditer(text):
        pieces.append(_Piece(text[end : match.start()], _Kind.PLAIN))
        pieces.append(_Piece(match[0], _Kind[str(match.lastgroup).upper()]))
        end = match.end()
    pieces.append(_Piece(text[end:], _Kind.PLAIN))
    return tuple(piece for piece in pieces if piece.text)


def _written(pieces: Sequence[_Piece], chance: random.Random, setting: _Setting) -> str:
    return "".join(_changed(piece, chance, setting) for piece in pieces)


def _changed(piece: _Piece, chance: random.Random, setting: _Setting) -> str:
    match piece.kind:
        case _Kind.CITY:
            return setting.city + ("市" if piece.text.endswith("市") else "")
        case _Kind.DISTRICT:
            return chance.choice(setting.districts).rstrip("区县镇")
        case _Kind.YEAR:
            return str(int(piece.text) + setting.shift)
        case _Kind.FIGURE:
            return _other_figure(piece.text, chance)
        case _:
            return piece.text


def _other_figure(text: str, chance: random.Random) -> str:
    """Another number of the same number of decimals, between half and twice as large."""
    decimals = len(text.partition(".")[2])
    other = float(text) * chance.uniform(0.5, 2.0) + (0 if decimals else chance.randint(1, 3))
    return f"{other:.{decimals}f}"
