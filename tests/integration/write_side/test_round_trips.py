"""How often a command asks the database: each time costs a round trip, and most of them happen while locks are held."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from shared.application.command_context import RequestKey
from shared.application.reservations.cancel_reservation import CancelReservation
from tests.builders.cinema import Cinema
from tests.builders.reservations import a_customer
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.servers.write_database import WriteDatabase

pytestmark = [pytest.mark.integration, pytest.mark.full]


@contextmanager
def counting(engine: Engine) -> Generator[list[str]]:
    """The statements that are sent, without BEGIN and COMMIT."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def cinema(postgres_database: WriteDatabase, clock: FakeClock) -> Cinema:
    return Cinema(side_on(postgres_database, clock))


def test_a_booking_takes_ten_round_trips_however_many_seats_it_has(
    cinema: Cinema, postgres_database: WriteDatabase
) -> None:
    showtime_id, customer = cinema.open_showtime(), a_customer()
    cinema.reserve(showtime_id, "A-1", customer=customer)
    with counting(postgres_database.engine) as one:
        cinema.reserve(showtime_id, "A-2", customer=customer)
    with counting(postgres_database.engine) as four:
        cinema.reserve(showtime_id, "B-1", "B-2", "B-3", "B-4")
    assert len(one) == 10
    assert len(four) == 11, "and one more for a customer's first booking"
    assert "OutboxStreams" in one[-1], (
        "what all bookings of a showtime wait for is locked last, and for one trip"
    )
    assert sum("OutboxStreams" in statement for statement in one) == 1


def test_a_key_of_the_clients_costs_no_round_trip(cinema: Cinema, postgres_database: WriteDatabase) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1").state.reservation_id
    command = CancelReservation(reservation_id=held)
    keyed = replace(cinema.context(), idempotency=RequestKey(key="k", fingerprint="f", sent_by_client=True))
    with counting(postgres_database.engine) as sent:
        cinema.side.cancel_reservation(command, context=keyed)
    assert len(sent) == 7


@pytest.mark.parametrize(
    ("command", "most"),
    [(Cinema.confirm, 6), (Cinema.cancel, 7)],
    ids=["confirm", "cancel"],
)
def test_a_payment_and_a_cancellation_take_few(
    cinema: Cinema, postgres_database: WriteDatabase, command: Callable[..., object], most: int
) -> None:
    held = cinema.reserve(cinema.open_showtime(), "A-1", "A-2").state.reservation_id
    with counting(postgres_database.engine) as sent:
        command(cinema, held)
    assert len(sent) == most
