"""A hub's log can only be appended to: what came late is mended by everything behind it coming once more."""

import pytest

from shared.application.audit.hub_tally import StreamTally

pytestmark = pytest.mark.unit


def late_after(*sequences: int) -> list[int]:
    tally = StreamTally()
    for sequence in sequences:
        tally.take(sequence, digest=sequence)
    return tally.late


@pytest.mark.parametrize(
    "log",
    [
        (1, 2, 3),
        (1, 2, 3, 2, 3),
        (1, 2, 4, 3, 4),
        (1, 2, 5, 3, 4, 5),
        (1, 3, 5, 2, 3, 4, 5),
        (1, 2, 4, 3, 3, 4, 5),
        (1, 2, 4, 5, 3, 5, 3, 4, 5),
        (2, 5, 9, 4, 5, 9, 12),
    ],
)
def test_what_ends_with_a_whole_replay_is_in_order(log: tuple[int, ...]) -> None:
    assert late_after(*log) == []


@pytest.mark.parametrize(
    ("log", "late"),
    [
        ((1, 2, 4, 3), [3]),
        ((1, 2, 4, 3, 5), [3]),
        ((1, 2, 4, 5, 3, 4), [3]),
        ((1, 2, 4, 5, 3, 5), [3]),
        ((1, 2, 4, 5, 3, 5, 4), [3]),
        ((1, 3, 5, 2, 4, 5), [2]),
        ((1, 2, 4, 5, 3, 4, 6, 5), [3]),
    ],
)
def test_what_does_not_is_late(log: tuple[int, ...], late: list[int]) -> None:
    assert late_after(*log) == late
