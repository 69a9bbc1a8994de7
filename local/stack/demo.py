"""One demo booking, made through the gateway as any client would make it."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pymongo import AsyncMongoClient

from local.stack.gateway_client import GatewayClient
from local.stack.journey import Journey
from local.stack.part import StackError
from shared.contracts.documents import ReservationDocument, collection_name
from shared.contracts.generations import GENERATIONS_ID, META_COLLECTION, Generations

_READ_SECONDS = 20.0


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Seat(_Answer):
    row: str
    number: int
    status: str


class _Showtime(_Answer):
    showtime_id: str
    seats: list[_Seat]


class _ListedShowtime(_Answer):
    showtime_id: str
    free_seats: int


class _Listing(_Answer):
    showtimes: list[_ListedShowtime]


class _Reservation(_Answer):
    reservation_id: str
    sequence: int


class Demo:
    """Books through a gateway."""

    def __init__(self, gateway: GatewayClient, *, mongo_url: str, database: str) -> None:
        self._gateway = gateway
        self._mongo_url = mongo_url
        self._database = database

    async def book(self) -> Journey:
        """Hold two seats that are next to each other, wait until they are visible, then confirm them."""
        showtime_id, first, second, following = await self._two_free_seats()
        customer_id = str(uuid4())
        command = {
            "showtimeId": showtime_id,
            "customerId": customer_id,
            "seats": [{"row": row, "number": number} for row, number in (first, second)],
        }
        sent = datetime.now(UTC)
        answer = await self._gateway.send("POST", "/api/reservations", command)
        await self._gateway.read(answer.headers["location"])
        visible = datetime.now(UTC)
        reservation = _Reservation.model_validate_json(answer.content)
        passed = (await self._stored(reservation.reservation_id)).passed
        if passed is None or passed.published is None or passed.projected is None:
            raise StackError(
                f"Reservation {reservation.reservation_id} was read but its way was not recorded"
            )
        await self._gateway.send("POST", f"/api/reservations/{reservation.reservation_id}/confirm")
        return Journey(
            showtime_id=showtime_id,
            reservation_id=reservation.reservation_id,
            customer_id=customer_id,
            seats=(first, second),
            next_seat=following,
            sent=sent,
            committed=passed.committed,
            published=passed.published,
            projected=passed.projected,
            visible=visible,
        )

    async def _two_free_seats(self) -> tuple[str, tuple[str, int], tuple[str, int], tuple[str, int]]:
        deadline = time.monotonic() + _READ_SECONDS
        while time.monotonic() < deadline:
            listing = _Listing.model_validate_json((await self._gateway.read("/api/showtimes")).content)
            for listed in listing.showtimes:
                answer = await self._gateway.read(f"/api/showtimes/{listed.showtime_id}")
                found = _neighbours(_Showtime.model_validate_json(answer.content).seats)
                if found:
                    return listed.showtime_id, *found
            await asyncio.sleep(0.02)
        raise StackError(f"No showtime with two free seats became visible within {_READ_SECONDS:.0f} s")

    async def _stored(self, reservation_id: str) -> ReservationDocument:
        async with AsyncMongoClient[dict[str, Any]](self._mongo_url) as client:
            database = client[self._database]
            named = await database[META_COLLECTION].find_one({"_id": GENERATIONS_ID})
            live = Generations.model_validate(named or {}).live
            views = database[collection_name("reservations", generation=live)]
            return ReservationDocument.model_validate(await views.find_one({"_id": reservation_id}))


def _neighbours(seats: list[_Seat]) -> tuple[tuple[str, int], tuple[str, int], tuple[str, int]] | None:
    """Two free seats side by side, and a third free seat for the visitor to try."""
    free = [(seat.row, seat.number) for seat in seats if seat.status == "Free"]
    for one, other in pairwise(free):
        rest = [seat for seat in free if seat not in (one, other)]
        if one[0] == other[0] and other[1] == one[1] + 1 and rest:
            return one, other, rest[0]
    return None
