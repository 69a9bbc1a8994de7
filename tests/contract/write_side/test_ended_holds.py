"""Finding ended holds, on every write store."""

from datetime import timedelta

import pytest

from tests.builders.reservations import HOLD, a_reservation
from tests.builders.showtimes import NOON, a_showtime
from tests.contract.write_side.conftest import WriteStoreUnderTest
from tests.contract.write_side.kept import change, context, keep, with_programme, with_showtime

pytestmark = pytest.mark.contract


def test_ended_holds_are_found_by_showtime_and_no_others(store: WriteStoreUnderTest) -> None:
    builder = with_programme(store)
    tomorrow = with_showtime(store, a_showtime().starting(NOON + timedelta(days=1)).scheduled())
    held = a_reservation().of(builder.showtime).on("A-1", "A-2")
    paid = a_reservation().of(builder.showtime).on("A-3", "A-4")
    elsewhere = a_reservation().of(tomorrow)
    for one in (held, paid, elsewhere):
        keep(store, one.held())
    confirmed = paid.build()
    confirmed.confirm(showtime=builder.showtime, at=NOON)
    change(store, confirmed)
    with store.begin(context()) as unit:
        early = unit.reservations.ended_holds(at=NOON + HOLD - timedelta(microseconds=1), most=9)
        found = unit.reservations.ended_holds(at=NOON + HOLD, most=9)
        besides = unit.reservations.ended_holds(at=NOON + HOLD, most=9, besides={tomorrow.state.showtime_id})
        one_of_them = unit.reservations.ended_holds(at=NOON + HOLD, most=1)
    assert dict(early) == {}
    assert {showtime: list(ids) for showtime, ids in found.items()} == {
        one.showtime.state.showtime_id: [one.build().state.reservation_id] for one in (held, elsewhere)
    }
    assert list(besides) == [builder.showtime.state.showtime_id]
    assert sum(map(len, one_of_them.values())) == 1
