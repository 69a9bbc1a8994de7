"""A projector's life, in any order of its parts: events, releases, outages, replays, and gaps that are filled."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.application.projections.failures import ReplayFailures
from shared.application.projections.gaps import FillGaps, GapLimits
from shared.application.projections.ports import FailureParking
from shared.application.projections.project_events import ProjectEvents
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.events import EVENT_BY_WIRE_TYPE, PUBLISHED_EVENTS
from tests.builders.published_events import NOON
from tests.fakes.clock import FakeClock
from tests.fakes.event_archive import FakeEventArchive
from tests.fakes.view_store import FakeGapReader
from tests.unit.projections.cinema_histories import Cinema, Seat, actions, facts_in, truth_of
from tests.unit.projections.interrupted_stores import Faults, project_with_retries
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit

CHOICES = st.lists(st.integers(0, 1_000), min_size=1, max_size=8)
OUTAGES = st.sets(st.integers(0, 30), max_size=4)


class ProjectorMachine(RuleBasedStateMachine):
    """Some events travel in a version that the projector learns to read only when it is released anew."""

    def __init__(self) -> None:
        super().__init__()
        self.cinema = Cinema()
        self.projection = Projection()
        self.archive = FakeEventArchive()
        self.given: set[ReceivedEvent] = set()
        """What was projected, as it happened: neither lost nor parked."""
        self.newer: dict[ReceivedEvent, ReceivedEvent] = {}
        """By the event in its newer version the same one as it happened."""
        self.waiting: set[ReceivedEvent] = set()
        """What must be parked."""
        self.is_released = False

    def teardown(self) -> None:
        try:
            if self.cinema.published:
                self._end_well()
        finally:
            for model in PUBLISHED_EVENTS:
                EVENT_BY_WIRE_TYPE.pop(_newer_type(model.wire_type), None)

    def _end_well(self) -> None:
        """Everything is released, archived and replayed, the last event of each stream comes, and gaps are filled."""
        self.release()
        self.archive.keep(*self.cinema.published)
        self.replay()
        self._project(self._last_of_each_stream(), outages=())
        self.fill_gaps()
        assert facts_in(self.projection.store.views) == truth_of(self.cinema.published)
        assert self.projection.parking.parked == []

    @rule(action=actions())
    def happen(self, action: tuple[str, int, Seat]) -> None:
        self.cinema.act(*action)

    @precondition(lambda self: self.cinema.published)
    @rule(choices=CHOICES, outages=OUTAGES)
    def deliver(self, choices: list[int], outages: set[int]) -> None:
        self._project(self._chosen(choices), outages=outages)

    @precondition(lambda self: self.cinema.published)
    @rule(choices=CHOICES, outages=OUTAGES)
    def deliver_in_a_newer_version(self, choices: list[int], outages: set[int]) -> None:
        events = [_newer(event) for event in self._chosen(choices)]
        self.newer |= dict(zip(events, self._chosen(choices), strict=True))
        project_with_retries(self.projection, [events], interrupt=Faults(outages))
        if self.is_released:
            self.given.update(self._chosen(choices))
        else:
            self.waiting.update(events)

    @rule()
    def release(self) -> None:
        for model in PUBLISHED_EVENTS:
            EVENT_BY_WIRE_TYPE[_newer_type(model.wire_type)] = model
        self.is_released = True

    @rule()
    def replay(self) -> None:
        def projector(parking: FailureParking) -> ProjectEvents:
            return ProjectEvents(
                store=self.projection.store,
                cache=self.projection.cache,
                parking=parking,
                clock=self.projection.clock,
            )

        parked = self.projection.parking.list(limit=1_000)
        replay = ReplayFailures(
            failures=self.projection.parking, projector_parking_in=projector, clock=FakeClock(NOON)
        )
        left = replay(parked)
        assert len(left) == (0 if self.is_released else len(parked))
        if self.is_released:
            self.given.update(self.newer[event] for event in self.waiting)
            self.waiting.clear()

    @precondition(lambda self: self.cinema.published)
    @rule(choices=CHOICES)
    def archive_some(self, choices: list[int]) -> None:
        self.archive.keep(*self._chosen(choices))

    @rule()
    def fill_gaps(self) -> None:
        fill = FillGaps(
            gaps=FakeGapReader(self.projection.store),
            archive=self.archive,
            project=self.projection.project,
            clock=FakeClock(NOON + timedelta(minutes=1)),
            monotonic=lambda: 0.0,
            limits=GapLimits(patience_seconds=1.0, showtime_events=100, budget_seconds=1.0, page_showtimes=1),
        )
        gaps = self._missing()
        fill()
        self.given.update(event for event in gaps if self.archive.has(event))

    @invariant()
    def documents_have_just_what_they_were_given(self) -> None:
        for document in self.projection.showtimes():
            mine = {event.position for event in self.given if _is_of(event, document.id)}
            assert {*range(1, document.sequence + 1), *document.ahead} == mine
            assert (document.gap_since is not None) == bool(document.ahead)

    @invariant()
    def what_could_not_be_projected_is_parked(self) -> None:
        assert {event.received for event in self.projection.parking.parked} == self.waiting

    def _project(self, events: Sequence[ReceivedEvent], *, outages: Any) -> None:
        project_with_retries(self.projection, [events], interrupt=Faults(outages))
        self.given.update(events)

    def _chosen(self, choices: list[int]) -> list[ReceivedEvent]:
        return [self.cinema.published[choice % len(self.cinema.published)] for choice in choices]

    def _missing(self) -> list[ReceivedEvent]:
        """The events that a later one of its showtime was projected without."""
        return [
            event
            for document in self.projection.showtimes()
            for event in self.cinema.published
            if _is_of(event, document.id)
            and not document.reached(event.position)
            and event.position < max(document.ahead, default=0)
        ]

    def _last_of_each_stream(self) -> list[ReceivedEvent]:
        last = {json.loads(event.body)["partitionkey"]: event for event in self.cinema.published}
        return list(last.values())


def _is_of(event: ReceivedEvent, showtime_id: str) -> bool:
    return f'"partitionkey":"showtime:{showtime_id}"'.encode() in event.body


def _newer_type(wire_type: str) -> str:
    return wire_type.replace(".v1", ".v9")


def _newer(event: ReceivedEvent) -> ReceivedEvent:
    body = event.body.replace(b'.v1"', b'.v9"')
    return ReceivedEvent(
        body=body, partition=event.partition, position=event.position, published=event.published
    )


TestProjectorMachine = ProjectorMachine.TestCase
TestProjectorMachine.settings = settings(stateful_step_count=30)
