"""Any history of commands, clocks, timers and crashes ends as a simple model says, and is told without a gap."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from shared.bootstrap.write_side import WriteStore, build_write_side
from shared.contracts.envelope import parse_envelope, with_sequence
from shared.contracts.event_data import parse_data
from shared.contracts.events import ReservationState
from shared.domain.errors import CinemaError
from shared.domain.reservations.reservation import CustomerId
from shared.infrastructure.sql.command_ledger import SqlCommandLedger
from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.write_tables import reservation_seats, reservations, seat_claims
from tests.builders.cinema import Cinema, house_settings
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock, FakeIdGenerator
from tests.integration.write_side.box_office_model import BoxOfficeModel, Refusal
from tests.integration.write_side.crashing_store import (
    AFTER_THE_COMMIT,
    BEFORE_THE_COMMIT,
    NO_FAULT,
    CrashingStore,
)
from tests.integration.write_side.folded_aggregates import folded_aggregates, stored_aggregates
from tests.integration.write_side.test_history import reservations_kept
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

CUSTOMERS = [CustomerId(UUID(int=number)) for number in range(1, 4)]
SEATS_IN_A_ROW = 4
WHOLE_HOUSE = {"A": SEATS_IN_A_ROW, "B": SEATS_IN_A_ROW}
LAYOUTS = [WHOLE_HOUSE, WHOLE_HOUSE, {"A": SEATS_IN_A_ROW, "B": 2}, {"B": SEATS_IN_A_ROW}]
STARTS = [NOON + timedelta(hours=hours) for hours in (2, 4, 6, 12)]
FAULTS = st.one_of(
    st.just(NO_FAULT), st.sampled_from([BEFORE_THE_COMMIT, AFTER_THE_COMMIT]), st.integers(1, 16)
)

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")


class Histories(RuleBasedStateMachine):
    """Up to three showtimes, three customers, two rows of four seats."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = self.open_database()
        self.clock = FakeClock()
        self.store = CrashingStore(self.database)
        kept = WriteStore(begin=self.store.begin, answers=lambda: True)
        house = house_settings(command_attempts=3, expiry_chunk_size=2, cancellation_chunk_size=2)
        side = build_write_side(house, store=kept, clock=self.clock, ids=FakeIdGenerator())
        self.cinema = Cinema(side)
        self.model = BoxOfficeModel(
            now=NOON, cleaning_gap=side.cleaning_gap, runtime=timedelta(minutes=148), rows=WHOLE_HOUSE
        )
        self.cinema.register_movie()
        self.cinema.register_auditorium("odeon-1", condition=None, **WHOLE_HOUSE)
        self.open_showtime(starts_at=STARTS[0], fault=NO_FAULT)

    def open_database(self) -> WriteDatabase:
        return WriteDatabase(f"sqlite:///{Path(self.folder.name) / 'cinema.db'}")

    def close_database(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(starts_at=st.sampled_from(STARTS), fault=FAULTS)
    def open_showtime(self, starts_at: datetime, fault: int) -> None:
        if len(self.model.showtimes) == 3:
            return
        unknown = UUID(int=0)
        refusal = self.model.schedule(unknown, starts_at=starts_at)
        opened = self.attempt(
            lambda: self.cinema.create_showtime(starts_at=starts_at).state.showtime_id, refusal, fault=fault
        )
        if opened is not None:
            self.model.showtimes[opened] = self.model.showtimes.pop(unknown)

    @rule(which=st.integers(0, 2), starts_at=st.sampled_from(STARTS), fault=FAULTS)
    def reschedule_showtime(self, which: int, starts_at: datetime, fault: int) -> None:
        showtime_id = _nth(self.model.showtimes, which)
        refusal = self.model.reschedule(showtime_id, starts_at=starts_at)
        self.attempt(
            lambda: self.cinema.reschedule_showtime(showtime_id, starts_at=starts_at), refusal, fault=fault
        )

    @rule(minutes=st.sampled_from([90, 148]), fault=FAULTS)
    def correct_the_movie(self, minutes: int, fault: int) -> None:
        self.model.runtime = timedelta(minutes=minutes)
        self.attempt(lambda: self.cinema.register_movie(minutes=minutes), None, fault=fault)

    @rule(rows=st.sampled_from(LAYOUTS), fault=FAULTS)
    def refit_the_auditorium(self, rows: dict[str, int], fault: int) -> None:
        self.attempt(
            lambda: self.cinema.register_auditorium("odeon-1", condition=None, **rows),
            self.model.refit(rows),
            fault=fault,
        )

    @rule(
        which=st.integers(0, 2),
        customer=st.sampled_from(CUSTOMERS),
        row=st.sampled_from("AB"),
        first=st.integers(1, SEATS_IN_A_ROW),
        count=st.integers(1, 3),
        fault=FAULTS,
    )
    def reserve(self, which: int, customer: CustomerId, row: str, first: int, count: int, fault: int) -> None:
        names = [f"{row}-{number}" for number in range(first, min(first + count, SEATS_IN_A_ROW + 1))]
        seats, showtime_id = frozenset(names), _nth(self.model.showtimes, which)
        refusal = self.model.refusal_to_reserve(showtime_id, customer_id=customer, seats=seats)
        held = self.attempt(
            lambda: self.cinema.reserve(showtime_id, *names, customer=customer).state.reservation_id,
            refusal,
            fault=fault,
        )
        if held is not None:
            self.model.reserved(held, showtime_id=showtime_id, customer_id=customer, seats=seats)

    @rule(which=st.integers(0, 5), fault=FAULTS)
    def confirm(self, which: int, fault: int) -> None:
        reservation_id = _nth(self.model.reservations, which)
        self.attempt(
            lambda: self.cinema.confirm(reservation_id), self.model.confirm(reservation_id), fault=fault
        )

    @rule(which=st.integers(0, 5), fault=FAULTS)
    def cancel(self, which: int, fault: int) -> None:
        reservation_id = _nth(self.model.reservations, which)
        self.attempt(
            lambda: self.cinema.cancel(reservation_id), self.model.cancel(reservation_id), fault=fault
        )

    @rule(which=st.integers(0, 2), fault=FAULTS)
    def cancel_showtime(self, which: int, fault: int) -> None:
        showtime_id = _nth(self.model.showtimes, which)
        self.attempt(
            lambda: self.cinema.cancel_showtime(showtime_id),
            self.model.cancel_showtime(showtime_id),
            fault=fault,
        )

    @rule(fault=FAULTS)
    def the_expiry_timer_runs(self, fault: int) -> None:
        with self.store.breaking(fault):
            assert self.cinema.side.expire_holds().left == 0
        self.model.expire_holds()

    @rule(fault=FAULTS)
    def the_cancellation_timer_runs(self, fault: int) -> None:
        with self.store.breaking(fault):
            assert self.cinema.side.clear_cancelled_showtimes().left == 0
        self.model.clear_cancelled_showtimes()

    @rule(minutes=st.sampled_from([5, 10, 10, 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        self.model.now = self.clock.now()

    def attempt(self, command: Callable[[], Answer], refusal: Refusal, *, fault: int) -> Answer | None:
        """Do what the model expects to succeed, or to be refused in this way, whatever breaks meanwhile."""
        answer, refused = None, None
        try:
            with self.store.breaking(fault):
                answer = command()
        except CinemaError as error:
            refused = error
        assert (type(refused) if refused else None) is refusal, f"{refused!r} instead of {refusal}"
        return answer

    @invariant()
    def each_seat_is_with_whom_the_model_says(self) -> None:
        rows = self.database.rows(select(seat_claims))
        claims = {(row.ShowtimeId, f"{row.Row}-{row.Number}"): row.ReservationId for row in rows}
        assert claims == self.model.claims()

    def teardown(self) -> None:
        try:
            self.reservations_are_as_the_model_says()
            self.each_aggregate_is_told_as_it_is_kept()
            self.each_seat_is_free_or_held_or_sold()
            self.nothing_is_left_out_of_the_story()
        finally:
            self.close_database()

    def reservations_are_as_the_model_says(self) -> None:
        kept = reservations_kept(self.database)
        assert {UUID(one): (row["status"], row["reason"]) for one, row in kept.items()} == {
            one: (reservation.status, reservation.reason)
            for one, reservation in self.model.reservations.items()
        }

    def each_aggregate_is_told_as_it_is_kept(self) -> None:
        told = folded_aggregates(self.database, cleaning_gap=self.cinema.side.cleaning_gap)
        assert told == stored_aggregates(self.database)

    def each_seat_is_free_or_held_or_sold(self) -> None:
        """Free is what no claim names; held and sold is what live reservations have. A seat sold twice counts twice."""
        seat = (reservations.c.ShowtimeId, reservation_seats.c.Row, reservation_seats.c.Number)
        live = (
            select(*seat)
            .join(reservations, reservations.c.ReservationId == reservation_seats.c.ReservationId)
            .where(reservations.c.Status != "Cancelled")
        )
        held_and_sold = [tuple(row) for row in self.database.rows(live)]
        claimed = {(row.ShowtimeId, row.Row, row.Number) for row in self.database.rows(select(seat_claims))}
        every = {
            (showtime_id, row, number)
            for showtime_id in self.model.showtimes
            for row, seats in WHOLE_HOUSE.items()
            for number in range(1, seats + 1)
        }
        assert sorted([*(every - claimed), *held_and_sold]) == sorted(every)

    def nothing_is_left_out_of_the_story(self) -> None:
        """Sequences of a stream, and versions of an aggregate, count from one."""
        sequences: dict[str, list[int]] = defaultdict(list)
        versions: dict[str, list[int]] = defaultdict(list)
        for sequence, message in self.database.messages():
            data = parse_data(parse_envelope(with_sequence(message.payload, sequence=sequence)))
            sequences[message.stream_id].append(sequence)
            versions[f"{message.aggregate_type}:{message.aggregate_id}"].append(message.version)
            assert not isinstance(data, ReservationState) or data.version == message.version
        for counted in (*sequences.values(), *versions.values()):
            assert counted == list(range(1, len(counted) + 1))


class HistoriesOnPostgreSQL(Histories):
    """The same where several can write at once, and an answer can be lost on its way over a socket."""

    url = ""

    def open_database(self) -> WriteDatabase:
        database = WriteDatabase(self.url)
        tables = ", ".join(f'"{table.name}"' for table in write_metadata.sorted_tables)
        database.execute(f"TRUNCATE {tables} RESTART IDENTITY")
        return database


def _nth(things: Mapping[UUID, Thing], which: int) -> UUID:
    """One of the things, counted from the newest, or one that nobody knows if there are none."""
    return list(things)[-1 - which % len(things)] if things else UUID(int=0)


# Without shrinking, which takes longer than a test may; what failed is printed as it is, and how to run it again.
SOME = settings(
    max_examples=50,
    stateful_step_count=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    print_blob=True,
)
TestHistories = Histories.TestCase
TestHistories.settings = SOME


@pytest.mark.full
def test_histories_on_postgresql(postgres_url: str) -> None:
    HistoriesOnPostgreSQL.url = postgres_url
    run_state_machine_as_test(HistoriesOnPostgreSQL, settings=SOME)


def test_a_history_without_the_ledger_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a commit in doubt is then told as "seats taken"."""

    def know_nothing(_self: object) -> None:
        return None

    monkeypatch.setattr(SqlCommandLedger, "recall", know_nothing)
    machine = Histories()
    showtime_id = next(iter(machine.model.showtimes))
    with pytest.raises(AssertionError, match="instead of None"):
        machine.attempt(lambda: machine.cinema.reserve(showtime_id, "A-1"), None, fault=AFTER_THE_COMMIT)
    machine.close_database()
