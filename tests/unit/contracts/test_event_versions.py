"""A worked example: version 2 of an event beside version 1. docs/events/versioning.md tells the same in words."""

import json
import shutil
from pathlib import Path
from typing import Literal

import pytest

from shared.application.projections.received_events import ReceivedEvent, parse_event
from shared.contracts.envelope import MalformedEventError
from shared.contracts.events import (
    EVENT_BY_WIRE_TYPE,
    PUBLISHED_EVENTS,
    ReservationCreated,
    ReservationState,
)
from shared.contracts.generate import APPROVED, FOLDER, generate
from shared.contracts.upcasting import UPCASTS
from tests.builders.published_events import ShowtimeHistory, received
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit


class ReservationCreatedV2(ReservationState):
    """Seats are held for a customer until `expires_at`, and it is known where they were asked for."""

    wire_type = "cinema.reservation.created.v2"

    sold_by: Literal["web", "box-office"]


def as_version_2(created: ReservationCreated) -> ReservationCreatedV2:
    """While there was version 1, seats were sold on the web alone."""
    return ReservationCreatedV2(**created.model_dump(), sold_by="web")


@pytest.fixture
def version_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the change that adds version 2 registers."""
    monkeypatch.setitem(EVENT_BY_WIRE_TYPE, ReservationCreatedV2.wire_type, ReservationCreatedV2)
    monkeypatch.setitem(UPCASTS, ReservationCreated, as_version_2)


def history(*, first: int) -> list[ReceivedEvent]:
    """A showtime, a reservation, its confirmation and another reservation; created in version 1 or 2."""
    showtime = ShowtimeHistory()
    showtime.created()
    events = [
        showtime.held("anna", ("A", 1)),
        showtime.sold("anna", ("A", 1)),
        showtime.held("ben", ("B", 1)),
    ]
    if first == 2:
        events = [in_version_2(event) for event in events]
    return [showtime.events[0], *events]


def in_version_2(event: ReceivedEvent) -> ReceivedEvent:
    parsed = parse_event(event)
    if not isinstance(parsed.data, ReservationCreated):
        return event
    envelope = parsed.envelope
    data = as_version_2(parsed.data)
    return received(
        data, stream=envelope.stream_id, sequence=envelope.sequence, subject=str(data.reservation_id)
    )


OLD, NEW = history(first=1), history(first=2)


@pytest.mark.usefixtures("version_2")
def test_an_old_event_reads_as_the_new_version() -> None:
    data = parse_event(OLD[1]).data
    assert isinstance(data, ReservationCreatedV2)
    assert data.sold_by == "web"


@pytest.mark.usefixtures("version_2")
def test_a_new_event_reads_as_it_is() -> None:
    assert parse_event(NEW[1]).data == as_version_2(ReservationCreated.model_validate(data_of(OLD[1])))


@pytest.mark.usefixtures("version_2")
def test_a_malformed_old_event_is_told_before_it_is_upcast() -> None:
    envelope = json.loads(OLD[1].body)
    del envelope["data"]["seats"]
    broken = ReceivedEvent(
        body=json.dumps(envelope).encode(), partition="0", position=1, published=OLD[1].published
    )
    with pytest.raises(MalformedEventError):
        parse_event(broken)


@pytest.mark.usefixtures("version_2")
@pytest.mark.parametrize("events", [OLD, NEW, [*OLD[:2], *NEW[2:]], [*OLD, *NEW]])
def test_the_projector_understands_both_versions_in_one_stream(events: list[ReceivedEvent]) -> None:
    projection = Projection().project(events)
    assert projection.parking.parked == []
    assert projection.documents() == Projection().project(OLD).documents()


def test_a_projector_that_does_not_know_version_2_parks_it_and_goes_on() -> None:
    projection = Projection().project(NEW)
    parked = [json.loads(event.received.body)["sequence"] for event in projection.parking.parked]
    assert parked == [2, 4]
    showtime = projection.showtime(ShowtimeHistory().showtime_id)
    assert (showtime.sequence, showtime.ahead) == (1, (3,))


def test_what_was_parked_is_made_up_for_once_version_2_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    projection = Projection().project(NEW)
    monkeypatch.setitem(EVENT_BY_WIRE_TYPE, ReservationCreatedV2.wire_type, ReservationCreatedV2)
    projection.project([event.received for event in projection.parking.parked])
    assert projection.documents() == Projection().project(OLD).documents()


def test_version_2_gets_a_schema_beside_version_1(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "events"))
    before = json.loads((folder / APPROVED).read_text())
    generate(folder, events=(*PUBLISHED_EVENTS, ReservationCreatedV2))
    schema = json.loads((folder / "schemas/events/cinema.reservation.created.v2.json").read_text())
    assert schema["properties"]["soldBy"] == {"enum": ["web", "box-office"], "type": "string"}
    approved = json.loads((folder / APPROVED).read_text())
    assert approved.items() > before.items()
    channels = json.loads((folder / "asyncapi.json").read_text())["channels"]
    assert ReservationCreatedV2.wire_type in channels["domainEvents"]["messages"]


def data_of(event: ReceivedEvent) -> object:
    return json.loads(event.body)["data"]
