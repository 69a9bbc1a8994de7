"""Timers let ended holds go while others book, pay and cancel: each hold ends once, and nobody notices."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from shared.application.reservations.expire_holds import ExpiryTally
from shared.domain.reservations.errors import ReservationExpiredError, SeatsAlreadyTakenError
from shared.infrastructure.sql.write_tables import reservations
from tests.builders.cinema import Cinema
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.integration.write_side.test_history import reservations_kept, reservations_told
from tests.integration.write_side.test_races import at_once, refusals
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

HOLD = timedelta(minutes=10)
NAMES = [f"A-{number}" for number in range(1, 11)]


@pytest.fixture
def cinema(database: WriteDatabase, clock: FakeClock) -> Cinema:
    return Cinema(side_on(database, clock))


def cancellations(database: WriteDatabase) -> list[str]:
    return [
        message.aggregate_id
        for _, message in database.messages()
        if message.type == "cinema.reservation.cancelled.v1"
    ]


def test_timers_that_run_at_once_let_each_hold_go_once(
    cinema: Cinema, database: WriteDatabase, clock: FakeClock
) -> None:
    cinema.open_showtime()
    showtimes = [
        cinema.create_showtime(starts_at=NOON + timedelta(days=day)).state.showtime_id for day in range(1, 6)
    ]
    for showtime_id in showtimes:
        for name in NAMES[:4]:
            cinema.reserve(showtime_id, name)
    clock.advance(HOLD)
    answers = at_once(*[cinema.side.expire_holds] * 4)
    assert refusals(answers) == {}
    told = cancellations(database)
    assert len(told) == len(set(told)) == 20


def test_expiry_bookings_payments_and_cancellations_of_the_same_seats(
    cinema: Cinema, database: WriteDatabase, clock: FakeClock
) -> None:
    showtime_id = cinema.open_showtime()
    held = [cinema.reserve(showtime_id, name).state.reservation_id for name in NAMES]
    clock.advance(HOLD)
    answers = at_once(
        *[cinema.side.expire_holds] * 2,
        *[lambda name=name: cinema.reserve(showtime_id, name) for name in NAMES],
        *[lambda one=one: cinema.confirm(one) for one in held[:3]],
        *[lambda one=one: cinema.cancel(one) for one in held[3:]],
    )
    assert set(refusals(answers)) == {ReservationExpiredError}, (
        "no seat was refused, and nobody was told to wait"
    )
    assert {str(one) for one in held} == set(cancellations(database))
    assert reservations_told(database) == reservations_kept(database)
    assert database.seats_sold_twice() == []
    live = database.rows(select(reservations).where(reservations.c.Status == "Pending"))
    assert len(live) == len(NAMES)


def test_expiry_over_many_showtimes_while_the_last_second_is_disputed(
    database: WriteDatabase, clock: FakeClock
) -> None:
    """One instance's clock says that the holds are over, the other's that there is a second left to pay."""
    slow_clock = FakeClock()
    cinema, slow = Cinema(side_on(database, clock)), Cinema(side_on(database, slow_clock))
    showtimes = [cinema.open_showtime()]
    showtimes += [
        cinema.create_showtime(starts_at=NOON + timedelta(days=day)).state.showtime_id for day in range(1, 5)
    ]
    held = {
        cinema.reserve(showtime_id, name).state.reservation_id: (showtime_id, name)
        for showtime_id in showtimes
        for name in NAMES[:2]
    }
    clock.advance(HOLD)
    slow_clock.advance(HOLD - timedelta(seconds=1))
    answers = at_once(
        *[lambda one=one: slow.confirm(one) for one in held],
        *[cinema.side.expire_holds] * 2,
        *[lambda one=one: cinema.reserve(*held[one]) for one in held],
    )
    assert set(refusals(answers)) <= {ReservationExpiredError, SeatsAlreadyTakenError}
    assert [answer.left for answer in answers if isinstance(answer, ExpiryTally)] == [0, 0]
    ends = Counter(message.aggregate_id for _, message in database.messages() if message.version == 2)
    assert ends == Counter(map(str, held)), "each hold was either paid or let go, and once"
    assert reservations_told(database) == reservations_kept(database)
    assert database.seats_sold_twice() == []


def test_a_run_that_dies_has_let_whole_showtimes_go_or_nothing(
    cinema: Cinema, database: WriteDatabase, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = cinema.open_showtime()
    two = cinema.create_showtime(starts_at=NOON + timedelta(days=1)).state.showtime_id
    for showtime_id in (one, two):
        for name in NAMES[:3]:
            cinema.reserve(showtime_id, name)
    clock.advance(HOLD)
    append = "shared.infrastructure.sql.unit_of_work.append_messages"

    class DiedError(BaseException):
        pass

    calls: list[int] = []

    def die_at_the_second(*args: object, **kwargs: object) -> object:
        from shared.infrastructure.sql.outbox_writer import append_messages  # noqa: PLC0415 the real one

        messages = kwargs["messages"]
        if messages:
            calls.append(1)
        if len(calls) == 2:
            raise DiedError
        return append_messages(*args, **kwargs)  # pyright: ignore[reportArgumentType, reportCallIssue]

    monkeypatch.setattr(append, die_at_the_second)
    with pytest.raises(DiedError):
        cinema.side.expire_holds()
    assert len(cancellations(database)) == 3
    monkeypatch.undo()
    assert cinema.side.expire_holds().expired == 3
