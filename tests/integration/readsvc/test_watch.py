"""WatchShowtime over gRPC, on a real Valkey and the MongoDB stand-in."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import grpc
import pytest

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from shared.contracts.documents import SeatClaim, ShowtimeDocument
from tests.builders.view_documents import a_showtime
from tests.servers.read_service import ReadService, Views, eventually, read_service, refusal

pytestmark = pytest.mark.integration


@contextmanager
def watching(service: ReadService, showtime_id: str, *, timeout: float = 30, **known: int) -> Generator[Any]:
    """The stream of a showtime, cancelled at the end."""
    stub: Any = cast(Any, pb_grpc).CinemaQueryStub(service.channel)
    request = pb.WatchShowtimeRequest(showtime_id=showtime_id, **known)
    stream = stub.WatchShowtime(request, timeout=timeout)
    try:
        yield stream
    finally:
        stream.cancel()


def listened_to(views: Views, showtime: ShowtimeDocument) -> bool:
    return any(showtime.id.encode() in channel for channel in views.redis.pubsub_channels())


def sold(showtime: ShowtimeDocument, seat: str, *, sequence: int) -> ShowtimeDocument:
    claim = SeatClaim(status="Sold", reservation_id=None, seq=sequence)
    changed = {"sequence": sequence, "rev": sequence, "claims": {**showtime.claims, seat: claim}}
    return showtime.model_copy(update=changed)


def test_first_the_map_then_each_difference(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with watching(service, showtime.id) as stream:
        first = next(stream)
        assert (first.from_sequence, first.to_sequence, len(first.seats)) == (0, 1, 5)
        views.project(sold(showtime, "A-2", sequence=2))
        second = next(stream)
    assert (second.from_sequence, second.to_sequence, second.free_seats) == (1, 2, 4)
    assert [(seat.row, seat.number, seat.status) for seat in second.seats] == [("A", 2, "Sold")]


def test_a_write_that_the_cache_has_missed_is_told_all_the_same(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with watching(service, showtime.id) as stream:
        next(stream)
        views.store(sold(showtime, "A-2", sequence=2))
        assert next(stream).to_sequence == 2


def test_a_cancelled_showtime_is_told_and_watched_on(service: ReadService, views: Views) -> None:
    showtime = a_showtime(claims={"A-1": "Sold"}, sequence=2)
    views.project(showtime)
    with watching(service, showtime.id, after_sequence=2, layout_version=1) as stream:
        assert next(stream).status == "Scheduled"
        views.project(showtime.model_copy(update={"status": "Cancelled", "sequence": 3, "rev": 3}))
        told = next(stream)
        assert (told.status, told.to_sequence, len(told.seats)) == ("Cancelled", 3, 0)
        freed = SeatClaim(status="Free", reservation_id=None, seq=4)
        views.project(
            showtime.model_copy(
                update={"status": "Cancelled", "sequence": 4, "rev": 4, "claims": {"A-1": freed}}
            )
        )
        assert next(stream).free_seats == 5


def test_who_hangs_up_or_runs_out_of_time_is_forgotten(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with watching(service, showtime.id) as stream:
        next(stream)
        eventually(lambda: listened_to(views, showtime))
    eventually(lambda: not listened_to(views, showtime))
    with watching(service, showtime.id, timeout=0.5) as stream:
        assert refusal(lambda: list(stream)) is grpc.StatusCode.DEADLINE_EXCEEDED
    eventually(lambda: not listened_to(views, showtime))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"showtime_id": "x"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"after_sequence": -1}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"layout_version": -1}, grpc.StatusCode.INVALID_ARGUMENT),
        ({}, grpc.StatusCode.NOT_FOUND),
    ],
)
def test_a_watch_that_can_not_be_is_refused(
    service: ReadService, fields: dict[str, Any], code: grpc.StatusCode
) -> None:
    known: dict[str, Any] = {"showtime_id": a_showtime().id, **fields}
    with watching(service, **known) as stream:
        assert refusal(lambda: next(stream)) is code


def test_who_is_ahead_of_the_view_is_not_led_back(service: ReadService, views: Views) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with watching(service, showtime.id, after_sequence=9) as stream:
        assert refusal(lambda: next(stream)) is grpc.StatusCode.DEADLINE_EXCEEDED


def test_watchers_of_a_process_that_leaves_are_sent_elsewhere_and_do_not_hold_it_up(
    mongo_url: str, redis_url: str, views: Views
) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, MAX_WATCHERS=1, DRAIN_SECONDS=60) as leaving,
        watching(leaving, showtime.id) as stream,
    ):
        next(stream)
        with watching(leaving, showtime.id) as refused:
            assert refusal(lambda: next(refused)) is grpc.StatusCode.RESOURCE_EXHAUSTED
        leaving.process.terminate()
        assert refusal(lambda: next(stream)) is grpc.StatusCode.UNAVAILABLE
        assert leaving.process.wait(timeout=10) == 0
