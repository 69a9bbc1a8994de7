"""A run that is killed anywhere, and run again, ends as one that was not."""

from uuid import UUID

import pytest

from shared.application.customers.erasure import ErasureTakenOverError
from shared.application.customers.forget_customer import ForgetCustomer
from shared.application.projections.ports import ParkedEvent
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking
from shared.infrastructure.sql import customer_rows, customer_texts
from tests.builders.reservations import a_customer
from tests.integration.customers.booked_cinema import BookedCinema, received
from tests.integration.customers.interruptions import Interruption, KilledError, interrupted

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a customer of three bookings takes several transactions in each table."""
    for module in (customer_rows, customer_texts):
        monkeypatch.setattr(module, "_CHUNK", 2)


def a_customer_everywhere(booked: BookedCinema) -> tuple[UUID, tuple[UUID, UUID, UUID]]:
    """Bookings, delivered and projected, with one of their events parked too."""
    customer = a_customer()
    bookings = booked.book_in_every_way(customer)
    booked.settle()
    parked = ParkedEvent(
        received=received(booked.published[-1], position=0), reason="", parked=booked.clock.now()
    )
    MongoFailureParking(booked.views).park([parked])
    return customer, bookings


def forget_but_be_killed(
    booked: BookedCinema, customer: UUID, *, at: int, monkeypatch: pytest.MonkeyPatch
) -> Interruption:
    with booked.desk() as parts, interrupted(at, monkeypatch=monkeypatch) as interruption:
        try:
            ForgetCustomer(parts)(customer, also_live=True)
        except KilledError:
            pass
        else:
            assert interruption.passed <= at
    return interruption


def points_of_a_run(booked: BookedCinema, monkeypatch: pytest.MonkeyPatch) -> int:
    customer, _ = a_customer_everywhere(booked)
    points = forget_but_be_killed(booked, customer, at=1_000_000, monkeypatch=monkeypatch).passed
    assert booked.naming(customer) == []
    assert points > 60
    return points


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("first", "step"), [pytest.param(3, 16, id="some"), pytest.param(1, 5, id="many", marks=pytest.mark.full)]
)
def test_killed_anywhere_and_run_again_it_ends_the_same(
    booked: BookedCinema, monkeypatch: pytest.MonkeyPatch, first: int, step: int
) -> None:
    points = points_of_a_run(booked, monkeypatch)
    for at in range(first, points, step):
        customer, bookings = a_customer_everywhere(booked)
        forget_but_be_killed(booked, customer, at=at, monkeypatch=monkeypatch)
        begun = {booked.customer_of(booking) for booking in bookings} - {customer}
        booked.cinema.confirm(bookings[0])
        booked.settle()
        booked.forget(customer)
        assert booked.naming(customer, "Novák") == [], f"killed at {at}"
        (pseudonym,) = {booked.customer_of(booking) for booking in bookings}
        assert begun <= {pseudonym}
        assert "CustomerErasures" not in booked.naming(pseudonym)
    MongoFailureParking(booked.views).remove(
        [failure.id for failure in MongoFailureParking(booked.views).list(limit=1_000)]
    )
    assert booked.findings() == []


def test_killed_twice_it_keeps_its_pseudonym(booked: BookedCinema, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, bookings = a_customer_everywhere(booked)
    pseudonyms: set[UUID] = set()
    for at in (20, 40):
        forget_but_be_killed(booked, customer, at=at, monkeypatch=monkeypatch)
        pseudonyms |= {booked.customer_of(booking) for booking in bookings} - {customer}
    booked.forget(customer)
    assert pseudonyms == {booked.customer_of(booking) for booking in bookings}


def test_a_run_that_was_taken_over_does_no_more(booked: BookedCinema) -> None:
    customer, bookings = a_customer_everywhere(booked)
    with booked.desk() as parts:
        ledger, (rows, *_) = parts.ledger, parts.stations
        now = booked.clock.now()
        first, second = a_customer(), a_customer()
        slow = ledger.begin(customer, pseudonym=first, run=a_customer(), at=now)
        ledger.begin(customer, pseudonym=second, run=a_customer(), at=now)
        with pytest.raises(ErasureTakenOverError):
            rows.rewrite(slow)
        with pytest.raises(ErasureTakenOverError):
            ledger.finish(slow)
    assert {booked.customer_of(booking) for booking in bookings} == {customer}
