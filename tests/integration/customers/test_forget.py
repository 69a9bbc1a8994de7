"""After `forget` nothing that is kept names the customer, and everything else is as it was."""

import logging
from collections import Counter
from uuid import UUID

import pytest

from shared.application.customers.erasure import (
    EventsUnderWayError,
    LiveBookingsError,
)
from shared.application.customers.forget_customer import ForgetCustomer, find_holdings
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.projector import open_projector
from shared.settings import ProjectorSettings
from tests.builders.reservations import a_customer
from tests.integration.customers.booked_cinema import BookedCinema

pytestmark = pytest.mark.integration
NOTE = "Novák"


def test_nothing_names_a_forgotten_customer_and_an_audit_is_clean(booked: BookedCinema) -> None:
    customer, other = a_customer(), a_customer()
    booked.book_in_every_way(customer)
    theirs = booked.book_in_every_way(other)
    booked.settle()
    done = booked.forget(customer)
    assert done.rewritten == Counter(
        {"reservations": 3, "answers": 5, "outbox": 5, "event-log": 5, "views": 3}
    )
    assert booked.naming(customer) == []
    assert booked.findings() == []
    assert booked.documents_of(other) == sorted(map(str, theirs))


def test_what_the_customer_wrote_is_gone_with_them_and_only_that(booked: BookedCinema) -> None:
    customer, other = a_customer(), a_customer()
    booked.book_in_every_way(customer)
    booked.settle()
    assert set(booked.naming(NOTE)) == {"OutboxMessages", "EventLog"}
    booked.forget(customer)
    assert booked.naming(NOTE) == []
    booked.book_in_every_way(other)
    booked.settle()
    assert set(booked.naming(NOTE)) == {"OutboxMessages", "EventLog"}


def test_all_bookings_of_a_customer_get_one_pseudonym_that_nothing_links_to_them(
    booked: BookedCinema,
) -> None:
    customer = a_customer()
    reservations = booked.book_in_every_way(customer)
    booked.settle()
    booked.forget(customer)
    (pseudonym,) = {booked.customer_of(reservation) for reservation in reservations}
    assert pseudonym.version == 4
    assert booked.documents_of(pseudonym) == sorted(map(str, reservations))
    assert "CustomerErasures" not in booked.naming(pseudonym)


def test_live_bookings_are_named_and_nothing_is_changed(booked: BookedCinema) -> None:
    customer = a_customer()
    held, sold, _ = booked.book_in_every_way(customer)
    booked.settle()
    with pytest.raises(LiveBookingsError) as refused:
        booked.forget(customer, also_live=False)
    assert {booking.reservation_id for booking in refused.value.bookings} == {held, sold}
    assert booked.customer_of(held) == customer
    assert booked.naming(customer) != []


def test_bookings_that_are_over_are_no_hindrance(booked: BookedCinema) -> None:
    customer = a_customer()
    freed = booked.hold(customer)
    booked.cinema.cancel(freed)
    booked.settle()
    booked.forget(customer, also_live=False)
    assert booked.naming(customer) == []


def test_a_live_booking_goes_on_under_its_pseudonym(booked: BookedCinema) -> None:
    customer = a_customer()
    held, sold, _ = booked.book_in_every_way(customer)
    booked.settle()
    booked.forget(customer)
    booked.cinema.confirm(held)
    booked.cinema.cancel(sold)
    booked.settle()
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_who_books_again_is_a_new_customer(booked: BookedCinema) -> None:
    customer = a_customer()
    before, _, _ = booked.book_in_every_way(customer)
    booked.settle()
    booked.forget(customer)
    pseudonym = booked.customer_of(before)
    booked.hold(customer)
    booked.settle()
    assert len(booked.documents_of(customer)) == 1
    assert len(booked.documents_of(pseudonym)) == 3
    assert booked.findings() == []


def test_a_booking_that_comes_meanwhile_is_forgotten_too(booked: BookedCinema) -> None:
    customer = a_customer()
    held, _, _ = booked.book_in_every_way(customer)
    booked.settle()
    late: list[UUID] = []
    with booked.desk() as parts:
        finish = parts.ledger.finish

        def book_before_the_last_step(erasure: object) -> bool:
            if not late:
                late.append(booked.hold(customer))
                booked.settle()
            return finish(erasure)

        parts.ledger.finish = book_before_the_last_step
        ForgetCustomer(parts)(customer, also_live=True)
    assert booked.customer_of(late[0]) == booked.customer_of(held)
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_of_an_unknown_customer_nothing_is_held(booked: BookedCinema) -> None:
    booked.book_in_every_way(a_customer())
    booked.settle()
    with booked.desk() as parts:
        held = find_holdings(a_customer(), parts=parts)
    assert held.is_unknown


def test_no_line_of_a_log_names_the_customer(booked: BookedCinema, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    customer = a_customer()
    booked.book_in_every_way(customer)
    with pytest.raises(EventsUnderWayError):
        booked.forget(customer)
    booked.settle()
    broken = booked.published[-1].replace('"version":', '"edition":').encode()
    with open_projector(ProjectorSettings.model_validate(booked.settings.model_dump())) as project:
        project([ReceivedEvent(body=broken, partition="0", position=0, published=None)])
    booked.forget(customer)
    assert "event_parked" in caplog.text
    assert str(customer) not in caplog.text
    assert NOTE not in caplog.text
