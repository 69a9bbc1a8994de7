"""A showtime is moved to another time, or taken off the programme."""

from datetime import datetime, timedelta

import pytest

from shared.domain.errors import InvalidValueError
from shared.domain.showtimes.errors import (
    ShowtimeCancelledError,
    ShowtimeInThePastError,
    ShowtimeOverlapError,
    ShowtimeStartedError,
)
from shared.domain.showtimes.showtime import (
    Showtime,
    ShowtimeCancelled,
    ShowtimeRescheduled,
    ShowtimeStatus,
)
from tests.builders.catalogue import INCEPTION, an_auditorium
from tests.builders.showtimes import NOON, a_screening, a_showtime

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
HALL = an_auditorium()


def move(
    showtime: Showtime, starts_at: datetime, *, previous: Showtime | None = None, at: datetime = NOON
) -> None:
    screening = a_screening(starts_at)
    showtime.reschedule(screening, movie=INCEPTION, auditorium=HALL, previous=previous, at=at)


def cancel(showtime: Showtime, *, at: datetime = NOON, note: str | None = None) -> None:
    showtime.cancel(movie=INCEPTION, auditorium=HALL, at=at, note=note)


def test_a_showtime_can_be_moved_and_tells_where_to() -> None:
    showtime = a_showtime().build()
    move(showtime, NOON + 5 * HOUR)
    assert (showtime.state.screening, showtime.state.version) == (a_screening(NOON + 5 * HOUR), 2)
    assert showtime.new_events == (
        ShowtimeRescheduled(state=showtime.state, occurred_at=NOON, movie=INCEPTION, auditorium=HALL),
    )


def test_moving_a_showtime_to_its_own_time_changes_nothing_even_when_the_film_runs() -> None:
    showtime = a_showtime().starting(NOON + HOUR).build()
    move(showtime, NOON + HOUR, at=NOON + 2 * HOUR)
    assert showtime.new_events == ()


def test_a_showtime_may_be_moved_into_its_own_time() -> None:
    showtime = a_showtime().starting(NOON + HOUR).build()
    move(showtime, NOON + 2 * HOUR)
    assert showtime.state.version == 2


@pytest.mark.parametrize("starts_at", [NOON, NOON - HOUR])
def test_a_showtime_can_not_be_moved_into_the_past(starts_at: datetime) -> None:
    with pytest.raises(ShowtimeInThePastError):
        move(a_showtime().build(), starts_at)


def test_a_showtime_can_be_moved_until_the_film_starts() -> None:
    showtime = a_showtime().starting(NOON + HOUR).build()
    with pytest.raises(ShowtimeStartedError):
        move(showtime, NOON + 9 * HOUR, at=NOON + HOUR)
    move(showtime, NOON + 9 * HOUR, at=NOON + HOUR - MOMENT)
    assert showtime.state.version == 2


@pytest.mark.parametrize("starts_at", [NOON + 2 * HOUR, NOON + 9 * HOUR])
def test_a_cancelled_showtime_can_not_be_moved_nor_said_to_be_at_its_time(starts_at: datetime) -> None:
    with pytest.raises(ShowtimeCancelledError):
        move(a_showtime().cancelled().build(), starts_at)


@pytest.mark.parametrize("shift", [-HOUR, HOUR])
def test_a_showtime_can_not_be_moved_over_another_one(shift: timedelta) -> None:
    other = a_showtime().starting(NOON + 9 * HOUR).build()
    with pytest.raises(ShowtimeOverlapError) as error:
        move(a_showtime().build(), NOON + 9 * HOUR + shift, previous=other)
    assert error.value.showtime_id == other.state.showtime_id


def test_a_showtime_can_be_cancelled_and_say_why() -> None:
    showtime = a_showtime().build()
    cancel(showtime, note=" the projector is broken ")
    assert (showtime.state.status, showtime.state.version) == (ShowtimeStatus.CANCELLED, 2)
    assert showtime.is_cancelled
    assert showtime.new_events == (
        ShowtimeCancelled(
            state=showtime.state,
            occurred_at=NOON,
            movie=INCEPTION,
            auditorium=HALL,
            note="the projector is broken",
        ),
    )


def test_a_showtime_can_be_cancelled_until_the_film_starts() -> None:
    showtime = a_showtime().starting(NOON + HOUR).build()
    with pytest.raises(ShowtimeStartedError) as error:
        cancel(showtime, at=NOON + HOUR)
    assert error.value.showtime_id == showtime.state.showtime_id
    cancel(showtime, at=NOON + HOUR - MOMENT)
    assert showtime.is_cancelled


def test_cancelling_a_showtime_again_changes_nothing_even_long_after() -> None:
    showtime = a_showtime().cancelled().build()
    cancel(showtime, at=NOON + timedelta(days=9), note="really")
    assert showtime.new_events == ()


def test_a_note_on_a_cancelled_showtime_must_be_readable() -> None:
    with pytest.raises(InvalidValueError) as error:
        cancel(a_showtime().build(), note="\x00")
    assert error.value.problem.field == "reason"


def test_a_showtime_can_be_rebuilt_from_its_events() -> None:
    showtime = a_showtime().scheduled()
    move(showtime, NOON + 5 * HOUR)
    cancel(showtime)
    assert Showtime.from_events(showtime.new_events).state == showtime.state
