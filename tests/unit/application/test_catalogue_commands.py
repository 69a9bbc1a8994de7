from datetime import timedelta

import pytest

from shared.application.command_context import VersionCondition
from shared.application.errors import VersionMismatchError
from shared.domain.catalogue.errors import LayoutInUseError
from tests.builders.catalogue import seats
from tests.builders.cinema import Cinema
from tests.builders.reservations import HOLD
from tests.fakes.clock import FakeClock
from tests.fakes.write_store import FakeWriteStore

pytestmark = pytest.mark.unit

ANY_VERSION = VersionCondition(None)
VERSION_1 = VersionCondition(frozenset({1}))


def published(store: FakeWriteStore) -> list[tuple[int, str]]:
    return [(sequence, message.type) for sequence, message in store.messages()]


def test_a_new_movie_is_registered(cinema: Cinema, store: FakeWriteStore) -> None:
    outcome = cinema.register_movie()
    assert (outcome.created, outcome.sequence, outcome.state.version) == (True, 1, 1)
    assert published(store) == [(1, "cinema.movie.registered.v1")]


def test_a_known_movie_is_corrected(cinema: Cinema, store: FakeWriteStore) -> None:
    cinema.register_movie()
    outcome = cinema.register_movie("Inception (2010)")
    assert (outcome.created, outcome.sequence, outcome.state.version) == (False, 2, 2)
    assert published(store)[-1] == (2, "cinema.movie.changed.v1")


def test_registering_the_same_movie_again_changes_nothing(cinema: Cinema, store: FakeWriteStore) -> None:
    first = cinema.register_movie()
    again = cinema.register_movie()
    assert (again.created, again.state, again.sequence) == (False, first.state, 1)
    assert len(published(store)) == 1


def test_a_movie_can_be_corrected_on_condition_of_its_version(cinema: Cinema) -> None:
    cinema.register_movie()
    assert cinema.register_movie("Inception (2010)", condition=VERSION_1).state.version == 2
    with pytest.raises(VersionMismatchError) as error:
        cinema.register_movie("Inception 2", condition=VERSION_1)
    assert error.value.actual == 2


def test_no_condition_on_a_version_is_met_by_what_does_not_exist(cinema: Cinema) -> None:
    with pytest.raises(VersionMismatchError):
        cinema.register_movie(condition=ANY_VERSION)
    with pytest.raises(VersionMismatchError):
        cinema.register_auditorium(condition=ANY_VERSION)


def test_a_new_auditorium_is_registered_and_refitted(cinema: Cinema, store: FakeWriteStore) -> None:
    assert cinema.register_auditorium(A=10).created
    refitted = cinema.register_auditorium(A=12)
    assert (refitted.created, refitted.sequence) == (False, 2)
    assert published(store) == [(1, "cinema.auditorium.registered.v1"), (2, "cinema.auditorium.changed.v1")]


def test_seats_that_a_customer_holds_can_not_be_taken_out(cinema: Cinema) -> None:
    showtime_id = cinema.open_showtime()
    cinema.reserve(showtime_id, "B-9", "B-10")
    with pytest.raises(LayoutInUseError) as error:
        cinema.register_auditorium(A=10, B=9)
    assert error.value.seats == seats("B-10")


def test_seats_of_an_ended_hold_can_be_taken_out(cinema: Cinema, clock: FakeClock) -> None:
    cinema.reserve(cinema.open_showtime(), "B-10")
    clock.advance(HOLD)
    assert cinema.register_auditorium(A=10, B=9).state.version == 2


def test_seats_sold_for_a_showtime_that_is_over_can_be_taken_out(cinema: Cinema, clock: FakeClock) -> None:
    held = cinema.reserve(cinema.open_showtime(), "B-10")
    cinema.confirm(held.state.reservation_id)
    with pytest.raises(LayoutInUseError):
        cinema.register_auditorium(A=10, B=9)
    clock.advance(timedelta(hours=6))
    assert cinema.register_auditorium(A=10, B=9).state.version == 2
