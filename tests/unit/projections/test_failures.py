"""Parked events: what a replay does with them, however often and whatever fails."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from shared.application.errors import NotFoundError
from shared.application.projections.failures import ReplayFailures
from shared.application.projections.ports import FailureParking, ViewStoreUnavailableError
from shared.application.projections.project_events import ProjectEvents
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts import events as published
from shared.contracts.documents import ViewDocument
from tests.builders.published_events import NOON, ShowtimeHistory
from tests.fakes.clock import FakeClock
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit

LATER = FakeClock(NOON + timedelta(hours=1))
NEWER = "cinema.reservation.created.v9"


def a_replay(projection: Projection) -> ReplayFailures:
    def projector(parking: FailureParking) -> ProjectEvents:
        return ProjectEvents(
            store=projection.store, cache=projection.cache, parking=parking, clock=projection.clock
        )

    return ReplayFailures(failures=projection.parking, projector_parking_in=projector, clock=LATER)


def of_a_newer_version(event: ReceivedEvent) -> ReceivedEvent:
    body = event.body.replace(b"cinema.reservation.created.v1", NEWER.encode())
    return ReceivedEvent(
        body=body, partition=event.partition, position=event.position, published=event.published
    )


@pytest.fixture
def history() -> ShowtimeHistory:
    history = ShowtimeHistory()
    history.created()
    history.held("c1", ("A", 1))
    history.held("c2", ("A", 2))
    return history


@pytest.fixture
def projection(history: ShowtimeHistory) -> Projection:
    """A projector that did not know the second event's version."""
    created, second, third = history.events
    return Projection().project([created, of_a_newer_version(second), third])


@pytest.fixture
def newer_release(projection: Projection, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, after the event was parked, its version is known."""
    del projection
    known = {**published.EVENT_BY_WIRE_TYPE, NEWER: published.ReservationCreated}
    monkeypatch.setattr("shared.contracts.event_data.EVENT_BY_WIRE_TYPE", known)


@pytest.mark.usefixtures("newer_release")
def test_what_a_newer_release_understands_is_projected_and_forgotten(
    projection: Projection, history: ShowtimeHistory
) -> None:
    (failure,) = projection.parking.list(limit=10)
    assert a_replay(projection)([failure]) == []
    assert projection.parking.list(limit=10) == []
    assert projection.documents() == Projection().project(history.events).documents()


def test_what_fails_again_stays_with_another_attempt_on_its_account(projection: Projection) -> None:
    replay = a_replay(projection)
    for _ in range(2):
        assert [left.id for left in replay(projection.parking.list(limit=10))]
    (left,) = projection.parking.list(limit=10)
    assert (left.attempts, left.parked, left.tried) == (3, NOON, LATER.now())
    assert NEWER in left.reason


@pytest.mark.usefixtures("newer_release")
def test_of_several_only_those_that_fail_again_stay(projection: Projection) -> None:
    hopeless = ReceivedEvent(body=b"\xff", partition="0", position=2, published=None)
    projection.project([hopeless])
    chosen = projection.parking.list(limit=10)
    assert [left.received for left in a_replay(projection)(chosen)] == [hopeless]
    assert [left.received for left in projection.parking.list(limit=10)] == [hopeless]


@pytest.mark.usefixtures("newer_release")
def test_an_outage_forgets_nothing(projection: Projection) -> None:
    chosen, save = projection.parking.list(limit=10), projection.store.save

    def fail(documents: Sequence[ViewDocument]) -> set[str]:
        del documents
        raise ViewStoreUnavailableError("gone")

    projection.store.save = fail
    with pytest.raises(ViewStoreUnavailableError):
        a_replay(projection)(chosen)
    assert projection.parking.list(limit=10) == chosen
    projection.store.save = save
    assert a_replay(projection)(chosen) == []


@pytest.mark.usefixtures("newer_release")
def test_to_replay_what_somebody_else_has_replayed_changes_nothing(projection: Projection) -> None:
    chosen = projection.parking.list(limit=10)
    a_replay(projection)(chosen)
    before = projection.store.views["showtimes"].copy()
    assert a_replay(projection)(chosen) == []
    assert projection.store.views["showtimes"] == before


def test_a_failure_says_of_which_event_it_is_if_that_can_be_told(projection: Projection) -> None:
    projection.project([ReceivedEvent(body=b"popcorn", partition="0", position=9, published=None)])
    told = {failure.envelope and failure.envelope.type for failure in projection.parking.list(limit=10)}
    assert told == {NEWER, None}


def test_an_event_is_parked_once_wherever_it_comes_from(projection: Projection) -> None:
    (failure,) = projection.parking.list(limit=10)
    again = ReceivedEvent(body=failure.received.body, partition="7", position=70, published=None)
    projection.project([again])
    assert projection.parking.list(limit=10) == [failure]


def test_two_events_at_one_place_are_two(projection: Projection) -> None:
    """A hub that was replaced counts its places anew."""
    first, second = (
        ReceivedEvent(body=body, partition="0", position=0, published=None) for body in (b"1", b"2")
    )
    projection.project([first, second])
    assert {failure.received for failure in projection.parking.list(limit=10)} >= {first, second}


def test_a_failure_that_is_gone_is_not_found(projection: Projection) -> None:
    (failure,) = projection.parking.list(limit=10)
    projection.parking.remove([failure.id])
    with pytest.raises(NotFoundError):
        projection.parking.get(failure.id)
