"""What is told to the world: envelopes that readers of the published contract understand."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.application.command_context import CommandContext
from shared.application.publication import to_message
from shared.application.published_events import UnpublishedEventError
from shared.contracts.envelope import parse_envelope, with_sequence
from shared.contracts.event_data import parse_data
from shared.contracts.events import PUBLISHED_EVENTS
from shared.domain.aggregate import DomainEvent
from shared.domain.catalogue.auditorium import Auditorium
from shared.domain.catalogue.movie import Movie
from tests.builders.catalogue import INCEPTION, a_layout, an_auditorium
from tests.builders.reservations import a_reservation
from tests.builders.showtimes import NOON, a_screening, a_showtime
from tests.schemas.published import problems_of_event, published_schemas

pytestmark = pytest.mark.unit

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CONTEXT = CommandContext(command_id=UUID(int=7), traceparent=TRACEPARENT)


def one_event_of_each_kind() -> list[DomainEvent[Any]]:
    movie = Movie.register(INCEPTION.movie_id, title="Inception", runtime_minutes=148, at=NOON)
    movie.change(title="Inception (2010)", runtime_minutes=148, at=NOON)
    hall = an_auditorium()
    auditorium = Auditorium.register(hall.auditorium_id, name="Odeon 1", layout=hall.layout, at=NOON)
    auditorium.change(name="Odeon 1", layout=a_layout(A=1), live_seats=(), at=NOON)
    builder = a_reservation()
    reservation = builder.held()
    reservation.confirm(showtime=builder.showtime, at=NOON)
    reservation.cancel(showtime=builder.showtime, at=NOON, note="ill")
    showtime = a_showtime().scheduled()
    later = a_screening(NOON + timedelta(days=1))
    showtime.reschedule(later, movie=INCEPTION, auditorium=hall, previous=None, at=NOON)
    showtime.cancel(movie=INCEPTION, auditorium=hall, at=NOON, note="no power")
    return [
        *movie.new_events,
        *auditorium.new_events,
        *showtime.new_events,
        *reservation.new_events,
    ]


EVENTS = one_event_of_each_kind()


def test_there_is_a_domain_event_for_every_published_one() -> None:
    types = [to_message(event, context=CONTEXT).type for event in EVENTS]
    assert types == [published.wire_type for published in PUBLISHED_EVENTS]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_readers_of_the_contract_understand_the_message(event: DomainEvent[Any]) -> None:
    message = to_message(event, context=CONTEXT)
    envelope = parse_envelope(with_sequence(message.payload, sequence=1))
    data = parse_data(envelope)
    assert type(data).__name__ == type(event).__name__
    assert (envelope.id, envelope.type, envelope.stream_id) == (
        message.event_id,
        message.type,
        message.stream_id,
    )
    assert (envelope.subject, envelope.time, envelope.traceparent) == (
        message.aggregate_id,
        NOON,
        TRACEPARENT,
    )
    assert data.model_dump()["version"] == message.version == event.state.version


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_message_fits_its_published_schema_and_says_nothing_beside_it(event: DomainEvent[Any]) -> None:
    body = with_sequence(to_message(event, context=CONTEXT).payload, sequence=1)
    assert problems_of_event(body) == []
    published = json.loads(body)
    schema = published_schemas().documents[published["dataschema"].removeprefix("/")]
    assert published["data"].keys() == schema["properties"].keys()


def test_a_rerun_of_a_command_makes_the_same_event_ids_and_another_command_others() -> None:
    first, again = (to_message(EVENTS[0], context=CONTEXT) for _ in range(2))
    other = to_message(EVENTS[0], context=CommandContext(command_id=UUID(int=8)))
    assert first.event_id == again.event_id != other.event_id


def test_events_of_one_command_have_ids_of_their_own() -> None:
    ids = {to_message(event, context=CONTEXT).event_id for event in EVENTS}
    assert len(ids) == len(EVENTS)


def test_a_message_without_a_trace_says_nothing_of_one() -> None:
    message = to_message(EVENTS[0], context=CommandContext(command_id=UUID(int=8)))
    assert message.traceparent is None
    assert "traceparent" not in message.payload


def test_an_event_that_nobody_has_given_a_published_form_is_not_lost_silently() -> None:
    with pytest.raises(UnpublishedEventError):
        to_message(DomainEvent(state=INCEPTION, occurred_at=NOON), context=CONTEXT)
