"""One suite for every place where events are parked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import pytest

from shared.application.errors import NotFoundError
from shared.application.projections.failures import ProjectionFailures
from shared.application.projections.ports import FailureParking, ParkedEvent
from shared.application.projections.received_events import ReceivedEvent
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking
from tests.builders.published_events import NOON
from tests.contract.projections.view_database import ViewDatabase
from tests.fakes.view_store import FakeFailureParking

pytestmark = pytest.mark.contract


class Failures(FailureParking, ProjectionFailures, Protocol):
    """Both sides of the place."""


@pytest.fixture
def failures(view_database: ViewDatabase) -> Failures:
    return FakeFailureParking() if view_database is None else MongoFailureParking(view_database)


def poison(*bodies: bytes) -> list[ParkedEvent]:
    return [
        ParkedEvent(
            received=ReceivedEvent(body=body, partition="3", position=position, published=NOON),
            reason="unknown",
            parked=NOON,
        )
        for position, body in enumerate(bodies)
    ]


def bodies(failures: Failures, *, page: int = 10) -> list[bytes]:
    """What is parked, page by page."""
    found: list[bytes] = []
    after = ""
    while some := failures.list(after=after, limit=page):
        found += [failure.received.body for failure in some]
        after = some[-1].id
    return found


def test_a_parked_event_comes_back_as_it_was(failures: Failures) -> None:
    received = ReceivedEvent(body=b"\x00\xff\xfe", partition="3", position=7, published=None)
    failures.park([ParkedEvent(received=received, reason="no JSON", parked=NOON)])
    (failure,) = failures.list(limit=10)
    assert (failure.received, failure.reason, failure.parked) == (received, "no JSON", NOON)
    assert (failure.attempts, failure.tried) == (1, NOON)
    assert failures.get(failure.id) == failure


def test_parking_again_changes_nothing_and_parks_what_is_new(failures: Failures) -> None:
    failures.park(poison(b"a"))
    before = failures.list(limit=10)
    later: Sequence[ParkedEvent] = [
        ParkedEvent(received=event.received, reason="other", parked=NOON + timedelta(days=1))
        for event in poison(b"a")
    ]
    failures.park([*later, *later, *poison(b"b")])
    assert set(before) < set(failures.list(limit=10))
    assert sorted(bodies(failures)) == [b"a", b"b"]


def test_pages_have_everything_once(failures: Failures) -> None:
    parked = [b"%d" % number for number in range(7)]
    failures.park(poison(*parked))
    assert sorted(bodies(failures, page=3)) == parked


def test_another_attempt_is_noted_by_who_comes_first(failures: Failures) -> None:
    failures.park(poison(b"a"))
    (read,) = failures.list(limit=10)
    failures.failed_again(read, reason="still unknown", at=NOON + timedelta(hours=1))
    failures.failed_again(read, reason="late", at=NOON + timedelta(hours=2))
    (failure,) = failures.list(limit=10)
    assert (failure.attempts, failure.reason, failure.tried) == (
        2,
        "still unknown",
        NOON + timedelta(hours=1),
    )
    assert failure.received == read.received


def test_what_is_removed_is_gone_and_nothing_else(failures: Failures) -> None:
    failures.park(poison(b"a", b"b"))
    first, second = failures.list(limit=10)
    failures.remove([first.id, "unknown"])
    assert failures.list(limit=10) == [second]
    with pytest.raises(NotFoundError):
        failures.get(first.id)
    failures.failed_again(first, reason="late", at=NOON)
    assert failures.list(limit=10) == [second], "an attempt does not bring back what was removed"
