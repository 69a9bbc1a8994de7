"""A client of the API as a test reads best: it books, and it looks."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

Seat = tuple[str, int]

_unique = itertools.count(int(time.time() * 1000) % 10_000_000)


def eventually(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait for a condition with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


@dataclass
class BoxOffice:
    """Talks to one gateway."""

    client: httpx.Client
    rows: dict[str, int] = field(default_factory=lambda: {"A": 10, "B": 10})

    def open_showtime(self, *, days: int = 2) -> str:
        """Put a showtime on sale in an auditorium of its own, and answer its id."""
        number = next(_unique)
        movie_id, auditorium_id = f"tt{number:07d}", f"hall-{number}"
        rows = [{"row": row, "seats": seats} for row, seats in self.rows.items()]
        created = httpx.codes.CREATED
        movie = self.client.put(f"/api/movies/{movie_id}", json={"title": "Alien", "runtimeMinutes": 117})
        assert movie.status_code == created, movie.text
        hall = self.client.put(f"/api/auditoriums/{auditorium_id}", json={"name": "Hall", "rows": rows})
        assert hall.status_code == created, hall.text
        answer = self.client.post("/api/showtimes", json=self.showtime(movie_id, auditorium_id, days=days))
        assert answer.status_code == created, answer.text
        return answer.json()["showtimeId"]

    @staticmethod
    def showtime(movie_id: str, auditorium_id: str, *, days: int) -> dict[str, Any]:
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
        return {
            "movieId": movie_id,
            "auditoriumId": auditorium_id,
            "screeningTime": start.isoformat().replace("+00:00", "Z"),
        }

    @staticmethod
    def command(showtime_id: str, seats: Sequence[Seat]) -> dict[str, Any]:
        return {
            "showtimeId": showtime_id,
            "customerId": str(uuid4()),
            "seats": [{"row": row, "number": number} for row, number in seats],
        }

    def reserve(self, showtime_id: str, *seats: Seat) -> dict[str, Any]:
        """Hold seats, and answer the reservation."""
        # With a key the balancer may send the command again when a node dies under it.
        key = {"Idempotency-Key": str(uuid4())}
        answer = self.client.post("/api/reservations", json=self.command(showtime_id, seats), headers=key)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return answer.json()

    def confirm(self, reservation_id: str) -> dict[str, Any]:
        answer = self.client.post(f"/api/reservations/{reservation_id}/confirm")
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def cancel(self, reservation_id: str) -> dict[str, Any]:
        answer = self.client.post(f"/api/reservations/{reservation_id}/cancel")
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def seen(self, showtime_id: str, *, sequence: int) -> dict[str, Any]:
        """The showtime as the read side shows it, once it has reached a sequence."""
        return self._get(f"/api/showtimes/{showtime_id}", sequence=sequence)

    def seen_reservation(self, reservation_id: str, *, sequence: int) -> dict[str, Any]:
        return self._get(f"/api/reservations/{reservation_id}", sequence=sequence)

    def book_and_see(self) -> None:
        """A seat of a new showtime is booked, and the read side shows it."""
        showtime_id = self.open_showtime()
        booked = self.reserve(showtime_id, ("A", 1))
        assert self.seen(showtime_id, sequence=booked["sequence"])["freeSeats"] == 19

    def _get(self, path: str, *, sequence: int) -> dict[str, Any]:
        deadline = time.monotonic() + 40
        while True:
            answer = self.client.get(path, params={"min_sequence": sequence})
            if answer.is_success:
                return answer.json()
            assert answer.status_code in {503, 504}, answer.text
            assert time.monotonic() < deadline, answer.text


def status_of(showtime: dict[str, Any], seat: Seat) -> str:
    """A seat's status in a showtime's answer."""
    return next(s["status"] for s in showtime["seats"] if (s["row"], s["number"]) == seat)
