"""Whoever has the old events still, or reads them again, does not bring a forgotten customer back."""

import pytest

from shared.application.customers.erasure import (
    EventsUnderWayError,
    NotRewritableError,
)
from shared.application.outbox.ports import Poison
from shared.application.outbox.routing import DOMAIN_EVENTS
from shared.application.projections.failures import ReplayFailures
from shared.application.projections.ports import ParkedEvent
from shared.application.rebuild.rebuild_views import Phase
from shared.bootstrap.projector import open_projector_parts
from shared.bootstrap.rebuild import open_rebuild
from shared.contracts.documents import ReservationDocument, collection_name
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking
from shared.settings import ProjectorSettings, RebuildSettings
from tests.builders.reservations import a_customer
from tests.integration.customers.booked_cinema import BookedCinema, received

pytestmark = pytest.mark.integration


def tell_nobody(phase: Phase, done: float, *, total: float | None) -> None:
    """A `Tell`."""
    del phase, done, total


def test_what_was_never_delivered_is_delivered_with_the_pseudonym(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.book_in_every_way(customer)
    with pytest.raises(EventsUnderWayError, match="5 for domain-events"):
        booked.forget(customer)
    booked.settle()
    booked.forget(customer)
    assert booked.naming(customer) == []
    assert not any(str(customer) in body for body in booked.published)
    assert booked.findings() == []


def test_a_master_that_has_the_old_text_in_hand_is_waited_for(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.settle()
    booked.hold(customer)
    in_hand = [
        booked.take(sink, lane=lane)
        for sink, lanes in booked.outbox.lanes_with_work(
            sinks=["reporting", "domain-events", "reservations"]
        ).items()
        for lane in lanes
    ]
    with pytest.raises(EventsUnderWayError, match="for reporting"):
        booked.forget(customer)
    for claim, messages in in_hand:
        booked.deliver(claim, messages)
    booked.project()
    assert booked.naming(customer) != []
    booked.forget(customer)
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_a_projector_that_is_behind_is_waited_for(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.settle()
    booked.hold(customer)
    booked.carry()
    with pytest.raises(EventsUnderWayError, match="1 for views"):
        booked.forget(customer)
    booked.project()
    booked.forget(customer)
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_an_old_event_of_the_hub_that_comes_again_changes_nothing(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.book_in_every_way(customer)
    booked.settle()
    booked.forget(customer)
    booked.project(since=0)
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_a_document_that_an_old_event_has_made_anew_gets_the_pseudonym_of_the_rest(
    booked: BookedCinema,
) -> None:
    customer = a_customer()
    held, _, _ = booked.book_in_every_way(customer)
    booked.settle()
    booked.forget(customer)
    pseudonym = booked.customer_of(held)
    booked.views[collection_name(ReservationDocument.view, generation=1)].delete_one({"_id": str(held)})
    booked.project(since=0)
    assert booked.naming(customer) != []
    booked.forget(customer)
    assert str(held) in booked.documents_of(pseudonym)
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_rebuilt_views_do_not_bring_the_customer_back(booked: BookedCinema) -> None:
    customer = a_customer()
    reservations = booked.book_in_every_way(customer)
    booked.settle()
    booked.forget(customer)
    settings = RebuildSettings.model_validate(booked.settings.model_dump())
    with open_rebuild(settings, tell=tell_nobody) as views:
        views.rebuild(finish=False)
    booked.project(since=0)
    pseudonym = booked.customer_of(reservations[0])
    assert booked.documents_of(pseudonym, generation=2) == sorted(map(str, reservations))
    assert booked.naming(customer) == []
    assert booked.findings() == []


def test_a_dead_letter_is_carried_with_the_pseudonym(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.settle()
    booked.hold(customer)
    (lane,) = booked.outbox.lanes_with_work(sinks=[DOMAIN_EVENTS])[DOMAIN_EVENTS]
    claim, (message,) = booked.take(DOMAIN_EVENTS, lane=lane)
    poison = Poison(message_id=message.id, reason="refused")
    assert booked.outbox.settle(claim, delivered=[], failed=False, poison=poison)
    booked.settle()
    booked.forget(customer)
    assert booked.naming(customer) == []
    (hold_id,) = booked.outbox.held_streams(DOMAIN_EVENTS)
    booked.outbox.redrive(hold_id)
    booked.settle()
    assert not any(str(customer) in body for body in booked.published)
    assert booked.findings() == []


def test_a_parked_event_is_rewritten_and_replayed_with_the_pseudonym(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.settle()
    held = booked.hold(customer)
    booked.carry()
    event = received(booked.published[-1], position=0)
    parking = MongoFailureParking(booked.views)
    parking.park([ParkedEvent(received=event, reason="too new", parked=booked.clock.now())])
    booked.forget(customer)
    assert booked.naming(customer) == []
    (failure,) = parking.list(limit=10)
    assert (failure.reason, failure.attempts) == ("too new", 1)
    with open_projector_parts(ProjectorSettings.model_validate(booked.settings.model_dump())) as parts:
        replay = ReplayFailures(
            failures=parts.failures, projector_parking_in=parts.projector, clock=booked.clock
        )
        assert replay([failure]) == []
    assert booked.documents_of(booked.customer_of(held)) == [str(held)]
    assert booked.findings() == []


def test_what_is_no_event_of_ours_is_named_and_everything_else_is_done(booked: BookedCinema) -> None:
    customer = a_customer()
    booked.book_in_every_way(customer)
    booked.settle()
    parking = MongoFailureParking(booked.views)
    foreign = received(f"a word about {customer}", position=0)
    parking.park([ParkedEvent(received=foreign, reason="not JSON", parked=booked.clock.now())])
    (failure,) = parking.list(limit=10)
    with pytest.raises(NotRewritableError, match=failure.id):
        booked.forget(customer)
    parking.remove([failure.id])
    booked.forget(customer)
    assert booked.naming(customer) == []
