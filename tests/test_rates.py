"""Rates and their headers."""

import pytest

from corpus.errors import SettingError
from ui.api.rates import Rate, neighbourhood


def test_a_rate_counts_down_and_refuses() -> None:
    rate = Rate("key", "3/hour", "JUDIAN_KEY_RATE")
    standings = [rate.hit("a") for _ in range(4)]
    assert [(s.allowed, s.remaining) for s in standings if s] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    first, last = standings[0], standings[-1]
    assert first
    assert last
    assert first.headers()["RateLimit-Policy"] == '"key";q=3;w=3600'
    assert first.headers()["RateLimit"].startswith('"key";r=2;t=')
    assert "Retry-After" not in first.headers()
    assert 3590 <= int(last.headers()["Retry-After"]) <= 3600
    other = rate.hit("b")
    assert other
    assert other.allowed


@pytest.mark.parametrize("setting", ["off", "OFF"])
def test_no_rate(setting: str) -> None:
    assert Rate("key", setting, "JUDIAN_KEY_RATE").hit("a") is None


@pytest.mark.parametrize("setting", ["many", "10", "0/minute", "10/fortnight", "-1/minute"])
def test_what_is_no_rate(setting: str) -> None:
    with pytest.raises(SettingError, match=f"JUDIAN_KEY_RATE='{setting}'"):
        Rate("key", setting, "JUDIAN_KEY_RATE")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("testclient", "testclient"),
    ],
)
def test_whose_requests_count_together(host: str, counted: str) -> None:
    assert neighbourhood(host) == counted
