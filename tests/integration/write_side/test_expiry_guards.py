"""What keeps timers that run at once apart. Each guard is taken away once, to see that a race would notice."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.application.command_context import CommandContext
from shared.application.rerun import CommandRunner
from shared.application.reservations import expire_holds as expiry
from shared.application.reservations.expire_holds import ExpiryTally
from shared.application.unit_of_work import UnitOfWork
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.domain.reservations.reservation import Reservation, ReservationStatus
from shared.infrastructure.sql.reservation_repository import SqlReservationRepository
from tests.builders.cinema import Cinema, house_settings
from tests.builders.reservations import HOLD
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.integration.write_side.test_races import at_once
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

SHOWTIMES = 4
HOLDS = 2 * SHOWTIMES


def hold_seats_of_many_showtimes(cinema: Cinema, clock: FakeClock) -> None:
    """Two holds on each showtime, all of them ended."""
    programme = [cinema.open_showtime()]
    programme += [
        cinema.create_showtime(starts_at=NOON + timedelta(days=day)).state.showtime_id
        for day in range(1, SHOWTIMES)
    ]
    for showtime_id in programme:
        for name in ("A-1", "A-2"):
            cinema.reserve(showtime_id, name)
    clock.advance(HOLD)


def ends_of_each_hold(database: WriteDatabase) -> list[int]:
    """How often each of the reservations was told to be cancelled."""
    told = Counter(
        message.aggregate_id
        for _, message in database.messages()
        if message.type == "cinema.reservation.cancelled.v1"
    )
    return list(told.values())


def let_both_timers_see_every_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first unit of work of each of two timers, its look, is over before either of them writes."""
    both_have_looked = threading.Barrier(2)
    runs, one_at_a_time = Counter[str](), threading.Lock()
    run = CommandRunner.run

    def run_and_wait(
        self: CommandRunner, context: CommandContext, *, work: Callable[[UnitOfWork], Any]
    ) -> Any:
        answer = run(self, context, work=work)
        with one_at_a_time:
            runs["all"] += 1
            is_a_first_look = runs["all"] <= 2
        if is_a_first_look:
            both_have_looked.wait(timeout=30)
        return answer

    monkeypatch.setattr(CommandRunner, "run", run_and_wait)


@pytest.mark.parametrize(("judged_again", "ends"), [(True, 1), (False, 2)])
def test_without_the_second_look_under_the_lock_two_timers_let_each_hold_go_twice(
    database: WriteDatabase,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    judged_again: bool,
    ends: int,
) -> None:
    """The lock and the version do not help the one who comes second, and reads what the first has made of it."""
    cinema = Cinema(side_on(database, clock))
    hold_seats_of_many_showtimes(cinema, clock)
    let_both_timers_see_every_hold(monkeypatch)
    if not judged_again:
        believe_the_first_look(monkeypatch)
    at_once(*[cinema.side.expire_holds] * 2)
    assert ends_of_each_hold(database) == [ends] * HOLDS


def believe_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the locked row says, the hold is still waiting, as when it was found."""
    find = SqlReservationRepository.find_for_update

    def find_as_it_was(self: SqlReservationRepository, reservation_id: UUID) -> Reservation | None:
        found = find(self, reservation_id)
        return found and Reservation.restore(replace(found.state, status=ReservationStatus.PENDING))

    monkeypatch.setattr(SqlReservationRepository, "find_for_update", find_as_it_was)


@pytest.mark.full
@pytest.mark.parametrize("in_order", [True, False])
def test_without_the_order_of_holds_two_timers_that_meet_between_two_holds_deadlock(
    postgres_database: WriteDatabase,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    in_order: bool,
) -> None:
    """Each showtime is tried once by each timer, so that no second try mends what the first has run into."""
    store = sql_write_store(postgres_database.engine)
    cinema = Cinema(build_write_side(house_settings(command_attempts=1), store=store, clock=clock))
    hold_seats_of_many_showtimes(cinema, clock)
    let_both_timers_see_every_hold(monkeypatch)
    meet_between_two_holds(postgres_database, monkeypatch)
    if not in_order:
        monkeypatch.setattr(expiry, "sorted", now_up_now_down(), raising=False)
    tallies = [one for one in at_once(*[cinema.side.expire_holds] * 2) if isinstance(one, ExpiryTally)]
    assert len(tallies) == 2
    assert any(tally.left for tally in tallies) is not in_order
    assert ends_of_each_hold(postgres_database) == [1] * HOLDS


def now_up_now_down() -> Callable[[Sequence[UUID]], list[UUID]]:
    """Every other transaction locks the last hold first."""
    transactions, one_at_a_time = Counter[str](), threading.Lock()

    def ordered(holds: Sequence[UUID]) -> list[UUID]:
        with one_at_a_time:
            transactions["all"] += 1
            return sorted(holds, reverse=transactions["all"] % 2 == 0)

    return ordered


def meet_between_two_holds(database: WriteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has locked a first hold waits until the other has one too, or waits for a lock and so never will."""
    arrivals, one_at_a_time = Counter[str](), threading.Lock()
    find = SqlReservationRepository.find_for_update

    def find_and_wait(self: SqlReservationRepository, reservation_id: UUID) -> Reservation | None:
        found = find(self, reservation_id)
        with one_at_a_time:
            arrivals["all"] += 1
        deadline = time.monotonic() + 30
        while arrivals["all"] < 2 and not somebody_waits_for_a_lock(database):
            assert time.monotonic() < deadline, "the other timer never came"
        return found

    monkeypatch.setattr(SqlReservationRepository, "find_for_update", find_and_wait)


def somebody_waits_for_a_lock(database: WriteDatabase) -> bool:
    with database.engine.connect() as connection:
        return connection.scalar(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")) is True
