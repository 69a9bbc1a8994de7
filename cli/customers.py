"""`cinema customers …`: where a customer's id rests, and putting a pseudonym in its place."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cli.wording import counted
from shared.application.customers.customer_documents import forgotten_document, holdings_document
from shared.application.customers.forget_customer import (
    ForgetCustomer,
    Forgotten,
    Holdings,
    find_holdings,
)
from shared.bootstrap.customers import open_customer_desk
from shared.settings import CustomerSettings, load

app = typer.Typer(
    help="Customers: where their ids rest, and forgetting them (docs/personal-data.md).",
    no_args_is_help=True,
)

CustomerArgument = Annotated[UUID, typer.Argument(metavar="CUSTOMER", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command()
def where(*, customer_id: CustomerArgument, as_json: JsonOption = False) -> None:
    """Tell what names a customer now, station by station. The hubs are not searched: what they have goes by itself."""
    with open_customer_desk(load(CustomerSettings)) as parts:
        held = find_holdings(customer_id, parts=parts)
    if as_json:
        typer.echo(holdings_document(held).model_dump_json(by_alias=True))
    else:
        _tell(held)


@app.command()
def forget(
    *,
    customer_id: CustomerArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    also_live: Annotated[
        bool,
        typer.Option(
            "--also-live",
            help="Even if the customer has bookings that are not over. Seats stay theirs, but nobody can list them by the customer.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a random id in place of a customer's, wherever it rests. Nothing can undo this.

    It may run beside everything else, and waits for events that are under way. Killed, it can be run again, and goes on.
    """
    with open_customer_desk(load(CustomerSettings)) as parts:
        held = find_holdings(customer_id, parts=parts)
        if held.is_unknown:
            done = Forgotten(customer_id=customer_id)
        else:
            if not yes:
                _tell(held, to_error=True)
                typer.confirm("Forget this customer for good?", abort=True, err=True)
            done = ForgetCustomer(parts)(customer_id, also_live=also_live)
    if as_json:
        typer.echo(forgotten_document(done).model_dump_json(by_alias=True))
    elif held.is_unknown:
        typer.echo(_nothing_holds(customer_id))
    else:
        _tell_done(done)


def _nothing_holds(customer_id: UUID) -> str:
    return f"Nothing holds the customer {customer_id}."


def _tell(held: Holdings, *, to_error: bool = False) -> None:
    console = Console(highlight=False, markup=False, stderr=to_error)
    if held.total == 0:
        console.print(_nothing_holds(held.customer_id), soft_wrap=True)
    else:
        console.print(f"Customer {held.customer_id}", soft_wrap=True)
        console.print(_table(held.counts, heading="Named in"))
    if held.under_way:
        console.print("The customer is being forgotten: run `cinema customers forget` again.", style="yellow")


def _tell_done(done: Forgotten) -> None:
    console = Console(highlight=False, markup=False)
    if done.rewritten:
        console.print(_table(done.rewritten, heading="Rewritten"))
    console.print(
        f"Forgotten, in {counted(done.rounds, 'round')}. "
        "The hubs keep what they have until their retention is over, and backups until they are dropped.",
        soft_wrap=True,
    )


def _table(counts: Mapping[str, int], *, heading: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Station", no_wrap=True)
    table.add_column(heading, justify="right", no_wrap=True)
    for station, count in counts.items():
        table.add_row(station, f"{count:,}")
    return table
