"""Any history of commands, clocks, timers and crashes ends as a simple model says, and is told without a gap."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from shared.application.command_context import CommandContext
from shared.application.errors import TransientFaultError
from shared.application.unit_of_work import UnitOfWork
from shared.bootstrap.write_side import WriteStore, build_write_side
from shared.contracts.envelope import parse_data, parse_envelope, with_sequence
from shared.contracts.events import ReservationState, ShowtimeState
from shared.domain.errors import CinemaError
from shared.domain.reservations.reservation import CustomerId
from shared.infrastructure.sql.command_ledger import SqlCommandLedger
from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.write_tables import seat_claims, showtimes
from tests.builders.cinema import Cinema, house_settings
from tests.builders.showtimes import NOON
from tests.fakes.clock import FakeClock
from tests.integration.write_side.box_office_model import BoxOfficeModel, ModelShowtime, Refusal
from tests.integration.write_side.test_history import reservations_kept, reservations_told
from tests.servers.write_database import WriteDatabase

pytestmark = pytest.mark.integration

CUSTOMERS = [CustomerId(uuid4()) for _ in range(3)]
SEATS_IN_A_ROW = 4
FAULTS = ["none", "none", "none", "before the commit", "after the commit"]


Answer = TypeVar("Answer")
Thing = TypeVar("Thing")


class CrashingStore:
    """A write store whose next unit of work fails before its commit, or after it, when nobody learns of it."""

    def __init__(self, database: WriteDatabase) -> None:
        self._database = database
        self.fault = "none"
        self.faults_seen = 0

    @contextmanager
    def begin(self, context: CommandContext) -> Generator[UnitOfWork]:
        fault, self.fault = self.fault, "none"
        with self._database.begin(context) as unit:
            if fault == "before the commit":
                self.faults_seen += 1
                raise TransientFaultError("the connection broke")
            yield unit
        if fault == "after the commit":
            self.faults_seen += 1
            raise TransientFaultError("the answer was lost")


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
        self.cinema = Cinema(build_write_side(house, store=kept, clock=self.clock))
        self.model = BoxOfficeModel(now=NOON)
        self.cinema.register_movie()
        self.cinema.register_auditorium(A=SEATS_IN_A_ROW, B=SEATS_IN_A_ROW)
        self.open_showtime()

    def open_database(self) -> WriteDatabase:
        return WriteDatabase(f"sqlite:///{Path(self.folder.name) / 'cinema.db'}")

    def close_database(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule()
    def open_showtime(self) -> None:
        if len(self.model.showtimes) < 3:
            starts_at = NOON + timedelta(hours=6 * (len(self.model.showtimes) + 1))
            if self.model.now < starts_at:
                opened = self.cinema.create_showtime(starts_at=starts_at).state
                self.model.showtimes[opened.showtime_id] = ModelShowtime(opened.screening.starts_at)

    @rule(
        which=st.integers(0, 2),
        customer=st.sampled_from(CUSTOMERS),
        row=st.sampled_from("AB"),
        first=st.integers(1, SEATS_IN_A_ROW),
        count=st.integers(1, 3),
        fault=st.sampled_from(FAULTS),
    )
    def reserve(self, which: int, customer: CustomerId, row: str, first: int, count: int, fault: str) -> None:
        names = [f"{row}-{number}" for number in range(first, min(first + count, SEATS_IN_A_ROW + 1))]
        seats, showtime_id = frozenset(names), _nth(self.model.showtimes, which)
        refusal = self.model.refusal_to_reserve(showtime_id, customer_id=customer, seats=seats)
        self.store.fault = fault
        held = self.attempt(
            lambda: self.cinema.reserve(showtime_id, *names, customer=customer).state.reservation_id, refusal
        )
        if held is not None:
            self.model.reserved(held, showtime_id=showtime_id, customer_id=customer, seats=seats)

    @rule(which=st.integers(0, 5), fault=st.sampled_from(FAULTS))
    def confirm(self, which: int, fault: str) -> None:
        reservation_id = _nth(self.model.reservations, which)
        self.store.fault = fault
        self.attempt(lambda: self.cinema.confirm(reservation_id), self.model.confirm(reservation_id))

    @rule(which=st.integers(0, 5), fault=st.sampled_from(FAULTS))
    def cancel(self, which: int, fault: str) -> None:
        reservation_id = _nth(self.model.reservations, which)
        self.store.fault = fault
        self.attempt(lambda: self.cinema.cancel(reservation_id), self.model.cancel(reservation_id))

    @rule(which=st.integers(0, 2), fault=st.sampled_from(FAULTS))
    def cancel_showtime(self, which: int, fault: str) -> None:
        showtime_id = _nth(self.model.showtimes, which)
        self.store.fault = fault
        self.attempt(
            lambda: self.cinema.cancel_showtime(showtime_id), self.model.cancel_showtime(showtime_id)
        )

    @rule(fault=st.sampled_from(FAULTS))
    def the_expiry_timer_runs(self, fault: str) -> None:
        self.store.fault = fault
        assert self.cinema.side.expire_holds().left == 0
        self.model.expire_holds()

    @rule(fault=st.sampled_from(FAULTS))
    def the_cancellation_timer_runs(self, fault: str) -> None:
        self.store.fault = fault
        assert self.cinema.side.clear_cancelled_showtimes().left == 0
        self.model.clear_cancelled_showtimes()

    @rule(minutes=st.sampled_from([5, 10, 10, 60]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        self.model.now = self.clock.now()

    def attempt(self, command: Callable[[], Answer], refusal: Refusal) -> Answer | None:
        """Do what the model expects to succeed, or to be refused in this way."""
        answer, refused = None, None
        try:
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
        kept = reservations_kept(self.database)
        assert {UUID(one): (row["status"], row["reason"]) for one, row in kept.items()} == {
            one: (reservation.status, reservation.reason)
            for one, reservation in self.model.reservations.items()
        }
        assert reservations_told(self.database) == kept
        assert self.database.seats_sold_twice() == []
        self.showtimes_are_told_as_they_are_kept()
        self.nothing_is_left_out_of_the_story()
        self.close_database()

    def showtimes_are_told_as_they_are_kept(self) -> None:
        told: dict[UUID, tuple[str, int]] = {}
        for sequence, message in self.database.messages():
            data = parse_data(parse_envelope(with_sequence(message.payload, sequence=sequence)))
            if isinstance(data, ShowtimeState):
                told[data.showtime_id] = (data.status, data.version)
        rows = self.database.rows(select(showtimes))
        assert told == {row.ShowtimeId: (row.Status, row.Version) for row in rows}

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


SOME = settings(
    max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
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
    machine.store.fault = "after the commit"
    showtime_id = next(iter(machine.model.showtimes))
    with pytest.raises(AssertionError, match="instead of None"):
        machine.attempt(lambda: machine.cinema.reserve(showtime_id, "A-1"), None)
    machine.close_database()
