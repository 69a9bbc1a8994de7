"""`cinema dead-letters …`: the streams that a sink does not get further with, and letting them go."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console

from cli.dead_letter_tables import described, table_of_gaps, table_of_holds
from cli.wording import counted
from shared.application.errors import NotFoundError
from shared.application.outbox.dead_letters import Discard, Hold, HoldResumedError, HoldState
from shared.application.outbox.operations_documents import dead_letters_document, discards_document
from shared.application.outbox.routing import ROUTES
from shared.bootstrap.operations import operations

_PAGE = 200

app = typer.Typer(
    help="Dead letters: messages that a sink refuses, and what waits behind them.", no_args_is_help=True
)


def _known_sink(name: str | None) -> str | None:
    if name is not None and name not in ROUTES:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(ROUTES)}")
    return name


SinkOption = Annotated[
    str | None,
    typer.Option(callback=_known_sink, metavar="SINK", help=f"Only those of one of {', '.join(ROUTES)}."),
]


@app.command("list")
def list_(
    *,
    sink: SinkOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="What /api/ops/dead-letters answers, as one page.")
    ] = False,
) -> None:
    """Tell which streams are held, for which sink, from which message, and why."""
    holds = list(_every(sink))
    if as_json:
        typer.echo(dead_letters_document(holds, limit=len(holds)).model_dump_json(by_alias=True))
    elif holds:
        Console().print(table_of_holds(holds))
    else:
        Console().print("There are no dead letters.")


@app.command()
def redrive(
    *,
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID…", min=1, show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are held.")] = False,
    sink: SinkOption = None,
) -> None:
    """Let streams go on from the message that was refused, once its cause is mended."""
    if every == bool(ids) or (sink is not None and not every):
        raise typer.BadParameter("say which: either ids, or --all, with --sink for those of one sink")
    if ids:
        missing = [hold_id for hold_id in ids if not _resumed(hold_id)]
        for hold_id in missing:
            Console(stderr=True).print(f"There is no dead letter {hold_id}", style="red", highlight=False)
        raise typer.Exit(1 if missing else 0)
    resumed = sum(_resumed(hold.id) for hold in list(_every(sink)) if hold.state is HoldState.HELD)
    Console().print(f"{counted(resumed, 'dead letter')} resumed.", highlight=False)


@app.command()
def discard(
    *,
    hold_id: Annotated[int, typer.Argument(metavar="ID", min=1, show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Leave the refused message out for good, for its sink, and let its stream go on behind it."""
    dead_letters = operations().dead_letters
    hold = dead_letters.get(hold_id)
    if hold.state is HoldState.RESUMED:
        raise HoldResumedError(hold.id)
    console = Console(highlight=False)
    console.print(described(hold))
    console.print(
        f"Discarded, it never reaches {hold.sink}: a gap in {hold.stream_id}, which nothing fills again."
    )
    if not yes:
        typer.confirm("Leave it out?", abort=True)
    gap = dead_letters.discard(hold_id, event_id=hold.event_id)
    console.print(
        f"Left out for {gap.sink}: event {gap.event_id}, {gap.stream_id} #{gap.sequence}.", soft_wrap=True
    )


@app.command()
def discarded(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Tell which messages were left out, for which sink: the gaps that somebody has decided on."""
    gaps = list(_every_gap())
    if as_json:
        typer.echo(discards_document(gaps).model_dump_json(by_alias=True))
    elif gaps:
        Console().print(table_of_gaps(gaps))
    else:
        Console().print("Nothing was left out.")


def _every(sink: str | None) -> Iterator[Hold]:
    """All dead letters, page by page."""
    after = 0
    while page := operations().dead_letters.list(sink=sink, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _every_gap() -> Iterator[Discard]:
    after = 0
    while page := operations().dead_letters.discards(after=after, limit=_PAGE):
        yield from page
        after = page[-1].id


def _resumed(hold_id: int) -> bool:
    """Whether the dead letter could be let go: it may be gone."""
    try:
        hold = operations().dead_letters.redrive(hold_id)
    except NotFoundError:
        return False
    Console(highlight=False).print(
        f"{hold.id}: {hold.sink} goes on with {hold.stream_id} from #{hold.sequence}, "
        f"{counted(hold.waiting, 'message')} waiting.",
        soft_wrap=True,
    )
    return True
