"""What the page takes is measured in a real browser against a real service."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eval import page_cost
from eval.page_cost import measure_page, section
from rag.config import Settings

pytestmark = pytest.mark.browser


@pytest.mark.usefixtures("chromium")
def test_the_page_is_opened_and_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cost, "OPENED", 2)
    monkeypatch.setattr(page_cost, "ASKED", 3)
    said: list[str] = []
    with ThreadPoolExecutor(1) as thread:  # the other tests' browser has an event loop in this one
        cost = thread.submit(measure_page, Settings(home=home), "2026-01-31T08:00+00:00", said.append).result()
    assert said == ["启动服务", "打开页面", "在页面上提问"]
    for times in (cost.painted, cost.ready, cost.answered, cost.own):
        assert 0 < times.p50 <= times.p95
    assert cost.painted.p50 <= cost.ready.p50
    written = section(cost)
    assert written.startswith("## The chat page\n")
    assert f"| first paint | {cost.painted.p50:.0f} | {cost.painted.p95:.0f} |" in written.splitlines()
