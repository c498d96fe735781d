"""What readers think of an answer: of use, or not and why; the service keeps it."""

import streamlit as st

from corpus.errors import JudianError
from ui.client import Service
from ui.page import markup
from ui.page.desk import Desk

REASONS = ("答案不对", "出处不对", "不完整", "没看懂问题", "文件里有却说没有", "其他")
"""Why an answer may be of no use."""

LONGEST_COMMENT = 500
_ASKED = "judged"


def ask_why(asked: dict[str, object]) -> None:
    """Notes a click on one of the two buttons; whatever is no turn and no verdict is passed over."""
    turn, verdict = asked.get("turn"), asked.get("verdict")
    if isinstance(turn, int) and verdict in ("up", "down"):
        st.session_state[_ASKED] = (turn, str(verdict))


def dialog_if_asked(service: Service, desk: Desk) -> None:
    """Tells the service of a thumb up at once, asks for the reason of a thumb down first."""
    turn, verdict = st.session_state.pop(_ASKED, (-1, ""))
    if not 0 <= turn < len(desk.exchanges):
        return
    if verdict == "down":
        _reason(service, desk, turn)
    elif _tell(service, desk, turn, "up"):
        st.toast("已记下，谢谢。")
        st.rerun()


@st.dialog("这个回答有什么问题？")
def _reason(service: Service, desk: Desk, turn: int) -> None:
    reason = st.radio("原因", REASONS, key=f"reason-{turn}")
    expected = st.text_area("应当怎样回答（可不填）", key=f"expected-{turn}", max_chars=LONGEST_COMMENT, height=90)
    comment = st.text_area("补充说明（可不填）", key=f"comment-{turn}", max_chars=LONGEST_COMMENT, height=90)
    if st.button("提交", type="primary", key="reason-send"):
        words = f"{reason}：{comment.strip()}" if comment.strip() else reason
        if _tell(service, desk, turn, "down", expected.strip(), words):
            st.rerun()


def _tell(service: Service, desk: Desk, turn: int, verdict: str, expected: str = "", comment: str = "") -> bool:
    """Whether the service and the conversation have taken it."""
    held = desk.exchanges[turn]
    if held.answer is None:
        return False
    try:
        service.feedback(held.question, desk.history(turn), held.answer, verdict == "up", expected, comment)
        desk.judge(turn, verdict)
    except JudianError as exc:
        st.html(markup.notice(str(exc)))
        return False
    return True
