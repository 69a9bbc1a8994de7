"""Gaps of showtimes are filled from the archive: how old ones, how many, and what keeps nothing waiting."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.audit.ports import StationUnreadableError
from shared.application.projections.gaps import FillGaps, GapLimits, GapTally
from shared.application.projections.ports import ViewContentionError, ViewStoreUnavailableError
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ViewDocument
from tests.builders.published_events import NOON, ShowtimeHistory
from tests.fakes.clock import FakeClock
from tests.fakes.event_archive import FakeEventArchive
from tests.fakes.view_store import FakeGapReader
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit


class Stopwatch:
    """Every look at it takes a second."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


@dataclass
class Filling:
    """A projector that was given too little, an archive, and what fills the gaps a minute later."""

    projection: Projection = field(default_factory=Projection)
    archive: FakeEventArchive = field(default_factory=FakeEventArchive)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON + timedelta(minutes=1)))

    def given(self, history: ShowtimeHistory, *, lost: Collection[int]) -> None:
        """The projector gets a history without what was lost; the archive has all of it."""
        events = [event for sequence, event in enumerate(history.events, start=1) if sequence not in lost]
        self.projection.project(events)
        self.archive.keep(*history.events)

    def filler(self, **limits: float) -> FillGaps:
        chosen = {"patience_seconds": 5.0, "showtime_events": 500, "budget_seconds": 1_000.0} | limits
        return FillGaps(
            gaps=FakeGapReader(self.projection.store),
            archive=self.archive,
            project=self.projection.project,
            clock=self.clock,
            monotonic=Stopwatch(),
            limits=GapLimits(**chosen),  # pyright: ignore[reportArgumentType] # whole numbers among them
        )

    def run(self, **limits: float) -> GapTally:
        return self.filler(**limits)()


def a_history(name: str = "showtime", *, events: int = 6) -> ShowtimeHistory:
    """A showtime and so many events altogether: one seat, held and freed by one customer after another."""
    history = ShowtimeHistory(name)
    history.created()
    for number in range(1, events):
        customer = f"c{(number - 1) // 2}"
        (history.held if number % 2 else history.freed)(customer, ("A", 1))
    return history


def whole(*histories: ShowtimeHistory) -> dict[str, dict[str, ViewDocument]]:
    return Projection().project(*(history.events for history in histories)).documents()


def test_a_gap_is_filled_from_the_archive() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={2, 3, 5})
    tally = filling.run()
    assert filling.projection.documents() == whole(history)
    assert (tally.filled, tally.waiting, tally.showtimes, tally.is_finished) == (3, 0, 0, True)


def test_a_showtime_without_its_own_event_becomes_presentable() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={1})
    assert not filling.projection.showtime(history.showtime_id).presentable
    filling.run()
    assert filling.projection.documents() == whole(history)


def test_a_young_gap_is_left_to_the_hub() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={2})
    filling.clock = FakeClock(NOON + timedelta(seconds=4))
    assert filling.run() == GapTally()
    assert filling.archive.asked == []


def test_events_after_a_gap_do_not_make_it_young() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={2})
    before = filling.projection.showtime(history.showtime_id)
    assert before.gap_since == NOON
    filling.projection.clock = FakeClock(NOON + timedelta(hours=1))
    filling.projection.project([history.held("late", ("B", 1))])
    assert filling.projection.showtime(history.showtime_id).gap_since == NOON


def test_without_a_gap_there_is_nothing_to_find() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost=())
    assert filling.projection.showtime(history.showtime_id).gap_since is None
    assert filling.run() == GapTally()


def test_what_the_archive_does_not_have_yet_is_left_and_counted() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={2, 4, 5})
    filling.archive.events.clear()
    filling.archive.keep(*(history.events[n] for n in (0, 1, 2, 5)))
    tally = filling.run()
    assert (tally.filled, tally.waiting, tally.showtimes, tally.oldest_seconds) == (1, 2, 1, 60.0)
    filling.archive.keep(*history.events)
    assert filling.run().waiting == 0
    assert filling.projection.documents() == whole(history)


def test_an_event_that_nobody_can_read_is_not_parked_again_and_waits() -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={2})
    stream = f"showtime:{history.showtime_id}"
    newer = history.events[1].body.replace(b"cinema.reservation.created.v1", b"cinema.reservation.created.v9")
    filling.archive.events[stream, 2] = ReceivedEvent(
        body=newer, partition=stream, position=2, published=None
    )
    tally = filling.run()
    assert (tally.filled, tally.waiting, filling.projection.parking.parked) == (0, 1, [])


def test_a_wide_gap_takes_several_runs() -> None:
    history, filling = a_history(events=12), Filling()
    filling.given(history, lost=range(2, 11))
    filled = [filling.run(showtime_events=4).filled for _ in range(3)]
    assert filled == [4, 4, 1]
    assert filling.projection.documents() == whole(history)


def test_stuck_showtimes_do_not_keep_others_waiting() -> None:
    stuck, filling = [a_history(f"stuck {number}") for number in range(7)], Filling()
    for history in stuck:
        filling.given(history, lost={2})
    filling.archive.events.clear()
    filling.projection.clock = FakeClock(NOON + timedelta(seconds=1))
    young = a_history("young")
    filling.given(young, lost={2})
    tally = filling.run(page_showtimes=2)
    assert (tally.filled, tally.showtimes) == (1, 7)
    assert filling.projection.showtime(young.showtime_id).gap_since is None


def test_a_run_that_is_out_of_time_is_gone_on_with_by_the_next() -> None:
    stuck, filling = [a_history(f"stuck {number}") for number in range(5)], Filling()
    for history in stuck:
        filling.given(history, lost={2})
    filling.archive.events.clear()
    fill = filling.filler(budget_seconds=2, page_showtimes=3)
    assert [fill().is_finished for _ in range(3)] == [False, False, True]
    assert sorted(filling.archive.asked) == sorted(f"showtime:{history.showtime_id}" for history in stuck)
    fill()
    assert filling.archive.asked[5:] == filling.archive.asked[:2], "it begins anew"


def test_one_showtime_that_fails_does_not_keep_others_waiting(caplog: pytest.LogCaptureFixture) -> None:
    first, second, filling = a_history("first"), a_history("second"), Filling()
    for history in (first, second):
        filling.given(history, lost={2})
    failures: list[Exception] = [ValueError("a document that can't be read"), ViewContentionError("lost")]
    project, mine = filling.projection.project, str(first.showtime_id).encode()

    def project_or_fail(events: Sequence[ReceivedEvent]) -> Projection:
        if failures and mine in events[0].body:
            raise failures.pop()
        return project(events)

    filling.projection.project = project_or_fail  # pyright: ignore[reportAttributeAccessIssue] # the fault
    with caplog.at_level(logging.WARNING):
        tallies = [filling.run() for _ in range(3)]
    assert [(tally.failed, tally.filled) for tally in tallies] == [(1, 1), (1, 0), (0, 1)]
    assert f"projection_gap_left showtime={first.showtime_id}" in caplog.text
    assert filling.projection.documents() == whole(first, second)


@pytest.mark.parametrize(
    "outage", [ViewStoreUnavailableError("gone"), StationUnreadableError("event-log", "gone")]
)
def test_an_outage_ends_the_run_and_the_next_begins_where_it_was(outage: Exception) -> None:
    history, filling = a_history(), Filling()
    filling.given(history, lost={2})
    fill, read = filling.filler(), filling.archive.read

    def fail(stream_id: str, *, sequences: Collection[int], limit: int) -> Sequence[ReceivedEvent]:
        del stream_id, sequences, limit
        filling.archive.read = read  # pyright: ignore[reportAttributeAccessIssue] # only the first call fails
        raise outage

    filling.archive.read = fail  # pyright: ignore[reportAttributeAccessIssue] # the fault is injected here
    with pytest.raises(type(outage)):
        fill()
    assert fill().filled == 1
    assert filling.projection.documents() == whole(history)


@given(
    events=st.integers(2, 14),
    lost=st.sets(st.integers(1, 14)),
    archived_late=st.sets(st.integers(1, 14)),
    most=st.integers(1, 5),
)
def test_whatever_is_lost_before_the_newest_event_comes_back(
    events: int, lost: set[int], archived_late: set[int], most: int
) -> None:
    history, filling = a_history(events=events), Filling()
    filling.given(history, lost=lost - {events})
    filling.archive.events.clear()
    filling.archive.keep(
        *(event for n, event in enumerate(history.events, start=1) if n not in archived_late)
    )
    for _ in range(events):
        filling.run(showtime_events=most)
    document = filling.projection.showtime(history.showtime_id)
    assert {n for n in range(1, events + 1) if not document.reached(n)} == {
        n for n in lost & archived_late if n < events
    }
    filling.archive.keep(*history.events)
    for _ in range(events):
        filling.run(showtime_events=most)
    assert filling.projection.documents() == whole(history)
