"""What the cinema of the laptop stack shows: films, halls, and showtimes from today on."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import NamedTuple
from uuid import uuid4

import httpx
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from local.stack.gateway_client import GatewayClient, accepted

_MOVIES = {
    "tt1375666": ("Inception", 148),
    "tt0133093": ("The Matrix", 136),
    "tt0816692": ("Interstellar", 169),
    "tt0245429": ("千と千尋の神隠し", 125),
}
_GRAND_HALL = "grand"
_AUDITORIUMS = {
    _GRAND_HALL: (
        "Grand Hall",
        dict(zip("ABCDEFGHIJKL", (14, 16, 18, 18, 20, 20, 20, 22, 22, 22, 22, 20), strict=True)),
    ),
    "odeon-1": ("Odeon 1", {"A": 10, "B": 12, "C": 12, "D": 14, "E": 14}),
    "odeon-2": ("Odeon 2", {"A": 8, "B": 8, "C": 8}),
}
_HOURS = {_GRAND_HALL: (11, 16, 20), "odeon-1": (10, 15, 19), "odeon-2": (13, 18, 22)}
"""When films begin in each hall, in UTC: with the cleaning, none meets the next."""
_DAYS = range(4)
_LOOKS, _LOOK_AGAIN_SECONDS = 100, 0.1
_NOTICE = timedelta(minutes=10)
_PARTIES = (("D", 8, 3), ("E", 9, 4), ("F", 3, 2), ("G", 10, 5), ("H", 14, 3), ("I", 5, 4), ("J", 12, 2))
"""Who sits in the big hall already: a row, the first seat, and how many."""


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Auditorium(_Answer):
    auditorium_id: str


class _ListedShowtime(_Answer):
    auditorium: _Auditorium
    screening_time: datetime


class _Listing(_Answer):
    showtimes: list[_ListedShowtime]


class _Opened(_Answer):
    showtime_id: str


class _Reserved(_Answer):
    reservation_id: str


class _Slot(NamedTuple):
    """A hall at a time."""

    auditorium_id: str
    start: datetime


class DemoCatalogue:
    """Puts the demo's showtimes on sale."""

    def __init__(self, gateway: GatewayClient) -> None:
        self._gateway = gateway
        self._new: list[tuple[_Slot, str]] = []

    async def seed_one(self, *, now: datetime) -> None:
        """Put one showtime on sale, if any is not yet: what the first booking needs."""
        missing = await self._missing(now)
        await self._open_all(missing[:1])

    async def seed(self, *, now: datetime) -> int:
        """Put on sale what is not yet, and wait a while until all is seen; what is there already stays.

        Answers how many showtimes are new, of this call or the other.
        """
        await self._open_all(await self._missing(now))
        evenings = sorted(
            (slot.start, showtime_id) for slot, showtime_id in self._new if slot.auditorium_id == _GRAND_HALL
        )
        if evenings:
            await self._seat_parties(evenings[0][1])
        for _ in range(_LOOKS):
            if not await self._missing(now):
                break
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return len(self._new)

    async def _missing(self, now: datetime) -> list[tuple[_Slot, str]]:
        listing = _Listing.model_validate_json(
            (await self._gateway.read("/api/showtimes?page_size=200")).content
        )
        there = {
            _Slot(listed.auditorium.auditorium_id, listed.screening_time) for listed in listing.showtimes
        }
        return [(slot, movie) for slot, movie in _programme(now) if slot not in there]

    async def _open_all(self, missing: Sequence[tuple[_Slot, str]]) -> None:
        if missing and not self._new:
            await self._register()
        opened = await asyncio.gather(*(self._open(slot, movie) for slot, movie in missing))
        self._new += [
            (slot, showtime_id) for (slot, _), showtime_id in zip(missing, opened, strict=True) if showtime_id
        ]

    async def _register(self) -> None:
        async with asyncio.TaskGroup() as group:
            for movie_id, (title, minutes) in _MOVIES.items():
                body = {"title": title, "runtimeMinutes": minutes}
                group.create_task(self._gateway.send("PUT", f"/api/movies/{movie_id}", body))
            for auditorium_id, (name, rows) in _AUDITORIUMS.items():
                layout = [{"row": row, "seats": seats} for row, seats in rows.items()]
                hall = {"name": name, "rows": layout}
                group.create_task(self._gateway.send("PUT", f"/api/auditoriums/{auditorium_id}", hall))

    async def _open(self, slot: _Slot, movie_id: str) -> str | None:
        """The id of the new showtime; None if an earlier run has put one there that the views don't show yet."""
        start = slot.start.isoformat().replace("+00:00", "Z")
        command = {"movieId": movie_id, "auditoriumId": slot.auditorium_id, "screeningTime": start}
        answer = await self._gateway.request("POST", "/api/showtimes", body=command)
        if answer.status_code == httpx.codes.CONFLICT.value:
            return None
        return _Opened.model_validate_json(accepted(answer).content).showtime_id

    async def _seat_parties(self, showtime_id: str) -> None:
        async with asyncio.TaskGroup() as group:
            for row, first, size in _PARTIES:
                seats: list[dict[str, object]] = [
                    {"row": row, "number": number} for number in range(first, first + size)
                ]
                group.create_task(self._buy(showtime_id, seats))

    async def _buy(self, showtime_id: str, seats: list[dict[str, object]]) -> None:
        command = {"showtimeId": showtime_id, "customerId": str(uuid4()), "seats": seats}
        answer = await self._gateway.send("POST", "/api/reservations", command)
        reserved = _Reserved.model_validate_json(answer.content)
        await self._gateway.send("POST", f"/api/reservations/{reserved.reservation_id}/confirm")


def _programme(now: datetime) -> Iterator[tuple[_Slot, str]]:
    """Each hall's films from now on. A day's films are the same whenever it is asked for."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in _DAYS:
        today = midnight + timedelta(days=day)
        first = today.toordinal() % len(_MOVIES)
        movies = cycle([*list(_MOVIES)[first:], *list(_MOVIES)[:first]])
        for auditorium_id, hours in _HOURS.items():
            for hour in hours:
                slot, movie_id = _Slot(auditorium_id, today + timedelta(hours=hour)), next(movies)
                if slot.start > now + _NOTICE:
                    yield slot, movie_id
