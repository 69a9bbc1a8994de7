"""Older versions of every event are projected like the newest, newer ones are parked, and nothing else waits for that."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict

from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.events import EVENT_BY_WIRE_TYPE, PUBLISHED_EVENTS, EventData
from shared.contracts.upcasting import UPCASTS
from tests.unit.projections.cinema_histories import facts_in, histories, truth_of
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit


class OlderEvent(EventData):
    """An event in words that no fold knows."""

    model_config = ConfigDict(extra="allow")


def older(model: type[EventData]) -> type[OlderEvent]:
    """A version 0 of an event."""
    return type(f"{model.__name__}V0", (OlderEvent,), {"wire_type": model.wire_type.replace(".v1", ".v0")})


def in_version(version: int, event: ReceivedEvent) -> ReceivedEvent:
    body = event.body.replace(b'.v1"', b'.v%d"' % version)
    return ReceivedEvent(
        body=body, partition=event.partition, position=event.position, published=event.published
    )


@pytest.fixture(autouse=True, scope="module")
def version_0_of_every_event() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for model in PUBLISHED_EVENTS:
            old = older(model)
            patch.setitem(EVENT_BY_WIRE_TYPE, old.wire_type, old)
            patch.setitem(
                UPCASTS,
                old,
                lambda data, newest=model: newest.model_validate(data.model_dump(mode="json", by_alias=True)),
            )
        yield


@given(histories(), st.lists(st.booleans(), min_size=20, max_size=20))
def test_a_stream_may_mix_versions(history: list[ReceivedEvent], is_old: list[bool]) -> None:
    mixed = [in_version(0, event) if old else event for event, old in zip(history, is_old, strict=False)]
    assert facts_in(Projection().project(mixed).store.views) == truth_of(history)


@given(histories(), st.lists(st.booleans(), min_size=20, max_size=20))
def test_newer_versions_are_parked_and_every_other_event_of_their_batch_is_projected(
    history: list[ReceivedEvent], is_newer: list[bool]
) -> None:
    """The documents are those of a projector that was never given the newer ones."""
    known = [event for event, newer in zip(history, is_newer, strict=False) if not newer]
    unknown = [in_version(9, event) for event, newer in zip(history, is_newer, strict=False) if newer]
    mixed = [
        in_version(9, event) if newer else event for event, newer in zip(history, is_newer, strict=False)
    ]
    projection = Projection().project(mixed)
    assert projection.documents() == Projection().project(known).documents()
    assert [failure.received for failure in projection.parking.parked] == unknown


def test_every_event_can_be_older_and_newer() -> None:
    """What the histories are made of is all that is published."""
    seen: set[str] = set()

    @given(histories(longest=40))
    def look(history: list[ReceivedEvent]) -> None:
        seen.update(
            model.wire_type
            for model in PUBLISHED_EVENTS
            for event in history
            if model.wire_type.encode() in event.body
        )

    look()
    assert seen == {model.wire_type for model in PUBLISHED_EVENTS}
