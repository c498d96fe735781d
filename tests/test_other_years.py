"""The same indicator in other years, and places of the same topic."""

from corpus.load import load_documents
from corpus.read import read_document
from corpus.types import Span
from tests.page_parts import answer, card, citation
from ui.client import MeasureRecord
from ui.page.cards import row_at, table_row
from ui.page.conversations import Scope
from ui.page.documents import around
from ui.page.other_years import others, others_html
from ui.page.scope import understood, worded, years


def measure(indicator: str, year: int, value: str, kind: str = "target", start: int = 0) -> MeasureRecord:
    return MeasureRecord(indicator, "%", year, kind, value, "", "表", "003", start, start + 9)


MEASURES = [
    measure("地区生产总值增速", 2021, "6以上", start=0),
    measure("地区生产总值增速", 2021, "8.3", "actual", start=0),
    measure("地区生产总值增长", 2025, "6左右*", start=50),
    measure("人均地区生产总值增速", 2021, "5", start=90),
    measure("地区生产总值增长", 2022, "", start=50),
]


def test_an_indicator_is_found_by_its_name_and_what_is_cited_is_left_out() -> None:
    cited = (citation(document_id="003", start=50, end=59),)
    said = answer("地区生产总值增长：2025年目标6%左右[1]。", question="地区生产总值的增长目标是多少", citations=cited)
    assert [(held.year, held.value) for held in others(said, MEASURES)] == [(2021, "8.3"), (2021, "6以上")]
    longer = answer("5%[1]。", question="2021年人均地区生产总值增速是多少")
    assert [held.value for held in others(longer, MEASURES)] == ["5"]
    assert others(answer(question="市教委牵头几项任务"), MEASURES) == []


def test_values_with_signs_keep_their_unit_apart() -> None:
    html = others_html(MEASURES[:3], {"003": "公报"}, "增长")
    assert [part.split("</b>")[0] for part in html.split("<b>")[1:]] == ["6%以上", "8.3%", "五年年均6%左右"]
    assert html.count("topic=%E5%A2%9E%E9%95%BF") == 3
    assert others_html([], {}, "") == ""


def test_places_of_a_topic_follow_the_documents_and_the_text() -> None:
    places = [("b", Span(5, 9)), ("a", Span(40, 50)), ("a", Span(10, 20)), ("gone", Span(0, 1)), ("a", Span(12, 18))]
    assert around(("a", Span(40, 50)), places, ["a", "b"]) == (("a", Span(10, 20)), 2, 3, ("b", Span(5, 9)))
    assert around(("a", Span(14, 30)), places, ["a", "b"]) == (None, 1, 3, ("a", Span(40, 50)))
    assert around(("b", Span(0, 3)), [], ["a", "b"]) == (None, 1, 1, None)


def test_a_row_of_a_real_table_is_shown_below_its_header_and_group() -> None:
    document = next(held for held in load_documents() if held.info.id == "004")
    held = next(held for held in read_document(document).measures if held.indicator == "常住人口城镇化率" and held.year == 2025)
    from corpus.tables import find_tables

    tables = find_tables(document.text)
    found = row_at(tables, held.row.start, held.row.end)
    assert found
    html = table_row(*found)
    assert "<th>指标名称</th><th>2020年</th><th>2025年</th>" in html
    assert "<mark>68</mark></td><td><mark>73</mark>" in html
    assert html.index("推动高质量发展") < html.index("常住人口城镇化率")
    assert "<mark>" not in table_row(*found, highlight=False)
    assert row_at(tables, 0, 40) is None


def test_the_unit_of_a_scope_is_put_into_the_question_and_not_shown_as_understood() -> None:
    scope = Scope(unit="市教委")
    assert worded("牵头几项任务？", scope) == "市教委牵头几项任务？"
    assert worded("市教委牵头几项任务？", scope) == "市教委牵头几项任务？"
    assert worded("问" * 499, scope) == "问" * 499
    assert understood(answer(question="市教委牵头几项任务？"), "牵头几项任务？", scope).question == "牵头几项任务？"
    assert understood(answer(question="别的"), "牵头几项任务？", scope).question == "别的"
    assert years([card(reports_on=(2020, 2023), plans_for=(2024,)), card(plans_for=(2035,), reports_on=(2023,))]) == [
        2035,
        2024,
        2023,
        2020,
    ]
