"""What the projector's batches tell."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.trace import StatusCode

from shared.application.projections.received_events import ReceivedEvent
from shared.infrastructure.telemetry.observed_projection import ObservedProjection, Project
from shared.telemetry.traceparent import TraceParent
from tests.builders.published_events import movie_event
from tests.unit.telemetry.conftest import Kept

pytestmark = pytest.mark.unit

PLACE = TraceParent(0xA1, 0xB1, 1)


def event(traceparent: str | None, *, version: int = 1) -> ReceivedEvent:
    received = movie_event(version)
    envelope = json.loads(received.body) | ({"traceparent": traceparent} if traceparent else {})
    return replace(received, body=json.dumps(envelope).encode())


def take(_batch: Sequence[ReceivedEvent]) -> None:
    pass


def observed(kept: Kept, project: Project = take) -> ObservedProjection:
    return ObservedProjection(
        project,
        telemetry=kept.telemetry,
        source="cinema.domain.events",
        system="eventhubs",
        operation="process",
    )


def test_an_event_has_a_span_in_the_trace_of_its_command(kept: Kept) -> None:
    observed(kept)([event(str(PLACE)), event(None, version=2)])
    (span,) = kept.in_trace(PLACE.trace_id)
    assert span.parent is not None
    assert span.parent.span_id == PLACE.span_id
    assert dict(span.attributes or {})["cinema.event.sequence"] == 1
    assert len(kept.spans) == 2


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b'{"traceparent": 5}', b'{"traceparent": "no"}'])
def test_an_event_that_can_not_be_read_is_left_to_the_projector(kept: Kept, body: bytes) -> None:
    seen: list[ReceivedEvent] = []
    unreadable = replace(event(None), body=body)
    observed(kept, seen.extend)([unreadable])
    assert seen == [unreadable]
    assert len(kept.spans) == 1


def test_a_batch_that_fails_is_told_as_one(kept: Kept) -> None:
    def fail(_batch: Sequence[ReceivedEvent]) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        observed(kept, fail)([event(str(PLACE))])
    (batch,) = kept.spans
    assert batch.status.status_code is StatusCode.ERROR
    assert [link.context.trace_id for link in batch.links] == [PLACE.trace_id]
    assert kept.value("cinema.projector.failures", type="ConnectionError") == 1


@pytest.mark.parametrize("zone", [UTC, None])
def test_lag_is_counted_from_the_publication(kept: Kept, zone: object) -> None:
    published = datetime.now(UTC) - timedelta(seconds=90)
    told = published if zone else published.replace(tzinfo=None)
    observed(kept)([replace(event(None), published=told)])
    lag = kept.value("cinema.projector.lag")
    assert lag is not None
    assert 90 <= lag < 150
