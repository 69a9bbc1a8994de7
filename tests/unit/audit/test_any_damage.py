"""A healthy system, damaged once at random: the audit names exactly that, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.audit.findings import Finding, Kind
from shared.application.audit.records import RecordedEvent
from shared.application.outbox.routing import DOMAIN_EVENTS, RESERVATIONS, sinks_of
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ViewDocument
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event
from tests.fakes.audited_cinema import AuditedCinema

pytestmark = pytest.mark.unit

SEATS = [("A", 1), ("A", 2), ("B", 3)]
Draw = Callable[[st.SearchStrategy[Any]], Any]
Named = set[tuple[Kind, str]]


@st.composite
def cinemas(draw: Draw) -> AuditedCinema:
    """Two showtimes of which a few seats were held, sold and freed; of some streams the outbox is emptied."""
    events: list[ReceivedEvent] = [movie_event(1), auditorium_event(1), movie_event(2)]
    for name in ("matinee", "night"):
        events += draw(bookings(name))
    cinema = AuditedCinema(events)
    for stream_id in sorted(cinema.write.records):
        if draw(st.booleans()):
            cinema.messages(stream_id).clear()
    return cinema


@st.composite
def bookings(draw: Draw, name: str) -> list[ReceivedEvent]:
    history = ShowtimeHistory(name=name)
    history.created(movie_version=draw(st.integers(1, 2)))
    holders: dict[tuple[str, int], tuple[str, str]] = {}
    for step in range(draw(st.integers(1, 9))):
        seat = draw(st.sampled_from(SEATS))
        customer, status = holders.get(seat, (f"{name}{step}", "free"))
        if status == "free":
            history.held(customer, seat)
            holders[seat] = (customer, "held")
        elif status == "held" and draw(st.booleans()):
            history.sold(customer, seat)
            holders[seat] = (customer, "sold")
        else:
            history.freed(customer, seat)
            del holders[seat]
    return history.events


@dataclass
class Damage:
    """Breaks one thing, chosen by hypothesis, and says by which findings that must be named."""

    cinema: AuditedCinema
    draw: Draw

    def an_event(self, *, of: str | None = None, kept: bool | None = None) -> RecordedEvent:
        """Of a sink, or one that the outbox keeps or does not keep any more."""
        records = self.cinema.reporting.records.values()
        events = [event for record in records for event in record.log.values()]
        chosen = [
            event
            for event in events
            if (of is None or of in sinks_of(event.type)) and kept in (None, self.is_kept(event))
        ]
        return self.draw(st.sampled_from(chosen))

    def is_kept(self, event: RecordedEvent) -> bool:
        return event.sequence in self.cinema.write.records[event.stream_id].messages

    def place_in_hub(self, sink: str) -> tuple[list[bytes], int, RecordedEvent]:
        event = self.an_event(of=sink)
        bodies = self.cinema.hubs[sink].partition_of(event.stream_id)
        return bodies, bodies.index(event.body.encode()), event

    def record_dropped(self, sink: str) -> tuple[Named, RecordedEvent]:
        bodies, place, event = self.place_in_hub(sink)
        del bodies[place]
        return {(Kind.MISSING, sink)}, event

    def record_repeated(self, sink: str) -> tuple[Named, RecordedEvent]:
        bodies, place, event = self.place_in_hub(sink)
        bodies.append(bodies[place])
        return set(), event

    def record_moved_back(self, sink: str) -> tuple[Named, RecordedEvent]:
        """It is out of order if another of its stream comes in between."""
        bodies, place, event = self.place_in_hub(sink)
        bodies.append(bodies.pop(place))
        overtaken = any(json.loads(body)["partitionkey"] == event.stream_id for body in bodies[place:-1])
        return ({(Kind.OUT_OF_ORDER, sink)} if overtaken else set()), event

    def record_changed(self, sink: str) -> tuple[Named, RecordedEvent]:
        bodies, place, event = self.place_in_hub(sink)
        bodies[place] = bodies[place].replace(b'"specversion"', b'"more":1,"specversion"')
        return {(Kind.DIFFERS, sink)}, event

    def record_on_another_partition(self, sink: str) -> tuple[Named, RecordedEvent]:
        bodies, place, event = self.place_in_hub(sink)
        others = [partition for partition in self.cinema.hubs[sink].partitions if partition is not bodies]
        self.draw(st.sampled_from(others)).append(bodies.pop(place))
        return {(Kind.MISPLACED, sink)}, event

    def log_row_dropped(self) -> tuple[Named, RecordedEvent]:
        event = self.an_event()
        del self.cinema.log(event.stream_id)[event.sequence]
        return {(Kind.MISSING, "event-log" if self.is_kept(event) else "outbox")}, event

    def log_row_changed(self) -> tuple[Named, RecordedEvent]:
        """Where the outbox has no more to say, the hubs that have the event contradict EventLog."""
        event = self.an_event()
        changed = event.body.replace('"specversion"', '"more":1,"specversion"')
        self.cinema.log(event.stream_id)[event.sequence] = replace(event, body=changed)
        if self.is_kept(event):
            return {(Kind.DIFFERS, "event-log")}, event
        return {(Kind.DIFFERS, sink) for sink in sinks_of(event.type) if sink in self.cinema.hubs}, event

    def fact_changed(self) -> tuple[Named, RecordedEvent]:
        event = self.an_event(of=RESERVATIONS)
        facts = self.cinema.facts(event.stream_id)
        subject = self.draw(st.sampled_from(sorted(facts)))
        column = self.draw(st.sampled_from(sorted(facts[subject].values)))
        facts[subject] = replace(facts[subject], values={**facts[subject].values, column: "altered"})
        return {(Kind.DIFFERS, "facts")}, event

    def fact_dropped(self) -> tuple[Named, RecordedEvent]:
        event = self.an_event(of=RESERVATIONS)
        facts = self.cinema.facts(event.stream_id)
        del facts[self.draw(st.sampled_from(sorted(facts)))]
        return {(Kind.MISSING, "facts")}, event

    def a_document(self) -> tuple[str, ViewDocument, RecordedEvent]:
        event = self.an_event()
        views = {"Movie": "movies", "Auditorium": "auditoriums", "Showtime": "showtimes"}
        view = views.get(event.aggregate_type, "reservations")
        return view, self.cinema.views.projection.store.views[view][event.aggregate_id], event

    def document_dropped(self) -> tuple[Named, RecordedEvent]:
        view, document, event = self.a_document()
        del self.cinema.views.projection.store.views[view][document.id]
        return {(Kind.MISSING, f"view:{view}")}, event

    def document_changed(self) -> tuple[Named, RecordedEvent]:
        view, document, event = self.a_document()
        field = {"movies": "title", "auditoriums": "name", "showtimes": "status"}.get(view, "customer_id")
        changed = document.model_copy(update={field: "altered"})
        self.cinema.views.projection.store.views[view][document.id] = changed
        return {(Kind.DIFFERS, f"view:{view}")}, event


DAMAGES: dict[str, Callable[[Damage], tuple[Named, RecordedEvent]]] = {
    **{
        f"{kind.__name__} {sink}": lambda damage, kind=kind, sink=sink: kind(damage, sink)
        for kind in (
            Damage.record_dropped,
            Damage.record_repeated,
            Damage.record_moved_back,
            Damage.record_changed,
            Damage.record_on_another_partition,
        )
        for sink in (DOMAIN_EVENTS, RESERVATIONS)
    },
    **{
        kind.__name__: kind
        for kind in (
            Damage.log_row_dropped,
            Damage.log_row_changed,
            Damage.fact_changed,
            Damage.fact_dropped,
            Damage.document_dropped,
            Damage.document_changed,
        )
    },
}


@given(cinema=cinemas())
def test_a_healthy_system_has_no_findings(cinema: AuditedCinema) -> None:
    assert cinema.audit().all_is_well


@pytest.mark.parametrize("name", DAMAGES)
@settings(max_examples=40)
@given(cinema=cinemas(), data=st.data())
def test_damage_is_named_and_nothing_else_is(cinema: AuditedCinema, data: st.DataObject, name: str) -> None:
    expected, event = DAMAGES[name](Damage(cinema, data.draw))
    found = cinema.audit().findings
    assert {(one.kind, one.station) for one in found} == expected
    assert {one.stream_id for one in found} <= {event.stream_id}
    assert len(found) == len(expected)
    assert all(names(one, event) for one in found)


def names(finding: Finding, event: RecordedEvent) -> bool:
    """By its sequence, where it is about an event and not about a document or a fact."""
    by_event = finding.station in {DOMAIN_EVENTS, RESERVATIONS, "event-log", "outbox"}
    return finding.kind is Kind.OUT_OF_ORDER or not by_event or [*finding.sequences] == [event.sequence]
