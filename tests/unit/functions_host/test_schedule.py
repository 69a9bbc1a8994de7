"""NCRONTAB schedules."""

from datetime import UTC, datetime

import pytest

from local.functions_host.errors import HostError
from local.functions_host.retry_policy import RetryPolicy
from local.functions_host.schedule import Schedule

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "after_noon"),
    [
        ("* * * * * *", "2026-11-24T12:00:01"),
        ("*/15 * * * * *", "2026-11-24T12:00:15"),
        ("0 */5 * * * *", "2026-11-24T12:05:00"),
        ("*/5 * * * *", "2026-11-24T12:05:00"),
        ("0 30 9 * * Mon-Fri", "2026-11-25T09:30:00"),
        ("0 0 0 13 * Fri", "2027-08-13T00:00:00"),
    ],
)
def test_the_next_tick(expression: str, after_noon: str) -> None:
    assert Schedule(expression, function="f").after(NOON) == datetime.fromisoformat(f"{after_noon}+00:00")


@pytest.mark.parametrize(
    "expression", ["", "* * *", "@daily", "0 0 0 L * *", "0 0 0 * * 7", "0 0 0 ? * *", "61 * * * * *"]
)
def test_what_azure_does_not_take(expression: str) -> None:
    with pytest.raises(HostError, match="f: the schedule"):
        Schedule(expression, function="f")


def test_a_schedule_without_any_tick_is_refused() -> None:
    with pytest.raises(HostError, match="never comes"):
        Schedule("0 0 0 30 2 *", function="f")


def test_retry_delays() -> None:
    settings = {
        "strategy": "exponential_backoff",
        "max_retry_count": "-1",
        "minimum_interval": "00:00:02",
        "maximum_interval": "00:01:00",
    }
    policy = RetryPolicy.of(settings, function="f")
    assert policy is not None
    assert [policy.delay(attempt) for attempt in (0, 1, 4, 5, 9_999)] == [2, 4, 32, 60, 60]


def test_a_counted_retry_gives_up() -> None:
    settings = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:05"}
    policy = RetryPolicy.of(settings, function="f")
    assert policy is not None
    assert [policy.delay(attempt) for attempt in (0, 1, 2)] == [5, 5, None]


@pytest.mark.parametrize(
    ("expression", "frequent"),
    [("*/30 * * * * *", True), ("0,59 0 * * * *", True), ("0 * * * * *", False), ("* * * * *", False)],
)
def test_a_timer_with_ticks_less_than_a_minute_apart_keeps_no_status(
    expression: str, *, frequent: bool
) -> None:
    assert Schedule(expression, function="f").is_frequent() is frequent


def test_a_malformed_retry_policy_is_refused() -> None:
    settings = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "5"}
    with pytest.raises(HostError, match=r"f: the retry policy .* is malformed: '5' is not HH:MM:SS"):
        RetryPolicy.of(settings, function="f")
