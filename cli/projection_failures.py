"""`cinema projection-failures …`: the events that could not be projected, and what is done with them."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.wording import counted, moment, shortened
from shared.application.errors import NotFoundError
from shared.application.projections.failure_documents import failures_document
from shared.application.projections.failures import ProjectionFailure, ProjectionFailures
from shared.bootstrap.projection_failures import FailureDesk, open_failure_desk
from shared.settings import ProjectorSettings, load

_AT_ONCE = 100
_MOST_LISTED = 1_000

app = typer.Typer(
    help="Projection failures: events that the projector could not read, parked beside the views.",
    no_args_is_help=True,
)


@app.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=_MOST_LISTED, help="How many at most.")] = 50,
    after: Annotated[str, typer.Option(metavar="ID", help="Only those behind this one: the next page.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Tell which events could not be projected, and why. What they say of customers is not shown."""
    with open_failure_desk(load(ProjectorSettings)) as desk:
        found = desk.failures.list(after=after, limit=limit + 1)
    document = failures_document(found, limit=limit)
    if as_json:
        typer.echo(document.model_dump_json(by_alias=True))
        return
    console = Console(highlight=False)
    if not found:
        console.print("There are no projection failures." if not after else "There are no more.")
        return
    console.print(_table(found[:limit]))
    if document.next_after is not None:
        console.print(f"There are more: --after {document.next_after}", soft_wrap=True)


@app.command()
def replay(
    *,
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID…", show_default=False)] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are parked.")] = False,
) -> None:
    """Project events again, once their cause is mended; those that fail again stay."""
    if every == bool(ids):
        raise typer.BadParameter("say which: either ids, or --all")
    with open_failure_desk(load(ProjectorSettings)) as desk:
        missing = False
        if ids:
            chosen, missing = _chosen(desk.failures, ids)
            pages: Iterator[Sequence[ProjectionFailure]] = iter([chosen] if chosen else [])
        else:
            pages = _every(desk.failures)
        left = _replayed(desk, pages)
    raise typer.Exit(1 if left or missing else 0)


@app.command()
def discard(
    *,
    failure_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget an event for good. What it would have changed in the views stays as it is."""
    console = Console(highlight=False)
    with open_failure_desk(load(ProjectorSettings)) as desk:
        failure = desk.failures.get(failure_id)
        console.print(_described(failure))
        if not yes:
            typer.confirm("Forget it?", abort=True)
        desk.failures.remove([failure.id])
    console.print(f"Forgotten: {failure.id}.")


def _chosen(failures: ProjectionFailures, ids: Sequence[str]) -> tuple[list[ProjectionFailure], bool]:
    """Those of them that there are, and whether one is missing."""
    found: list[ProjectionFailure] = []
    for failure_id in dict.fromkeys(ids):
        try:
            found.append(failures.get(failure_id))
        except NotFoundError as error:
            Console(stderr=True).print(str(error), style="red", highlight=False, markup=False)
    return found, len(found) < len(set(ids))


def _every(failures: ProjectionFailures) -> Iterator[Sequence[ProjectionFailure]]:
    """All failures, page by page; those that fail again are behind, so that each is tried once."""
    after = ""
    while page := failures.list(after=after, limit=_AT_ONCE):
        yield page
        after = page[-1].id


def _replayed(desk: FailureDesk, pages: Iterator[Sequence[ProjectionFailure]]) -> int:
    """Replay page by page; answers how many failed again."""
    projected, left = 0, list[ProjectionFailure]()
    for page in pages:
        again = desk.replay(page)
        projected += len(page) - len(again)
        left += again
    console = Console(highlight=False)
    console.print(f"{counted(projected, 'event')} projected, {len(left):,} failed again.")
    if left:
        console.print(f"{left[0].id}, for one: {shortened(left[0].reason)}", soft_wrap=True, markup=False)
    return len(left)


def _table(failures: Sequence[ProjectionFailure]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Place", no_wrap=True)
    table.add_column("Tried", justify="right", no_wrap=True)
    table.add_column("What could not be projected, and why", overflow="fold")
    for failure in failures:
        received = failure.received
        place = f"{received.partition}:{received.position}" if received.partition.isdigit() else "EventLog"
        table.add_row(place, f"{failure.attempts}×", _described(failure), end_section=True)
    return table


def _described(failure: ProjectionFailure) -> Text:
    """One failure, on a line for each of its sides. The stream and the type are all that is told of the event."""
    envelope = failure.envelope
    what = (
        "no event of ours"
        if envelope is None
        else f"{envelope.stream_id} #{envelope.sequence}\n{envelope.type}"
    )
    return Text.assemble(
        (f"{failure.id}\n", "bold"),
        f"{shortened(what)}\nparked {moment(failure.parked)}, tried {moment(failure.tried)}\n",
        (shortened(failure.reason), "red"),
    )
