"""PDF files with a text layer as plain text, pages parted by form feeds; scanned and encrypted ones are refused."""

import logging
import re
import unicodedata
from pathlib import Path
from typing import Any

from corpus.errors import DocumentError

MAX_PAGES = 5000
_TEXT_ON_A_PAGE = 10
"""Characters below which a page that shows an image counts as scanned."""

_RADICALS = dict(
    zip(
        "⼾⺁⺃⺅⺇⺉⺋⺌⺎⺏⺐⺒⺓⺔⺕⺖⺘⺙⺛⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺶⺷⺸⺹⺺⺻⺼⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "户厂乚亻几刂㔾小尢尣尢巳幺彑彐忄扌攵旡月歺母民氵氺灬爫爫丬牛犭王疋罒示礻竹糹纟罓罒羊羊芈耂肀聿月艹艹艹虎衤覀西见角覀讠贝足车辶辶辶阝钅長镸长门阝雨青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜龜龟",
        strict=True,
    )
)
"""Radicals that PDF fonts give for the characters which look the same.

Those from U+2F00 on have a compatibility mapping of their own, which is the simplified character but for 户.
"""

_LOOKALIKE = re.compile(r"[\u2e80-\u2eff\u2f00-\u2fd5\ufb00-\ufb06\u2e3a\u2e3b]")
_CELLS = re.compile(r"(?<=[\d%％）)]) +(?=[-－+]?\d)")
"""Blanks between two figures part two cells of a row."""

_GARBLED = re.compile(r"[\ufffd\ue000-\uf8ff]|\(cid:\d+\)")


def pdf_text(path: Path) -> str:
    """The text of a PDF file. Raises DocumentError when it is broken, encrypted, scanned, or has fonts that do not tell their characters."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    # pypdf tells of every flaw it works around; here a file is taken or refused.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not _unlocked(reader):
            raise DocumentError(f"{path.name} 设了密码，请去掉密码后再添加。")
        if len(reader.pages) > MAX_PAGES:
            raise DocumentError(f"{path.name} 有 {len(reader.pages)} 页，超过上限 {MAX_PAGES} 页，请拆分后再添加。")
        pages = [_page(page) for page in reader.pages]
    except DocumentError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError, NotImplementedError) as exc:
        raise DocumentError(f"{path.name} 不是有效的 PDF 文件，可能已损坏；请重新导出或下载。") from exc
    scanned = [number for number, (text, has_image) in enumerate(pages, start=1) if has_image and _visible(text) < _TEXT_ON_A_PAGE]
    if scanned or not any(_visible(text) for text, _ in pages):
        where = (
            "全部"
            if len(scanned) >= len(pages) or not scanned
            else "第 " + "、".join(map(str, scanned[:10])) + (" 等" if len(scanned) > 10 else "")
        )
        raise DocumentError(f"{path.name} {where}页没有文字，是扫描件；请先做文字识别（OCR），再添加识别后的文件。")
    text = "\n\f".join(text for text, _ in pages)
    if len(_GARBLED.findall(text)) > 0.05 * _visible(text):
        raise DocumentError(f"{path.name} 的字体没有字符信息，取不出正确的文字；请先做文字识别（OCR），或换一个版本。")
    return text + "\n"


def _unlocked(reader: Any) -> bool:
    """Whether the file opens with an empty password: many are only protected against changes."""
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        return False


def _page(page: Any) -> tuple[str, bool]:
    """The text of a page, and whether it shows an image."""
    resources = page.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    images = objects.get_object().values() if objects is not None else ()
    return _CELLS.sub("\t", _LOOKALIKE.sub(_plain, page.extract_text() or "")), any(
        image.get_object().get("/Subtype") == "/Image" for image in images
    )


def _plain(match: re.Match[str]) -> str:
    """The character that is meant: 人 for the radical ⼈, fi for the ligature, —— for a dash of double width."""
    character = match[0]
    if character in "\u2e3a\u2e3b":
        return "—" * (2 if character == "\u2e3a" else 3)
    return _RADICALS.get(character) or unicodedata.normalize("NFKC", character)


def _visible(text: str) -> int:
    return sum(not character.isspace() for character in text)
