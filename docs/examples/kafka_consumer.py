"""How many seats of each showtime are booked: a consumer of the topic `cinema.reservations`, in one file.

    python docs/examples/kafka_consumer.py localhost:9092 seats.db

It needs confluent-kafka and nothing of this repository. For Event Hubs, name port 9093 of the namespace and put a connection
string into EVENT_HUBS_CONNECTION_STRING.

What a consumer has to get right, and where:

- Events come at least once, so that old ones may come again late. Each carries its stream (`partitionkey`) and its place in
  it (`sequence`): what is not beyond the last one is a repeat (`_is_new`).
- The last place is kept in the same transaction as the effect (`handle`), so that neither can be had without the other.
- Offsets are committed after that (`consume`). A crash in between brings the same events again, as repeats.
"""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from threading import Event
from typing import Any

from confluent_kafka import Consumer, KafkaException

TOPIC = "cinema.reservations"

TABLES = """
    CREATE TABLE IF NOT EXISTS Progress (Stream TEXT PRIMARY KEY, Sequence INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS Bookings (Reservation TEXT PRIMARY KEY, Showtime TEXT NOT NULL, Seats INTEGER NOT NULL);
"""


def consume(consumer: Consumer, *, database: sqlite3.Connection, stop: Event) -> None:
    """Handle records, and then commit their offsets, until told to stop."""
    while not stop.is_set():
        records = consumer.consume(500, timeout=0.5)
        for record in records:
            if error := record.error():
                raise KafkaException(error)
            handle(json.loads(record.value() or b"{}"), database=database)
        if records:
            consumer.commit(asynchronous=False)


def handle(event: dict[str, Any], *, database: sqlite3.Connection) -> None:
    """Take an event in, unless it is a repeat, in one transaction."""
    with database:
        if not _is_new(event, database=database):
            return
        # A type that we don't know is a newer version, or a newer kind of event: it is passed over.
        if event["type"] in {"cinema.reservation.created.v1", "cinema.reservation.confirmed.v1"}:
            _book(event["data"], database=database)
        elif event["type"] == "cinema.reservation.cancelled.v1":
            database.execute("DELETE FROM Bookings WHERE Reservation = ?", (event["data"]["reservationId"],))


def _is_new(event: dict[str, Any], *, database: sqlite3.Connection) -> bool:
    """Move the stream's progress on, if the event is beyond it. Sequences grow, but not by one: other topics have the rest."""
    moved = database.execute(
        "INSERT INTO Progress VALUES (?, ?) ON CONFLICT (Stream) "
        "DO UPDATE SET Sequence = excluded.Sequence WHERE excluded.Sequence > Sequence",
        (event["partitionkey"], event["sequence"]),
    )
    return moved.rowcount == 1


def _book(reservation: dict[str, Any], *, database: sqlite3.Connection) -> None:
    """Each event has the whole reservation as it was after it, so that the newest one replaces what was there."""
    database.execute(
        "INSERT OR REPLACE INTO Bookings VALUES (?, ?, ?)",
        (reservation["reservationId"], reservation["showtimeId"], len(reservation["seats"])),
    )


def connect(servers: str) -> Consumer:
    """A consumer that starts at the beginning, and commits only what it is told to."""
    settings: dict[str, Any] = {
        "bootstrap.servers": servers,
        "group.id": "booked-seats",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
    if connection_string := os.environ.get("EVENT_HUBS_CONNECTION_STRING"):
        settings |= {
            "security.protocol": "sasl_ssl",
            "sasl.mechanisms": "PLAIN",
            "sasl.username": "$ConnectionString",
            "sasl.password": connection_string,
        }
    return Consumer(settings)


def main(servers: str, path: str) -> None:
    """Consume until SIGINT or SIGTERM."""
    stop = Event()

    def ask_to_stop(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    with closing(sqlite3.connect(path)) as database, closing(connect(servers)) as consumer:
        database.executescript(TABLES)
        consumer.subscribe([TOPIC])
        consume(consumer, database=database, stop=stop)


if __name__ == "__main__":
    main(*sys.argv[1:])
