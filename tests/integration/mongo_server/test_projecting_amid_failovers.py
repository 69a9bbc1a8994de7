"""A projector whose replica set loses answers, steps down and shuts down ends with what it would have without: each event once."""

from itertools import cycle

import pytest

from shared.application.projections.ports import ViewStoreUnavailableError
from shared.application.projections.project_events import ProjectEvents
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
)
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event
from tests.fakes.view_store import FakeFailureParking, FakeViewCache
from tests.servers.replica_set import NOT_PRIMARY, SHUTTING_DOWN, Fault, ReplicaSet
from tests.unit.projections.projection import NoonClock, Projection

pytestmark = pytest.mark.integration

VIEWS = (MovieDocument, AuditoriumDocument, ShowtimeDocument, ReservationDocument)
FAULTS: list[tuple[str, Fault]] = [
    ("update", "lose the answer"),
    ("insert", "lose the answer"),
    ("update", NOT_PRIMARY),
    ("find", "lose the answer"),
    ("insert", SHUTTING_DOWN),
    ("find", NOT_PRIMARY),
]


def a_history() -> list[ReceivedEvent]:
    history = ShowtimeHistory()
    history.created()
    history.held("c", ("A", 1), ("A", 2))
    history.held("d", ("A", 3))
    history.sold("c", ("A", 1), ("A", 2))
    history.freed("d", ("A", 3))
    history.rescheduled(days=1)
    history.held("e", ("A", 3))
    return [movie_event(1), auditorium_event(1), *history.events, movie_event(2)]


def project(projector: ProjectEvents, event: ReceivedEvent) -> None:
    """As the hub does: the event comes again until it is taken. The driver alone may not be able to hide two faults in a row."""
    for _ in range(4):
        try:
            projector([event])
        except ViewStoreUnavailableError:
            continue
        return
    pytest.fail("the outages have no end")


def test_every_event_counts_once_whatever_befalls_the_replica_set(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    parking = FakeFailureParking()
    projector = ProjectEvents(store=store, cache=FakeViewCache(), parking=parking, clock=NoonClock())
    events = a_history()
    for event, (command, fault) in zip(events, cycle(FAULTS), strict=False):
        members.primary.fail(command, fault)
        project(projector, event)
    expected = Projection().project(*([event] for event in events))
    for model in VIEWS:
        wanted: dict[str, ViewDocument] = expected.store.views[model.view]
        assert store.load(model, list(wanted)) == wanted
    assert parking.parked == []
    assert members.primary.undone() == 0
