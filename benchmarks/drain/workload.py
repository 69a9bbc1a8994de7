"""What a busy week's box office writes: events of many showtimes at once, made quickly.

Each kind of event is rendered once by the real models; another event of the kind is that text with other ids in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from uuid import UUID

from shared.application.outbox.messages import NewMessage
from tests.builders.outbox_messages import Booking, BoxOffice

BOOKINGS_PER_SHOWTIME = 45
"""Most are paid for, one in ten is given back: about a hundred events a showtime."""

_GIVEN_BACK_EVERY = 10
_SEED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencedMessage:
    """A message and its place in its stream."""

    message: NewMessage
    sequence: int


def messages(count: int, *, first: int = 0) -> Iterator[SequencedMessage]:
    """So many events of as many showtimes as they need, mixed as their customers come. The same ones each time.

    Those of another `first` are others.
    """
    random = Random(_SEED + first)  # noqa: S311 it makes test data
    office = BoxOffice()
    opened, booking = office.opened(), office.book(seats=2)
    per_showtime = 1 + 2 * BOOKINGS_PER_SHOWTIME + BOOKINGS_PER_SHOWTIME // _GIVEN_BACK_EVERY
    streams = [
        _stream(random, office, opened=opened, booking=booking) for _ in range(-(-count // per_showtime))
    ]
    return islice((event for turn in zip(*streams, strict=True) for event in turn), count)


def _stream(
    random: Random, office: BoxOffice, *, opened: NewMessage, booking: Booking
) -> Iterator[SequencedMessage]:
    showtime = (str(office.showtime_id), str(_uuid(random)))
    sequence = 1
    yield SequencedMessage(message=_other(random, opened, showtime), sequence=sequence)
    for number in range(BOOKINGS_PER_SHOWTIME):
        reservation = (booking.created.aggregate_id, str(_uuid(random)))
        events = [booking.created, booking.confirmed]
        if number % _GIVEN_BACK_EVERY == _GIVEN_BACK_EVERY - 1:
            events.append(booking.cancelled_when_sold)
        for event in events:
            sequence += 1
            yield SequencedMessage(message=_other(random, event, showtime, reservation), sequence=sequence)


def _other(random: Random, template: NewMessage, *renamed: tuple[str, str]) -> NewMessage:
    """The template with an event id of its own, and other ids for its showtime and its reservation."""
    event_id = _uuid(random)
    payload, aggregate_id, stream_id = template.payload, template.aggregate_id, template.stream_id
    for old, new in (*renamed, (str(template.event_id), str(event_id))):
        payload = payload.replace(old, new)
        aggregate_id, stream_id = aggregate_id.replace(old, new), stream_id.replace(old, new)
    return replace(
        template, event_id=event_id, payload=payload, aggregate_id=aggregate_id, stream_id=stream_id
    )


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
