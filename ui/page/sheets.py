"""Tables as files: CSV, and XLSX by openpyxl. No cell is ever read as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | float | None
_WIDEST = 60
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """CSV that spreadsheet programs open as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_no_formula(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_file(title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A sheet with its head kept in sight and a filter on every column; text is text, numbers are numbers."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    sheet.title = title
    for number, row in enumerate([head, *rows], 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if isinstance(value, str):
                cell.value = _UNPRINTABLE.sub("", value)
                cell.data_type = "s"
            else:
                cell.value = value
    for column, words in enumerate(head, 1):
        sheet.cell(1, column).font = Font(bold=True)
        longest = max(len(str(held.value or "")) for held in sheet[get_column_letter(column)])
        sheet.column_dimensions[get_column_letter(column)].width = min(max(2 * len(words), 2 * longest) + 2, _WIDEST)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _no_formula(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
