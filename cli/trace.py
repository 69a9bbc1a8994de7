"""`cinema trace RESERVATION`: where a booking is, and when it passed each station."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from shared.application.tracing.reservation_trace import (
    Delivery,
    ReservationTrace,
    SinkStation,
    TracedDocument,
    TracedEvent,
)
from shared.application.tracing.trace_documents import trace_document
from shared.bootstrap.tracing import open_tracing
from shared.settings import TraceSettings, load

Row = tuple[str, str]


def trace(
    *,
    reservation_id: Annotated[UUID, typer.Argument(metavar="RESERVATION", show_default=False)],
    hubs: Annotated[bool, typer.Option(help="Whether to look for its events in the hubs.")] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="What /api/ops/trace answers, and the hubs' moments.")
    ] = False,
) -> None:
    """Tell where a booking is: committed, delivered to each sink, projected, cached; exit 1 if a station is down."""
    with open_tracing(load(TraceSettings), search_hubs=hubs) as look:
        found = look(reservation_id)
    if as_json:
        typer.echo(trace_document(found).model_dump_json(by_alias=True))
    else:
        _tell(found)
    raise typer.Exit(1 if found.unreadable else 0)


def _tell(found: ReservationTrace) -> None:
    console = Console(highlight=False, markup=False)
    console.print(f"Reservation {found.reservation_id}: {found.status}, version {found.version}")
    console.print(f"in {found.stream_id}", soft_wrap=True)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Event", no_wrap=True)
    table.add_column("Station", no_wrap=True)
    table.add_column("", overflow="fold")
    for event in found.events:
        name = f"#{event.sequence} {_short(event.type)}"
        for station, state in _stations_of(event):
            table.add_row(name, station, state)
            name = ""
    for document in found.documents:
        table.add_row(f"document of {document.view}", *_document(document))
    console.print(table)
    for station, reason in found.unreadable.items():
        console.print(f"{station} can't be read: {reason}", style="red", soft_wrap=True)


def _short(wire_type: str) -> str:
    """`reservation.created` of `cinema.reservation.created.v1`."""
    return wire_type.removeprefix("cinema.").rpartition(".")[0]


def _stations_of(event: TracedEvent) -> Iterator[Row]:
    yield "committed", _moment(event.committed_at)
    for station in event.sinks:
        yield station.sink, _at_sink(station)
    yield "event-log", _known(event.archived, yes="archived", no="not there")
    views = (("reservation", event.in_reservation), ("showtime", event.in_showtime))
    for name, has_it in views:
        yield f"view of the {name}", _known(has_it, yes="projected", no="not yet")


def _at_sink(station: SinkStation) -> str:
    if station.enqueued_at is not None:
        return f"{station.delivery}, enqueued {_moment(station.enqueued_at)}"
    return {
        Delivery.PENDING: "pending: it waits in its lane",
        Delivery.HELD: "held: it stands behind a dead letter",
        Delivery.DISCARDED: "discarded by an operator",
        Delivery.DELIVERED: "delivered",
    }[station.delivery]


def _document(document: TracedDocument) -> Row:
    passed = document.passed
    projected = f", projected {_moment(passed.projected)}" if passed and passed.projected else ""
    has = f"version {document.version}, at #{document.sequence}{projected}"
    return f"cache: {document.cached}", has


def _known(answer: bool | None, *, yes: str, no: str) -> str:  # noqa: FBT001 what is said in words
    if answer is None:
        return "unknown"
    return yes if answer else no


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"
