"""What every write store promises of showtimes, moved and cancelled ones too."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.application.errors import ConcurrentWriteError
from shared.application.streams import showtime_stream
from shared.domain.showtimes.showtime import Showtime
from tests.builders.catalogue import INCEPTION, an_auditorium
from tests.builders.showtimes import NOON, a_screening, a_showtime
from tests.contract.write_side.conftest import WriteStoreUnderTest
from tests.contract.write_side.kept import ODEON, context, state_of, with_catalogue, with_showtime

pytestmark = pytest.mark.contract


def test_the_showtime_that_starts_last_before_a_moment_is_found(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    one, two = (
        with_showtime(store, a_showtime().starting(NOON + timedelta(days=day)).scheduled()) for day in (1, 2)
    )
    with store.begin(context()) as unit:
        last = unit.showtimes.last_starting_before
        assert last(ODEON, moment=one.state.screening.starts_at) is None
        assert state_of(last(ODEON, moment=two.state.screening.starts_at)) == one.state
        assert state_of(last(ODEON, moment=NOON + timedelta(days=9))) == two.state
        assert last(an_auditorium("odeon-2").auditorium_id, moment=NOON + timedelta(days=9)) is None


def test_a_showtime_that_is_to_be_moved_is_left_out_of_account(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    one, two = (
        with_showtime(store, a_showtime().starting(NOON + timedelta(days=day)).scheduled()) for day in (1, 2)
    )
    with store.begin(context()) as unit:
        last, moment = unit.showtimes.last_starting_before, NOON + timedelta(days=9)
        assert state_of(last(ODEON, moment=moment, excluding=one.state.showtime_id)) == two.state
        assert state_of(last(ODEON, moment=moment, excluding=two.state.showtime_id)) == one.state


def test_a_showtime_is_found_with_its_auditorium_to_be_changed(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = with_showtime(store, a_showtime().scheduled())
    with store.begin(context()) as unit:
        assert unit.showtimes.auditorium_of(showtime.state.showtime_id) == ODEON
        assert unit.showtimes.auditorium_of(uuid4()) is None
        assert state_of(unit.showtimes.find_for_update(showtime.state.showtime_id)) == showtime.state
        assert unit.showtimes.find_for_update(uuid4()) is None


def moved(showtime: Showtime) -> Showtime:
    later = a_screening(NOON + timedelta(days=3), minutes=90)
    showtime.reschedule(later, movie=INCEPTION, auditorium=an_auditorium(), previous=None, at=NOON)
    return showtime


def cancelled(showtime: Showtime) -> Showtime:
    showtime.cancel(movie=INCEPTION, auditorium=an_auditorium(), at=NOON)
    return showtime


def change_showtime(store: WriteStoreUnderTest, showtime: Showtime) -> int:
    """Commit the new events of a stored showtime."""
    with store.begin(context()) as unit:
        unit.showtimes.save(showtime)
        stream = showtime_stream(showtime.state.showtime_id)
        return unit.conclude(showtime.state, stream=stream).sequence


def to_clear(store: WriteStoreUnderTest, *, most: int = 9) -> list[UUID]:
    with store.begin(context()) as unit:
        return list(unit.showtimes.still_to_clear(most=most))


def test_each_change_of_a_showtime_is_kept(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = moved(with_showtime(store, a_showtime().scheduled()))
    assert change_showtime(store, showtime) == 2
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_update(showtime.state.showtime_id)) == showtime.state
    showtime = cancelled(Showtime.restore(showtime.state))
    assert change_showtime(store, showtime) == 3
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_booking(showtime.state.showtime_id)) == showtime.state
        assert unit.showtimes.last_starting_before(ODEON, moment=NOON + timedelta(days=9)) is None


def test_saving_a_showtime_that_has_not_changed_does_nothing(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    assert change_showtime(store, with_showtime(store, a_showtime().scheduled())) == 1
    assert to_clear(store) == []


def test_a_showtime_that_somebody_else_has_changed_is_not_overwritten(store: WriteStoreUnderTest) -> None:
    with_catalogue(store)
    showtime = with_showtime(store, a_showtime().scheduled())
    mine, theirs = moved(Showtime.restore(showtime.state)), cancelled(Showtime.restore(showtime.state))
    change_showtime(store, theirs)
    with pytest.raises(ConcurrentWriteError):
        change_showtime(store, mine)
    with store.begin(context()) as unit:
        assert state_of(unit.showtimes.find_for_booking(showtime.state.showtime_id)) == theirs.state


def test_cancelled_showtimes_are_to_be_cleared_until_they_are_noted_as_cleared(
    store: WriteStoreUnderTest,
) -> None:
    with_catalogue(store)
    one, two = (
        with_showtime(store, a_showtime().starting(NOON + timedelta(days=day)).scheduled()) for day in (1, 2)
    )
    change_showtime(store, moved(two))
    assert to_clear(store) == []
    for showtime in (two, one):
        change_showtime(store, cancelled(Showtime.restore(showtime.state)))
    assert to_clear(store) == [two.state.showtime_id, one.state.showtime_id]
    assert to_clear(store, most=1) == [two.state.showtime_id]
    with store.begin(context()) as unit:
        unit.showtimes.note_cleared(two.state.showtime_id)
        unit.commit()
    assert to_clear(store) == [one.state.showtime_id]
