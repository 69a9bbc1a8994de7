"""How amounts and moments are worded."""

from datetime import datetime, timedelta, timezone

import pytest

from cli.wording import counted, duration, moment, one_line, tally
from shared.application.outbox.status import Tally

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("seconds", "worded"),
    [
        (0.04, "0.0s"),
        (12.34, "12.3s"),
        (59.9, "59.9s"),
        (60, "1m 0s"),
        (3_599, "59m 59s"),
        (3_600, "1h 0m"),
        (86_399, "23h 59m"),
        (86_400, "1d 0h"),
        (900_000, "10d 10h"),
    ],
)
def test_a_duration_is_worded_in_its_two_largest_units(seconds: float, worded: str) -> None:
    assert duration(seconds) == worded


def test_a_moment_is_worded_in_utc() -> None:
    noon = datetime(2026, 12, 1, 12, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert moment(noon) == "2026-12-01 10:00:05 UTC"


def test_a_tally_that_is_not_exact_says_at_least() -> None:
    assert (tally(Tally(count=1_200)), tally(Tally(count=100_000, exact=False))) == ("1,200", "≥ 100,000")


def test_a_noun_follows_its_number() -> None:
    assert [counted(number, "message") for number in (0, 1, 2_000)] == [
        "0 messages",
        "1 message",
        "2,000 messages",
    ]


def test_what_a_driver_says_in_several_lines_is_one() -> None:
    assert one_line(OSError("refused\n\tIs the server running?\n")) == "refused Is the server running?"
