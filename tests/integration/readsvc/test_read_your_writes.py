"""`min_sequence`: an answer that has reached it, or none."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import grpc
import pytest

from tests.builders.view_documents import a_reservation, a_showtime
from tests.servers.read_service import ReadService, Views, eventually, refusal

pytestmark = pytest.mark.integration


def deadline_exceeded(call: Callable[[], object]) -> bool:
    return refusal(call) is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_sequence_that_does_not_come_is_never_answered_with_a_stale_document(
    service: ReadService, views: Views
) -> None:
    showtime = a_showtime(sequence=3)
    reservation = a_reservation(showtime_id=showtime.id, sequence=2)
    views.project(reservation, showtime)
    assert deadline_exceeded(lambda: service.get_showtime(showtime.id, min_sequence=4))
    assert deadline_exceeded(lambda: service.get_reservation(reservation.id, min_sequence=4))
    assert deadline_exceeded(lambda: service.get_showtime(str(uuid4()), min_sequence=1))


def test_a_sequence_beyond_a_gap_counts_as_reached(service: ReadService, views: Views) -> None:
    showtime = a_showtime(sequence=3, ahead=(7,))
    views.project(showtime)
    assert service.get_showtime(showtime.id, min_sequence=7).sequence == 3
    assert deadline_exceeded(lambda: service.get_showtime(showtime.id, min_sequence=6))


def test_a_stale_entry_in_the_cache_does_not_hide_the_stored_document(
    service: ReadService, views: Views
) -> None:
    old = a_showtime(sequence=1)
    views.project(old)
    views.store(old.model_copy(update={"sequence": 2, "rev": 2}))
    assert service.get_showtime(old.id).sequence == 1
    assert service.get_showtime(old.id, min_sequence=2).sequence == 2


def test_who_waits_is_answered_when_the_document_comes(service: ReadService, views: Views) -> None:
    showtime = a_showtime(sequence=2)
    reservation = a_reservation(showtime_id=showtime.id, sequence=2)
    before = views.channels()
    with ThreadPoolExecutor() as clients:
        waiting = clients.submit(service.get_reservation, reservation.id, min_sequence=2)
        eventually(lambda: views.channels() > before)
        views.project(reservation, showtime)
        assert waiting.result().sequence == 2
    eventually(lambda: views.channels() == before)


def test_a_reservation_is_read_again_once_its_showtime_has_reached_the_sequence(
    service: ReadService, views: Views
) -> None:
    """The cached reservation is older than the cached showtime: the cache lost a write."""
    showtime = a_showtime(sequence=5)
    pending = a_reservation(showtime_id=showtime.id, sequence=2)
    views.project(pending, showtime)
    views.store(pending.model_copy(update={"status": "Confirmed", "sequence": 4, "rev": 2}))
    assert service.get_reservation(pending.id, min_sequence=5).status == "Confirmed"


def test_a_callers_own_deadline_ends_the_wait(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    assert deadline_exceeded(lambda: service.get_showtime(showtime.id, min_sequence=9, timeout=0.2))
