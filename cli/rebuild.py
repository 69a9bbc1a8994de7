"""`cinema rebuild`: the views anew from EventLog, beside the live ones, and in their place."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.errors import CommandError
from cli.wording import moment
from shared.application.rebuild.rebuild_views import Phase
from shared.bootstrap.rebuild import open_rebuild
from shared.contracts.generations import Generations
from shared.settings import RebuildSettings, load


def rebuild(
    *,
    wait: Annotated[
        bool,
        typer.Option(help="Whether to stay for the grace period, and drop the former views at its end."),
    ] = True,
    finish: Annotated[
        bool, typer.Option("--finish", help="Only drop former views whose grace period is over.")
    ] = False,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Only give up the views that are being built.")
    ] = False,
) -> None:
    """Build the views anew from EventLog while the live ones are used, and switch to them once they have caught up.

    Killed, it can be run again, and goes on. Projectors and the read service must be running as usual, or not at all.
    """
    if finish and abandon:
        raise CommandError("--finish and --abandon are two commands")
    screen = _Screen(Console(stderr=True))
    with screen, open_rebuild(load(RebuildSettings), tell=screen) as views:
        if abandon:
            generations = views.abandon()
        elif finish:
            generations = views.finish()
        else:
            generations = views.rebuild(finish=wait)
    for line in lines_of(generations):
        typer.echo(line)


def lines_of(generations: Generations) -> list[str]:
    """Which generations there are, and what becomes of them."""
    lines = [f"Generation {generations.live} is live."]
    lines += [
        f"Generation {former.generation} is kept up to date until {moment(former.until)}; "
        "then `cinema rebuild --finish` drops it."
        for former in generations.ending
    ]
    if generations.building:
        lines.append(f"Generation {generations.building.generation} is being built.")
    return lines


class _Screen:
    """A line for each phase, on standard error."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description:<20}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[amount]}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[Phase, TaskID] = {}

    def __enter__(self) -> None:
        self._progress.start()

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, phase: Phase, done: float, *, total: float | None) -> None:
        """See `Tell`."""
        amount = f"{done:,.0f}" + (f" of {total:,.0f}" if total else "")
        if phase not in self._tasks:
            self._tasks[phase] = self._progress.add_task(phase, total=total, amount=amount)
        self._progress.update(self._tasks[phase], completed=done, total=total, amount=amount)
