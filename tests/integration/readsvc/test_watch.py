"""WatchShowtime over gRPC, on a real Valkey and the MongoDB stand-in."""

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from shared.contracts.cache_entries import entry_key
from shared.contracts.documents import FIRST_GENERATION, SeatStatus
from tests.builders.view_documents import a_showtime
from tests.servers.booked_showtime import BookedShowtime
from tests.servers.read_service import ReadService, Views, eventually, read_service, refusal

pytestmark = pytest.mark.integration


@pytest.fixture
def booked(views: Views) -> BookedShowtime:
    return BookedShowtime(views)


@contextmanager
def watching(
    service: ReadService, showtime_id: str, **fields: Any
) -> Generator[Iterator[pb.WatchShowtimeResponse]]:
    call = service.watch(showtime_id, **fields)
    try:
        yield iter(call)
    finally:
        call.cancel()


def seats(message: pb.WatchShowtimeResponse) -> dict[str, str]:
    return {f"{seat.row}-{seat.number}": seat.status for seat in message.seats}


def test_the_whole_map_comes_first_and_then_each_change(service: ReadService, booked: BookedShowtime) -> None:
    booked.project("A-1", "Sold")
    with watching(service, booked.id) as stream:
        first = next(stream)
        assert seats(first) == {"A-1": "Sold", "A-2": "Free", "A-3": "Free", "B-1": "Free", "B-2": "Free"}
        assert (first.from_sequence, first.to_sequence, first.free_seats, first.total_seats) == (0, 2, 4, 5)
        history: list[tuple[str, SeatStatus, int]] = [
            ("B-2", "Held", 3),
            ("B-2", "Sold", 3),
            ("A-1", "Free", 4),
        ]
        for seat, status, free in history:
            booked.project(seat, status)
            message = next(stream)
            assert seats(message) == {seat: status}
            assert (message.from_sequence, message.to_sequence) == (
                booked.document.sequence - 1,
                booked.document.sequence,
            )
            assert message.free_seats == free


def test_one_who_comes_back_gets_what_has_changed_meanwhile(
    service: ReadService, booked: BookedShowtime
) -> None:
    with watching(service, booked.id) as stream:
        known = next(stream).to_sequence
    booked.project("A-1", "Held")
    booked.project("A-2", "Held")
    booked.project("A-1", "Free")
    with watching(service, booked.id, after_sequence=known, layout_version=1) as stream:
        message = next(stream)
    assert seats(message) == {"A-1": "Free", "A-2": "Held"}
    assert (message.from_sequence, message.to_sequence) == (1, 4)


def test_a_change_of_which_the_cache_never_heard_is_seen_by_polling(
    service: ReadService, views: Views, booked: BookedShowtime
) -> None:
    with watching(service, booked.id) as stream:
        next(stream)
        views.store(booked.change("A-3", "Sold"))
        assert seats(next(stream)) == {"A-3": "Sold"}


def test_an_older_document_that_the_cache_still_has_is_not_shown(
    service: ReadService, views: Views, booked: BookedShowtime
) -> None:
    old = booked.document
    booked.project("A-1", "Sold")
    with watching(service, booked.id) as stream:
        next(stream)
        views.redis.delete(entry_key("showtimes", booked.id, generation=FIRST_GENERATION))
        views.cache(old)
        booked.project("A-2", "Sold")
        message = next(stream)
    assert (seats(message), message.from_sequence) == ({"A-2": "Sold"}, 2)


def test_a_cancelled_and_a_moved_showtime_are_told_without_seats(
    service: ReadService, views: Views, booked: BookedShowtime
) -> None:
    with watching(service, booked.id) as stream:
        next(stream)
        views.project(booked.document.model_copy(update={"status": "Cancelled", "sequence": 2, "rev": 2}))
        message = next(stream)
    assert (message.status, seats(message), message.to_sequence) == ("Cancelled", {}, 2)


def test_a_watcher_who_leaves_leaves_nothing_behind(
    service: ReadService, views: Views, booked: BookedShowtime
) -> None:
    before = views.channels()
    with watching(service, booked.id) as stream:
        next(stream)
        eventually(lambda: views.channels() == before + 1)
    eventually(lambda: views.channels() == before)


@pytest.mark.parametrize(
    ("showtime_id", "fields", "code"),
    [
        ("x", {}, grpc.StatusCode.INVALID_ARGUMENT),
        ("b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4", {"after_sequence": -1}, grpc.StatusCode.INVALID_ARGUMENT),
        ("b3ad7be9-33ac-4d41-a4d6-5a7d4b1b39d4", {}, grpc.StatusCode.NOT_FOUND),
    ],
)
def test_what_can_not_be_watched_is_refused(
    service: ReadService, showtime_id: str, fields: dict[str, Any], code: grpc.StatusCode
) -> None:
    assert refusal(lambda: next(service.watch(showtime_id, **fields))) is code


def test_a_view_that_is_behind_the_watcher_is_waited_for_and_not_for_ever(
    service: ReadService, booked: BookedShowtime
) -> None:
    late = refusal(lambda: next(service.watch(booked.id, after_sequence=9)))
    assert late is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_full_process_takes_no_more_and_sends_all_away_when_it_leaves(
    mongo_url: str, redis_url: str, booked: BookedShowtime
) -> None:
    with read_service(
        mongo_url=mongo_url, redis_url=redis_url, MAX_WATCHERS=1, WATCH_HEARTBEAT_SECONDS=0.05
    ) as small:
        call = small.watch(booked.id)
        next(call)
        beat = next(call)
        assert (beat.from_sequence, beat.to_sequence, list(beat.seats)) == (1, 1, [])
        assert refusal(lambda: next(small.watch(booked.id))) is grpc.StatusCode.RESOURCE_EXHAUSTED
        small.process.send_signal(signal.SIGTERM)
        assert refusal(lambda: list(call)) is grpc.StatusCode.UNAVAILABLE
        assert small.process.wait(timeout=10) == 0


def test_an_outage_of_everything_amid_the_stream_is_ridden_out(
    service: ReadService, views: Views, booked: BookedShowtime
) -> None:
    """The document is away from MongoDB and from the cache for a while; nobody is told that it is gone."""
    with watching(service, booked.id) as stream:
        next(stream)
        views.drop(booked.document)
        views.redis.flushall()
        booked.project("B-1", "Sold")
        assert seats(next(stream)) == {"B-1": "Sold"}


def test_an_unknown_showtime_that_comes_is_found_by_the_next_watcher(
    service: ReadService, views: Views
) -> None:
    showtime = a_showtime(showtime_id=str(uuid4()))
    assert refusal(lambda: next(service.watch(showtime.id))) is grpc.StatusCode.NOT_FOUND
    views.project(showtime)
    with watching(service, showtime.id) as stream:
        assert next(stream).total_seats == 5
