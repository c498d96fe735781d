"""What documents say of themselves at head and foot."""

from datetime import date as calendar_date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.describe import Description, describe
from corpus.load import load_documents


@pytest.mark.parametrize(
    ("document_id", "expected"),
    [
        (
            "000",
            Description(
                "重庆市人民政府办公厅关于印发2021年市政府工作报告目标任务分解方案的通知",
                "渝府办发〔2021〕12号",
                "2021-02-03",
                "重庆市人民政府办公厅",
                (),
                (2021,),
                (),
            ),
        ),
        ("001", Description("重庆市人民政府工作报告", None, "2024-01-21", "重庆市人民政府", (2023,), (2024,), ())),
        # The newspaper's half begins in mid-report: nothing is stated.
        ("002", Description("名称", None, "", "", (), (), ("title", "issuer"))),
        ("003", Description("重庆市人民政府公报", None, "2022-01-30", "重庆市人民政府", (2021,), (2022,), ())),
        (
            "004",
            Description(
                "重庆市国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要",
                None,
                "",
                "",
                (),
                (2021, 2022, 2023, 2024, 2025, 2035),
                ("issuer",),
            ),
        ),
    ],
)
def test_the_bundled_documents(document_id: str, expected: Description) -> None:
    (text,) = [document.text for document in load_documents() if document.info.id == document_id]
    assert describe(text, "名称") == expected


@pytest.mark.parametrize(
    ("text", "title", "number", "date", "issuer"),
    [
        (
            "某市人民政府办公厅\n关于印发某市数字经济“十四五”发展规划\n（2021—2025年）的通知\n某府办发〔2021〕41号\n各区县人民政府：\n"
            "现将《规划》印发给你们。\n某市人民政府办公厅\n2021年12月8日\n（此件公开发布）",
            "某市人民政府办公厅关于印发某市数字经济“十四五”发展规划（2021—2025年）的通知",
            "某府办发〔2021〕41号",
            "2021-12-08",
            "某市人民政府办公厅",
        ),
        (
            "索引号：011500\n发文字号：国办发〔2023〕5号\n发布日期：2023年3月20日\n国务院办公厅关于进一步优化营商环境的意见\n"
            "各省、自治区、直辖市人民政府：\n根据《条例》（国发〔2020〕5号）规定，提出以下意见。",
            "国务院办公厅关于进一步优化营商环境的意见",
            "国办发〔2023〕5号",
            "2023-03-20",
            "国务院办公厅",
        ),
        (
            "二〇二三年工作要点\n一、总体要求\n内容。\n某区财政局\n二〇二三年三月一日",
            "二〇二三年工作要点",
            None,
            "2023-03-01",
            "某区财政局",
        ),
        (
            "某市政府工作报告\n——2023年1月13日在某市人民代表大会上\n某市市长 张三\n各位代表：\n现在报告工作。",
            "某市政府工作报告",
            None,
            "2023-01-13",
            "",
        ),
        (
            "某市国民经济和社会发展\n第十四个五年规划纲要\n第一篇 开篇\n要加快发展。",
            "某市国民经济和社会发展第十四个五年规划纲要",
            None,
            "",
            "",
        ),
    ],
)
def test_titles_numbers_dates_and_issuers(text: str, title: str, number: str | None, date: str, issuer: str) -> None:
    found = describe(text, "名称")
    assert (found.title, found.number, found.date, found.issuer) == (title, number, date, issuer)


def test_a_number_inside_a_sentence_is_another_document_s() -> None:
    assert describe("关于做好工作的通知\n按照国办发〔2023〕5号文件要求，做好工作。", "名称").number is None


def test_a_contents_page_is_no_title() -> None:
    text = "目 录\n第一章 总体方案…………1\n第二章 工作措施…………3\n某市工作方案\n第一章 总体方案\n内容。\n第二章 工作措施\n内容。"
    assert describe(text, "名称").title == "某市工作方案"


def test_years_come_from_title_and_headings() -> None:
    found = describe("某市财政工作报告\n一、2022年工作回顾\n好。\n二、2023年工作安排\n更好。", "名称")
    assert (found.reports_on, found.plans_for) == ((2022,), (2023,))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        # What a sentence names is no date of the document, nor is a year.
        ("关于做好工作的通知\n2020年3月1日，市政府召开会议，研究了工作。\n会议要求抓好落实。", ""),
        ("工作办法\n第一条 做好工作。\n本办法自2023年3月1日起施行，有效期至2028年2月29日", ""),
        ("某市2023年工作要点\n一、总体要求\n到2035年，基本实现现代化。", ""),
        ("某县财政工作报告\n一、2022年工作回顾\n好。\n二、2023年工作安排\n更好。", ""),
        # Months of covers, lines of the printer, lines of the web page.
        ("某区发展规划\n某区人民政府\n2023年3月\n一、现状\n好。", "2023-03"),
        ("工作通知\n做好工作。\n某市人民政府办公厅 2023年3月2日印发", "2023-03-02"),
        ("工作通知\n成文日期：2023-02-27 来源：办公厅\n做好工作。", "2023-02-27"),
        ("某市条例\n（2023年3月31日某市人民代表大会常务委员会通过）\n第一条 做好工作。", "2023-03-31"),
        ("某市条例\n二〇二三年十三月\n第一条 做好工作。", ""),
    ],
)
def test_a_date_is_stated_or_unknown(text: str, date: str) -> None:
    found = describe(text, "名称")
    assert found.date == date
    assert "date" not in found.inferred


def test_without_a_title_the_file_s_name_serves() -> None:
    found = describe(
        "今天讨论了工作，决定了事项，安排了人员，明确了时间，提出了要求，请各单位认真抓好落实，务求取得实效，并按时上报有关情况。",
        "会议材料",
    )
    assert (found.title, found.inferred) == ("会议材料", ("title", "issuer"))


@settings(deadline=None)
@given(st.text(alphabet="关于通知年月日〔〕号20213一二、。：\n 市政府办", max_size=120))
def test_any_text_is_described(text: str) -> None:
    found = describe(text, "名称")
    assert found.title
    assert found.date == "" or calendar_date.fromisoformat((found.date + "-01")[:10]).isoformat().startswith(found.date)
