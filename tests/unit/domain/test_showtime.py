from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.domain.errors import InvalidValueError
from shared.domain.showtimes.errors import (
    ShowtimeCancelledError,
    ShowtimeInThePastError,
    ShowtimeOverlapError,
    ShowtimeStartedError,
)
from shared.domain.showtimes.showtime import ShowtimeCreated, ShowtimeStatus
from tests.builders.catalogue import INCEPTION
from tests.builders.showtimes import CLEANING, NOON, a_screening, a_showtime

pytestmark = pytest.mark.unit

MINUTE = timedelta(minutes=1)


def test_a_screening_ends_after_the_film_and_the_cleaning() -> None:
    assert a_screening(NOON, minutes=100).ends_at == NOON + timedelta(minutes=115)


def test_a_screening_is_kept_in_utc() -> None:
    in_madrid = datetime(2026, 12, 1, 13, tzinfo=timezone(timedelta(hours=1)))
    screening = a_screening(in_madrid)
    assert (screening.starts_at, screening.starts_at.tzinfo) == (NOON, UTC)


@pytest.mark.parametrize(
    "starts_at",
    [
        datetime(2026, 12, 1, 12),  # noqa: DTZ001 the point of it
        datetime(9000, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_a_start_that_names_no_usable_moment_is_refused(starts_at: datetime) -> None:
    with pytest.raises(InvalidValueError) as error:
        a_screening(starts_at)
    assert error.value.problem.field == "screening_time"


def test_one_screening_may_begin_when_the_other_ends() -> None:
    first = a_screening(NOON)
    assert not first.overlaps(a_screening(first.ends_at))
    assert not a_screening(first.ends_at).overlaps(first)


def test_the_cleaning_keeps_the_auditorium_busy() -> None:
    first = a_screening(NOON)
    during_cleaning = a_screening(first.ends_at - CLEANING)
    assert first.overlaps(during_cleaning)
    assert during_cleaning.overlaps(first)


def test_a_new_showtime_tells_the_movie_and_the_auditorium_as_they_are() -> None:
    builder = a_showtime()
    showtime = builder.scheduled()
    assert showtime.state.status is ShowtimeStatus.SCHEDULED
    assert showtime.new_events == (
        ShowtimeCreated(
            state=showtime.state, occurred_at=NOON, movie=INCEPTION, auditorium=builder.auditorium
        ),
    )


@pytest.mark.parametrize("starts_at", [NOON, NOON - MINUTE])
def test_a_showtime_in_the_past_is_refused(starts_at: datetime) -> None:
    with pytest.raises(ShowtimeInThePastError):
        a_showtime().starting(starts_at).scheduled()


def test_a_showtime_that_overlaps_another_is_refused_and_names_it() -> None:
    other = a_showtime().starting(NOON + timedelta(hours=1)).build()
    with pytest.raises(ShowtimeOverlapError) as error:
        a_showtime().starting(NOON + timedelta(hours=2)).scheduled(previous=other)
    assert error.value.showtime_id == other.state.showtime_id


def test_a_showtime_may_follow_another() -> None:
    other = a_showtime().starting(NOON + timedelta(hours=1)).build()
    following = a_showtime().starting(other.state.screening.ends_at).scheduled(previous=other)
    assert following.state.version == 1


def test_seats_are_on_sale_until_the_film_starts() -> None:
    showtime = a_showtime().starting(NOON).build()
    showtime.ensure_on_sale(NOON - timedelta(microseconds=1))
    with pytest.raises(ShowtimeStartedError) as error:
        showtime.ensure_on_sale(NOON)
    assert error.value.showtime_id == showtime.state.showtime_id


def test_nothing_is_on_sale_for_a_cancelled_showtime() -> None:
    showtime = a_showtime().cancelled().build()
    with pytest.raises(ShowtimeCancelledError) as error:
        showtime.ensure_on_sale(NOON)
    assert error.value.showtime_id == showtime.state.showtime_id


def test_a_cancelled_showtime_never_starts() -> None:
    assert not a_showtime().starting(NOON).cancelled().build().has_started(NOON + MINUTE)
