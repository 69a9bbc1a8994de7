"""Watching a showtime: differences become maps, and a disconnection is bridged."""

from contextlib import aclosing
from datetime import UTC, datetime

import grpc
import pytest

from cinema_client import CinemaClient, NotFoundError, SeatMap, SeatPlace, UnavailableError
from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from tests.servers.scripted_read_service import serving

pytestmark = pytest.mark.integration

SHOWTIME = "a showtime"
START = datetime(2099, 12, 1, 19, 30, tzinfo=UTC)


def told(
    since: int, until: int, /, *, layout: int = 1, free: int = 0, **seats: str
) -> pb.WatchShowtimeResponse:
    """A message of a watch; its seats are given as `A1="Free"`."""
    message = pb.WatchShowtimeResponse(
        from_sequence=since, to_sequence=until, free_seats=free, total_seats=2, layout_version=layout
    )
    message.screening_time.FromDatetime(START)
    message.seats.extend(
        pb.Seat(row=place[0], number=int(place[1:]), status=status) for place, status in seats.items()
    )
    return message


WHOLE = told(0, 1, free=2, A1="Free", A2="Free")
HELD = told(1, 2, free=1, A2="Held")
SOLD = told(2, 3, free=1, A2="Sold")
CUT = grpc.StatusCode.UNAVAILABLE


def statuses(seat_map: SeatMap) -> dict[str, str]:
    return {f"{row}{number}": status for (row, number), status in seat_map.seats.items()}


async def maps(cinema: CinemaClient, *, number: int, after: SeatMap | None = None) -> list[SeatMap]:
    """The first maps of a watch, which is then left."""
    seen: list[SeatMap] = []
    async with aclosing(cinema.watch(SHOWTIME, after=after)) as watch:
        async for seat_map in watch:
            seen.append(seat_map)
            if len(seen) == number:
                break
    return seen


async def test_each_difference_gives_the_whole_map_anew() -> None:
    async with serving(streams=[[WHOLE, HELD]]) as (_, target), CinemaClient(target) as cinema:
        first, second = await maps(cinema, number=2)
    assert statuses(first) == {"A1": "Free", "A2": "Free"}
    assert statuses(second) == {"A1": "Free", "A2": "Held"}
    assert (second.free_seats, second.total_seats, second.sequence) == (1, 2, 2)
    assert second.seats[SeatPlace("A", 2)] == "Held"
    assert second.screening_time == START


async def test_it_goes_on_from_where_it_was_cut() -> None:
    streams = [[WHOLE, HELD, CUT], [CUT], [SOLD]]
    async with serving(streams=streams) as (service, target), CinemaClient(target) as cinema:
        *_, last = await maps(cinema, number=3)
        asked = [(watch.after_sequence, watch.layout_version) for watch in service.watched]
    assert statuses(last) == {"A1": "Free", "A2": "Sold"}
    assert asked == [(0, 0), (2, 1), (2, 1)]


async def test_it_goes_on_from_a_map_that_somebody_kept() -> None:
    streams = [[WHOLE, HELD], [SOLD]]
    async with serving(streams=streams) as (_, target), CinemaClient(target) as cinema:
        *_, kept = await maps(cinema, number=2)
        [seen] = await maps(cinema, number=1, after=kept)
    assert statuses(seen) == {"A1": "Free", "A2": "Sold"}


async def test_a_sign_of_life_is_no_news() -> None:
    streams = [[WHOLE, told(1, 1, free=2), HELD]]
    async with serving(streams=streams) as (_, target), CinemaClient(target) as cinema:
        first, second = await maps(cinema, number=2)
    assert (first.sequence, second.sequence) == (1, 2)


async def test_another_layout_replaces_the_map() -> None:
    rebuilt = told(0, 4, layout=2, free=1, B1="Free")
    async with serving(streams=[[WHOLE, rebuilt]]) as (_, target), CinemaClient(target) as cinema:
        *_, last = await maps(cinema, number=2)
    assert statuses(last) == {"B1": "Free"}


@pytest.mark.parametrize("message", [SOLD, told(1, 2, layout=2, A2="Held")], ids=["a gap", "another layout"])
async def test_what_does_not_fit_the_map_makes_it_begin_anew(message: pb.WatchShowtimeResponse) -> None:
    whole = told(0, 3, layout=2, free=1, A1="Free", A2="Sold")
    streams = [[WHOLE, message], [whole]]
    async with serving(streams=streams) as (service, target), CinemaClient(target) as cinema:
        *_, last = await maps(cinema, number=2)
        assert [watch.after_sequence for watch in service.watched] == [0, 0]
    assert statuses(last) == {"A1": "Free", "A2": "Sold"}


async def test_a_watch_that_is_refused_ends() -> None:
    streams = [[grpc.StatusCode.NOT_FOUND]]
    async with serving(streams=streams) as (_, target), CinemaClient(target) as cinema:
        with pytest.raises(NotFoundError):
            await maps(cinema, number=1)


async def test_a_watch_of_which_nothing_is_heard_is_given_up() -> None:
    streams = [[CUT]] * 9
    async with serving(streams=streams) as (_, target), CinemaClient(target) as cinema:
        with pytest.raises(UnavailableError, match="as it was told"):
            await anext(cinema.watch(SHOWTIME, patience=0.1))


async def test_a_mute_stream_is_left_for_another() -> None:
    streams = [[WHOLE], [HELD]]
    async with serving(streams=streams) as (_, target), CinemaClient(target) as cinema:
        watch = cinema.watch(SHOWTIME, silence=0.2)
        assert (await anext(watch)).sequence == 1
        assert (await anext(watch)).sequence == 2
        await watch.aclose()


async def test_who_stops_watching_is_forgotten_by_the_service() -> None:
    async with serving(streams=[[WHOLE]]) as (service, target), CinemaClient(target) as cinema:
        await maps(cinema, number=1)
        await service.left.wait()
