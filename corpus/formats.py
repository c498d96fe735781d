"""Files of other kinds turned into plain text that the reader takes: .txt in any usual encoding, .md, .docx, .pdf and .html.

The text that comes out is stored as it is and read like any other document: paragraphs in lines, table rows in lines with tabs between the
cells, pages parted by form feeds. A file that cannot be taken whole is refused with a DocumentError; nothing is taken in part.
"""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from corpus.errors import DocumentError

MAX_BYTES = 200 * 1024 * 1024
MAX_CHARACTERS = 5_000_000

_CONTROL = re.compile(r"[^\S\n\t\f ]|[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff\ufffe\uffff]")
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过民前面后部市区政府发展建设，。、；："
)
"""Characters that any Chinese text is full of; a text decoded wrongly has next to none of them."""

_LEGACY = {
    ".doc": "旧版 Word 文件，请在 Word 或 WPS 中另存为 .docx",
    ".wps": "WPS 文件，请另存为 .docx",
    ".ofd": "OFD 版式文件，请另存为 .pdf 或 .txt",
    ".rtf": "RTF 文件，请另存为 .docx",
    ".xls": "表格文件，请另存为 .txt 或放进 .docx",
    ".xlsx": "表格文件，请另存为 .txt 或放进 .docx",
    ".ppt": "演示文稿，请另存为 .pdf 或 .txt",
    ".pptx": "演示文稿，请另存为 .pdf 或 .txt",
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"), "图片，请先做文字识别（OCR），再添加识别出的文本"),
    **dict.fromkeys((".zip", ".rar", ".7z"), "压缩包，请先解压"),
}


def read_text(path: Path) -> str:
    """The text of a file. Raises DocumentError when it is missing, empty, over 200 MB, of an unknown kind, broken, encrypted or scanned."""
    suffix = path.suffix.lower()
    if not path.is_file():
        raise DocumentError(f"没有文件 {path}，请检查路径。" if not path.is_dir() else f"{path} 是文件夹，请写出其中的文件。")
    if suffix not in _READERS:
        reason = _LEGACY.get(suffix, f"不支持的格式 {suffix}" if suffix else "文件名没有扩展名")
        raise DocumentError(f"{path.name}：{reason}。可以添加的格式：{'、'.join(SUFFIXES)}。")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(f"{path.name} 有 {size / 1024 / 1024:.0f} MB，超过上限 {MAX_BYTES // 1024 // 1024} MB，请拆分后再添加。")
        text = tidy(_READERS[suffix](path))
    except OSError as exc:
        raise DocumentError(f"{path.name} 无法读取：{exc.strerror or exc}。") from exc
    if not any(character.isalnum() for character in text):
        raise DocumentError(f"{path.name} 里没有文字，没有添加。")
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(f"{path.name} 有 {len(text)} 字，超过上限 {MAX_CHARACTERS} 字，请拆分后再添加。")
    return text


def tidy(text: str) -> str:
    """Text with line feeds for line ends and without control characters; every other character is kept."""
    return _CONTROL.sub(_plain_space, text.replace("\r\n", "\n").replace("\r", "\n"))


def decode(data: bytes) -> str:
    """The text of bytes in UTF-8, UTF-16 or UTF-32 (with or without a mark), GB18030 or Big5, whichever gives Chinese that makes sense.

    Raises DocumentError for what is no text in any of them.
    """
    for mark, encoding in (
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\x00" in data:
        wide = [text for encoding in ("utf-16-le", "utf-16-be") if (text := _decoded(data, encoding)) is not None and _sense(text) > 0.5]
        if wide:
            return max(wide, key=_sense)
        raise DocumentError("文件里是二进制内容，不是文本；请检查扩展名是否写错")
    plain = _decoded(data, "utf-8-sig")
    if plain is not None:
        return plain
    known = [text for encoding in ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be") if (text := _decoded(data, encoding)) is not None]
    best = max(known, key=_sense, default="")
    if not known or _sense(best) < 0.1:
        raise DocumentError("文件的编码无法识别，可能已损坏；请另存为 UTF-8 编码后再试")
    return best


def _text(path: Path) -> str:
    try:
        return decode(path.read_bytes())
    except DocumentError as exc:
        raise DocumentError(f"{path.name}：{exc}。") from exc


def _markdown(path: Path) -> str:
    from corpus.markdown import markdown_text

    return markdown_text(_text(path))


def _word(path: Path) -> str:
    from corpus.word import word_text

    return word_text(path)


def _pdf(path: Path) -> str:
    from corpus.pdf import pdf_text

    return pdf_text(path)


def _web(path: Path) -> str:
    from corpus.web import web_text

    return web_text(path)


_READERS: dict[str, Callable[[Path], str]] = {
    ".txt": _text,
    ".md": _markdown,
    ".markdown": _markdown,
    ".docx": _word,
    ".pdf": _pdf,
    ".html": _web,
    ".htm": _web,
}
SUFFIXES = tuple(_READERS)
"""The file name endings that can be read."""


def _plain_space(match: re.Match[str]) -> str:
    """White space of other kinds stays white space (a full-width blank stays as it is); marks without a width go."""
    character = match[0]
    if unicodedata.category(character) == "Zs":
        return character
    return "\n" if character in "\v\x1c\x1d\x1e\x85\u2028\u2029" else ""


def _strictly(data: bytes, encoding: str) -> str:
    text = _decoded(data, encoding)
    if text is None:
        raise DocumentError(f"文件的开头标明是 {encoding.upper()} 编码，内容却不是，可能已损坏")
    return text


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _sense(text: str) -> float:
    """How much a text looks like one: the share of its first letters and marks that are common in Chinese, or plain ASCII."""
    sample = [character for character in text[:20_000] if not character.isspace()]
    return sum(character in _COMMON or (character.isascii() and character.isprintable()) for character in sample) / max(1, len(sample))
