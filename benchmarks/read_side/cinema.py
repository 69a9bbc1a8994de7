"""The views that are read: showtimes of 150 seats, half of them taken, and a reservation for each."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bson import Binary
from pymongo import MongoClient

from readsvc.mapping import showtime_answer
from shared.contracts.documents import (
    FIRST_GENERATION,
    ReservationDocument,
    SeatClaim,
    ShowtimeDocument,
    collection_name,
)
from shared.contracts.events import AuditoriumSnapshot, SeatRowData
from tests.builders.view_documents import a_reservation, a_showtime
from tests.servers.read_service import DATABASE, Views

__all__ = ["ANSWER_FIELD", "DATABASE", "Cinema", "bare_key", "open_cinema"]

ROWS, SEATS = "ABCDEFGHIJ", 15
ANSWER_FIELD = "answer"
"""A field beside those of the product, which passes it over: what the bare handler answers."""


def bare_key(showtime_id: str) -> str:
    """Where Redis has the answer that the bare handler returns."""
    return f"bare:{showtime_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cinema:
    """What there is to be read, and the servers that have it."""

    mongo_url: str
    redis_url: str
    views: Views
    showtimes: list[ShowtimeDocument]
    reservations: list[ReservationDocument]

    def warm(self) -> None:
        """Put everything in Redis, as the projector leaves it, and as the bare handler finds it."""
        self.views.cache(*self.showtimes, *self.reservations)
        for showtime in self.showtimes:
            self.views.redis.set(bare_key(showtime.id), answer(showtime))

    def cool(self) -> None:
        """Leave Redis empty."""
        self.views.redis.flushall()


@contextmanager
def open_cinema(*, mongo_url: str, redis_url: str, showtimes: int) -> Generator[Cinema]:
    """A cinema whose views are in MongoDB."""
    views = Views(mongo_url=mongo_url, redis_url=redis_url)
    documents = [a_busy_showtime() for _ in range(showtimes)]
    reservations = [a_reservation(showtime_id=document.id) for document in documents]
    views.store(*reservations)
    with MongoClient[dict[str, Any]](mongo_url) as mongo:
        mongo[DATABASE][collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION)].insert_many(
            [
                document.model_dump(mode="json", by_alias=True) | {ANSWER_FIELD: Binary(answer(document))}
                for document in documents
            ]
        )
    yield Cinema(
        mongo_url=mongo_url,
        redis_url=redis_url,
        views=views,
        showtimes=documents,
        reservations=reservations,
    )
    views.close()


def a_busy_showtime() -> ShowtimeDocument:
    """150 seats, of which every second one is held."""
    auditorium = AuditoriumSnapshot(
        auditorium_id="odeon-1",
        name="Odeon 1",
        rows=tuple(SeatRowData(row=row, seats=SEATS) for row in ROWS),
        version=1,
    )
    claims = {
        f"{row}-{number}": SeatClaim(status="Held", reservation_id=str(uuid4()), seq=number)
        for row in ROWS
        for number in range(1, SEATS + 1, 2)
    }
    return a_showtime().model_copy(update={"auditorium": auditorium, "claims": claims})


def answer(showtime: ShowtimeDocument) -> bytes:
    return showtime_answer(showtime).SerializeToString()
