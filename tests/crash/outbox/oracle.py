"""What must be true of hubs, reports and views, found from the business tables and the logs without the product's code."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text

from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ReservationDocument, ShowtimeDocument
from tests.crash.outbox.world import World
from tests.servers.hub_log import LoggedEvent, first_occurrences, read_hub, sequences_by_stream
from tests.unit.projections.projection import Projection

HELD, SOLD = "Pending", "Confirmed"


@dataclass(frozen=True)
class Findings:
    """What one look has found beside the truth: how many events there were and how many of them came again."""

    events: int
    repeats: dict[str, int]


def check(world: World, *, discarded: dict[str, set[tuple[str, int]]] | None = None) -> Findings:
    """Everything arrived everywhere, first occurrences in order, and all figures and views are the write side's.

    `discarded` are the places that an operator has left out of a hub on purpose.
    """
    left_out = discarded or {}
    written = written_sequences(world.write_url)
    hubs = {
        "domain-events": (world.emulator.data / "cinema.domain.events", written["all"]),
        "reservations": (world.emulator.data / "cinema.reservations", written["reservations"]),
    }
    repeats: dict[str, int] = {}
    for hub, (folder, expected) in hubs.items():
        repeats[hub] = check_hub(read_hub(folder), expected=expected, left_out=left_out.get(hub, set()))
    check_reporting(world, expected=written["all"])
    if not left_out:
        check_views(world.write_url, folder=world.emulator.data / "cinema.domain.events")
    return Findings(events=sum(map(len, written["all"].values())), repeats=repeats)


def check_order(folder: Path, *, reservations_only: bool = False, write_url: str) -> None:
    """At any moment: what has arrived so far is a gapless prefix of each stream."""
    kind = "reservations" if reservations_only else "all"
    expected = written_sequences(write_url)[kind]
    for stream, sequences in sequences_by_stream(read_hub(folder)).items():
        first = first_occurrences(sequences)
        assert first == expected[stream][: len(first)], (stream, first)


def check_hub(
    logged: list[LoggedEvent], *, expected: dict[str, list[int]], left_out: set[tuple[str, int]]
) -> int:
    """How many events came more than once."""
    found = sequences_by_stream(logged)
    wanted = {
        stream: kept
        for stream, sequences in expected.items()
        if (kept := [number for number in sequences if (stream, number) not in left_out])
    }
    first = {stream: first_occurrences(sequences) for stream, sequences in found.items()}
    assert first == wanted
    partitions: dict[str, set[int]] = defaultdict(set)
    for event in logged:
        partitions[event.stream_id].add(event.partition)
    assert all(len(each) == 1 for each in partitions.values()), "a stream is spread over partitions"
    return len(logged) - sum(map(len, wanted.values()))


def check_reporting(world: World, *, expected: dict[str, list[int]]) -> None:
    """The archive has each event once, and the facts are those of the reservations' rows."""
    archived: dict[str, list[int]] = defaultdict(list)
    for row in rows(world.reporting_url, 'SELECT "StreamId", "Sequence" FROM "EventLog" ORDER BY "Sequence"'):
        archived[row.StreamId].append(row.Sequence)
    assert archived == expected
    truth: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    place = {HELD: 0, SOLD: 1, "Cancelled": 2}
    for row in rows(world.write_url, _SEATS_BY_STATUS):
        truth[_hex(row.ShowtimeId)][place[row.Status]] += row.Seats
    facts = {
        _hex(row.ShowtimeId): [row.SeatsHeld, row.SeatsSold, row.SeatsCancelled]
        for row in rows(world.reporting_url, 'SELECT * FROM "ShowtimeFacts"')
        if row.SeatsHeld or row.SeatsSold or row.SeatsCancelled
    }
    assert facts == truth


def check_views(write_url: str, *, folder: Path) -> None:
    """What a projector makes of the hub's log, repeats and all, is what the business tables say."""
    received = [
        ReceivedEvent(body=event.body, partition=str(event.partition), position=position, published=None)
        for position, event in enumerate(read_hub(folder))
    ]
    views = Projection().project(received).documents()
    reservations: dict[str, Any] = views[ReservationDocument.view]
    truth = {_hex(row.ReservationId): row for row in rows(write_url, 'SELECT * FROM "Reservations"')}
    assert {_hex(key) for key in reservations} == set(truth)
    for key, document in reservations.items():
        assert (document.status, document.version) == (truth[_hex(key)].Status, truth[_hex(key)].Version)
    taken: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows(write_url, _CLAIMS):
        taken[_hex(row.ShowtimeId)][f"{row.Row}-{row.Number}"] = "Held" if row.Status == HELD else "Sold"
    for key, showtime in views[ShowtimeDocument.view].items():
        assert isinstance(showtime, ShowtimeDocument)
        claims = {seat: claim.status for seat, claim in showtime.claims.items() if claim.status != "Free"}
        assert claims == taken[_hex(key)]
        assert showtime.ahead == ()


def written_sequences(write_url: str) -> dict[str, dict[str, list[int]]]:
    """What was committed, stream by stream: all of it, and the reservations' part."""
    last = {row.StreamId: row.LastSequence for row in rows(write_url, 'SELECT * FROM "OutboxStreams"')}
    every: dict[str, list[int]] = defaultdict(list)
    reservations: dict[str, list[int]] = defaultdict(list)
    for row in rows(
        write_url, 'SELECT "StreamId", "Sequence", "Type" FROM "OutboxMessages" ORDER BY "Sequence"'
    ):
        every[row.StreamId].append(row.Sequence)
        if row.Type.startswith("cinema.reservation."):
            reservations[row.StreamId].append(row.Sequence)
    assert every == {stream: list(range(1, newest + 1)) for stream, newest in last.items()}
    return {"all": dict(every), "reservations": dict(reservations)}


def rows(url: str, query: str) -> list[Any]:
    engine: Engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(query)).all())
    finally:
        engine.dispose()


def _hex(identity: object) -> str:
    """SQLite keeps a UUID as 32 digits, PostgreSQL as a value."""
    return str(identity).replace("-", "")


_SEATS_BY_STATUS = """
SELECT r."ShowtimeId", r."Status", count(*) AS "Seats"
FROM "Reservations" r JOIN "ReservationSeats" s ON s."ReservationId" = r."ReservationId"
GROUP BY r."ShowtimeId", r."Status"
"""
_CLAIMS = """
SELECT c."ShowtimeId", c."Row", c."Number", r."Status"
FROM "SeatClaims" c JOIN "Reservations" r ON r."ReservationId" = c."ReservationId"
"""
