"""Clients that read all the time while a projector writes, and what they were told that they should not have been."""

import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count, cycle
from typing import Any, cast

import grpc
from pymongo import MongoClient
from redis import Redis

from shared.contracts.documents import (
    FIRST_GENERATION,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
    collection_name,
)
from shared.infrastructure.cache.redis_view_cache import RedisViewCache
from tests.builders.view_documents import a_reservation, a_showtime
from tests.servers.read_service import DATABASE, ReadService

CLIENTS = 6
DEADLINE_SECONDS = 10.0
"""What a client gives a call: far more than the service's own limits add up to, so that a call past it was stuck."""


class Booking:
    """A showtime and a reservation of it, which the projector changes together."""

    def __init__(self) -> None:
        self.showtime_id = a_showtime().id
        self.reservation_id = a_reservation(showtime_id=self.showtime_id).id
        self.written = 0
        """Up to which sequence MongoDB has it: no answer may be beyond it, and each question for it has an answer."""

    def documents(self, sequence: int) -> tuple[ReservationDocument, ShowtimeDocument]:
        return (
            a_reservation(
                showtime_id=self.showtime_id,
                reservation_id=self.reservation_id,
                sequence=sequence,
                rev=sequence,
            ),
            a_showtime(showtime_id=self.showtime_id, sequence=sequence, rev=sequence),
        )


class Traffic:
    """Reads and writes until its context ends."""

    def __init__(self, service: ReadService, *, mongo_url: str, redis_url: str) -> None:
        self._service = service
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(mongo_url, timeoutMS=500)
        self._redis: Any = cast(Any, Redis).from_url(
            redis_url, socket_timeout=0.2, socket_connect_timeout=0.2
        )
        self._cache = RedisViewCache(self._redis, generation=FIRST_GENERATION)
        self._bookings = [Booking() for _ in range(4)]
        self._over = threading.Event()
        self._writing = threading.Lock()
        self._answers = count()
        self.answers = 0
        self.refusals: Counter[grpc.StatusCode] = Counter()
        self.wrong: list[str] = []

    @classmethod
    @contextmanager
    def through(cls, service: ReadService, *, mongo_url: str, redis_url: str) -> Generator["Traffic"]:
        """Traffic that has begun: every booking is there, in MongoDB and in Redis."""
        traffic = cls(service, mongo_url=mongo_url, redis_url=redis_url)
        for booking in traffic._bookings:
            traffic._write(booking)
        threads = [
            threading.Thread(target=traffic._keep_writing),
            *(threading.Thread(target=traffic._keep_reading, args=(number,)) for number in range(CLIENTS)),
        ]
        for thread in threads:
            thread.start()
        try:
            traffic.wait_for_answers(100)
            yield traffic
        finally:
            traffic.end()
            for thread in threads:
                thread.join()
            traffic._mongo.close()
            traffic._redis.close()

    def wait_for_answers(self, wanted: int, *, seconds: float = 60.0) -> None:
        """Until so many calls more were answered or refused."""
        aim, deadline = self._asked + wanted, time.monotonic() + seconds
        while self._asked < aim:
            assert time.monotonic() < deadline, (
                f"{self._asked - aim + wanted} of {wanted} calls in {seconds} s"
            )
            time.sleep(0.02)

    @contextmanager
    def no_writes(self) -> Generator[None]:
        """Nothing new comes, and what came is in MongoDB and in Redis."""
        with self._writing:
            yield

    def end(self) -> None:
        """No more questions, and no more writes."""
        self._over.set()

    @property
    def _asked(self) -> int:
        return self.answers + sum(self.refusals.values()) + len(self.wrong)

    def _keep_writing(self) -> None:
        for booking in cycle(self._bookings):
            if self._over.wait(0.01):
                return
            with self._writing:
                if not self._over.is_set():
                    self._write(booking)

    def _write(self, booking: Booking) -> None:
        """As the projector does: the reservation before the showtime, MongoDB before Redis."""
        documents = booking.documents(booking.written + 1)
        for document in documents:
            self._store(document)
        booking.written += 1
        self._cache.write(documents)

    def _store(self, document: ViewDocument) -> None:
        self._mongo[DATABASE][collection_name(document.view, generation=FIRST_GENERATION)].replace_one(
            {"_id": document.id}, document.model_dump(mode="json", by_alias=True), upsert=True
        )

    def _keep_reading(self, number: int) -> None:
        client = _Client(self._service)
        questions = cycle(client.questions)
        bookings = cycle(self._bookings[number % len(self._bookings) :] + self._bookings)
        while not self._over.is_set():
            try:
                problem = next(questions)(next(bookings))
            except grpc.RpcError as error:
                self.refusals[cast(Any, error).code()] += 1
            else:
                if problem:
                    self.wrong.append(problem)
                else:
                    self.answers = next(self._answers) + 1


class _Client:
    """Remembers the sequence of what it was last told, and asks for no less."""

    def __init__(self, service: ReadService) -> None:
        self._service = service
        self._seen: Counter[str] = Counter()
        self.questions = (
            self._any_showtime,
            self._no_older_showtime,
            self._what_was_written,
            self._reservation,
        )

    def _any_showtime(self, booking: Booking) -> str:
        return self._showtime(booking, min_sequence=0)

    def _no_older_showtime(self, booking: Booking) -> str:
        return self._showtime(booking, min_sequence=self._seen[booking.showtime_id])

    def _what_was_written(self, booking: Booking) -> str:
        return self._showtime(booking, min_sequence=booking.written)

    def _showtime(self, booking: Booking, *, min_sequence: int) -> str:
        answer = self._service.get_showtime(
            booking.showtime_id, min_sequence=min_sequence, timeout=DEADLINE_SECONDS
        )
        self._seen[booking.showtime_id] = answer.sequence
        return _problem(answer.showtime_id, booking.showtime_id, answer.sequence, min_sequence, booking)

    def _reservation(self, booking: Booking) -> str:
        wanted = booking.written
        answer = self._service.get_reservation(
            booking.reservation_id, min_sequence=wanted, timeout=DEADLINE_SECONDS
        )
        return _problem(answer.reservation_id, booking.reservation_id, answer.sequence, wanted, booking)


def _problem(got: str, asked: str, sequence: int, min_sequence: int, booking: Booking) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if got != asked:
        return f"asked for {asked}, got {got}"
    if not min_sequence <= sequence <= booking.written + 1:
        return f"asked for {min_sequence}, got {sequence}, written up to {booking.written}"
    return ""
