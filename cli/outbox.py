"""`cinema outbox …`: what waits for each sink, and what the lanes are doing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from threading import Event
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.interruption import interruption
from cli.wording import counted, duration, moment, one_line, tally
from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.application.outbox.operations_documents import status_document
from shared.application.outbox.status import OutboxStatus, SinkStatus
from shared.bootstrap.operations import operations

MOST_LANES_TOLD = 20

app = typer.Typer(help="The outbox: what waits for each sink.", no_args_is_help=True)

Rates = Mapping[str, float]
Show = Callable[[OutboxStatus, Rates], None]


@app.callback()
def outbox() -> None:
    """The outbox: what waits for each sink."""


@app.command()
def status(
    *,
    watch: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="SECONDS", help="Look again every so many seconds, until Ctrl-C."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="What /api/ops/outbox answers; a line for each look.")
    ] = False,
) -> None:
    """Tell what waits for each sink, since when, and what its lanes are doing."""
    if watch is None:
        _show_once(operations().outbox.read(), as_json=as_json)
        return
    with interruption() as interrupted:
        _watch(interrupted, seconds=watch, as_json=as_json)


def _show_once(outbox_now: OutboxStatus, *, as_json: bool) -> None:
    if as_json:
        typer.echo(_json(outbox_now))
    else:
        Console().print(_tables(outbox_now, rates={}))


def _watch(interrupted: Event, *, seconds: float, as_json: bool) -> None:
    console = Console()
    if as_json or not console.is_terminal:
        for seen, rates in _looks(interrupted, seconds=seconds):
            if as_json:
                typer.echo(_json(seen))
            else:
                console.print(_tables(seen, rates=rates))
        return
    with Live(console=console, auto_refresh=False) as live:
        for seen, rates in _looks(interrupted, seconds=seconds):
            live.update(_tables(seen, rates=rates), refresh=True)


def _looks(interrupted: Event, *, seconds: float) -> Iterator[tuple[OutboxStatus, Rates]]:
    """What is seen, with the rates since the look before. After the first look, a database that is away is waited for."""
    before: OutboxStatus | None = None
    while not interrupted.is_set():
        try:
            seen = operations().outbox.read()
        except OutboxStoreUnavailableError as error:
            if before is None:
                raise
            typer.echo(f"The write database does not answer: {one_line(error)}", err=True)
        else:
            yield seen, seen.rates_since(before) if before else {}
            before = seen
        interrupted.wait(seconds)


def _json(outbox_now: OutboxStatus) -> str:
    return status_document(outbox_now).model_dump_json(by_alias=True)


def _tables(outbox_now: OutboxStatus, *, rates: Rates) -> RenderableType:
    parts: list[RenderableType] = [
        Text(f"The outbox at {moment(outbox_now.at)}"),
        _messages(outbox_now, rates),
    ]
    busy = _busy_lanes(outbox_now)
    if busy.row_count:
        parts.append(busy)
    return Group(*parts)


def _table() -> Table:
    return Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)


def _messages(outbox_now: OutboxStatus, rates: Rates) -> Table:
    table = _table()
    table.add_column("Sink", no_wrap=True)
    for heading in (
        "Pending", "Oldest", "Lanes\nwith work", "Held", "Dead\nletters", "Delivered", "Per\nsecond",
    ):  # fmt: skip
        table.add_column(heading, justify="right", no_wrap=True)
    for sink in outbox_now.sinks:
        rate = rates.get(sink.sink)
        table.add_row(
            sink.sink,
            tally(sink.pending),
            duration(sink.oldest.age_seconds) if sink.oldest else "–",
            str(sink.lanes_with_work),
            tally(sink.held),
            Text(tally(sink.holds), style="red" if sink.holds.count else ""),
            f"{sink.delivered:,}",
            "–" if rate is None else f"{rate:,.0f}",
        )
    return table


def _busy_lanes(outbox_now: OutboxStatus) -> Table:
    """Who holds which lane, and which are left alone for now."""
    table = _table()
    table.add_column("Sink", no_wrap=True)
    table.add_column("Lane", justify="right")
    table.add_column("Is", overflow="fold")
    rows = [(sink.sink, *row) for sink in outbox_now.sinks for row in _doings(sink, at=outbox_now.at)]
    for row in rows[:MOST_LANES_TOLD]:
        table.add_row(*row)
    if len(rows) > MOST_LANES_TOLD:
        table.add_row("", "", f"… and {counted(len(rows) - MOST_LANES_TOLD, 'lane')} more")
    return table


def _doings(sink: SinkStatus, *, at: datetime) -> Iterator[tuple[str, str]]:
    for lease in sink.leases:
        left = duration((lease.ends_at - at).total_seconds())
        yield str(lease.lane), f"leased by {lease.owner}, {left} left, epoch {lease.epoch}"
    for backoff in sink.backoffs:
        wait = duration((backoff.next_attempt_at - at).total_seconds())
        yield str(backoff.lane), f"backing off after {counted(backoff.failures, 'failure')}, again in {wait}"
