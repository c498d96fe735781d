"""Tables as files, read again."""

import csv
import io

from openpyxl import load_workbook

from ui.client import MeasureRecord
from ui.page import measures
from ui.page.sheets import csv_file, xlsx_file

HEAD = ("序号", "任务")
ROWS = [(1, "=1+1"), (2, '两行\n"引号"，\x0b逗号'), (3, "")]


def test_xlsx_holds_numbers_as_numbers_and_never_a_formula() -> None:
    sheet = load_workbook(io.BytesIO(xlsx_file("任务", HEAD, ROWS)))["任务"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["序号", "任务"],
        [1, "=1+1"],
        [2, '两行\n"引号"，逗号'],
        [3, None],
    ]
    assert sheet["B2"].data_type == "s"
    assert sheet["A2"].data_type == "n"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B4"


def test_csv_opens_as_utf_8_and_never_a_formula() -> None:
    written = csv_file(HEAD, ROWS)
    assert written.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))[:2] == [["序号", "任务"], ["1", "'=1+1"]]


def test_values_of_indicators_are_numbers_where_they_are_plain_figures() -> None:
    held = [MeasureRecord("城镇化率", "%", 2025, "target", value, "注", "专栏2", "004", 0, 9) for value in ("73", "6左右*", "-1.5")]
    assert measures.measure_rows(held, {"004": "纲要"}) == [
        ("城镇化率", "%", 2025, "目标", value, "注", "纲要", "专栏2") for value in (73.0, "6左右*", -1.5)
    ]
