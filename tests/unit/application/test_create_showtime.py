import json
from datetime import timedelta

import pytest

from shared.application.errors import NotFoundError
from shared.domain.showtimes.errors import ShowtimeInThePastError, ShowtimeOverlapError
from tests.builders.cinema import IN_TWO_HOURS, Cinema
from tests.builders.showtimes import CLEANING, NOON
from tests.fakes.write_store import FakeWriteStore

pytestmark = pytest.mark.unit

RUNTIME = timedelta(minutes=148)


@pytest.fixture(autouse=True)
def catalogue(cinema: Cinema) -> None:
    cinema.register_movie()
    cinema.register_auditorium()


def test_a_showtime_is_put_on_sale(cinema: Cinema, store: FakeWriteStore) -> None:
    outcome = cinema.create_showtime()
    sequence, message = store.messages()[-1]
    assert (outcome.created, outcome.sequence, sequence) == (True, 1, 1)
    assert outcome.state.screening.ends_at == IN_TWO_HOURS + RUNTIME + CLEANING
    data = json.loads(message.payload)["data"]
    assert message.stream_id == f"showtime:{outcome.state.showtime_id}"
    assert (data["movie"]["title"], data["auditorium"]["rows"][0]) == ("Inception", {"row": "A", "seats": 10})
    assert data["screeningTime"] == "2026-12-01T14:00:00Z"


def test_an_unknown_movie_can_not_be_shown(cinema: Cinema) -> None:
    with pytest.raises(NotFoundError) as error:
        cinema.create_showtime(movie="tt0000001")
    assert error.value.resource == "movie"


def test_nothing_can_be_shown_in_an_unknown_auditorium(cinema: Cinema) -> None:
    with pytest.raises(NotFoundError) as error:
        cinema.create_showtime(slug="odeon-9")
    assert error.value.resource == "auditorium"


def test_a_showtime_in_the_past_is_refused(cinema: Cinema) -> None:
    with pytest.raises(ShowtimeInThePastError):
        cinema.create_showtime(starts_at=NOON)


@pytest.mark.parametrize("shift", [timedelta(), -RUNTIME, RUNTIME, RUNTIME + CLEANING - timedelta(seconds=1)])
def test_overlapping_showtimes_of_an_auditorium_are_refused(cinema: Cinema, shift: timedelta) -> None:
    start = NOON + timedelta(days=1)
    other = cinema.create_showtime(starts_at=start).state.showtime_id
    with pytest.raises(ShowtimeOverlapError) as error:
        cinema.create_showtime(starts_at=start + shift)
    assert error.value.showtime_id == other


@pytest.mark.parametrize("shift", [-RUNTIME - CLEANING, RUNTIME + CLEANING])
def test_showtimes_may_follow_each_other_without_a_break(cinema: Cinema, shift: timedelta) -> None:
    start = NOON + timedelta(days=1)
    cinema.create_showtime(starts_at=start)
    assert cinema.create_showtime(starts_at=start + shift).created


def test_another_auditorium_is_free_at_the_same_time(cinema: Cinema) -> None:
    cinema.register_auditorium("odeon-2")
    cinema.create_showtime()
    assert cinema.create_showtime(slug="odeon-2").created


def test_a_gap_between_two_showtimes_is_filled_only_by_what_fits(cinema: Cinema) -> None:
    start = NOON + timedelta(days=1)
    cinema.create_showtime(starts_at=start)
    last = cinema.create_showtime(starts_at=start + timedelta(hours=6)).state.showtime_id
    assert cinema.create_showtime(starts_at=start + timedelta(hours=3)).created
    with pytest.raises(ShowtimeOverlapError) as error:
        cinema.create_showtime(starts_at=start + timedelta(hours=5, minutes=50))
    assert error.value.showtime_id == last
