"""`cinema …`: the commands, and what a failure looks like.

Exit codes: 0 done, 1 something is wrong with the system that was asked about, 2 the command or a setting is wrong.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli import audit, customers, dead_letters, outbox, projection_failures, rebuild, report, trace
from cli.errors import CommandError
from cli.settings_file import apply_settings_file
from cli.wording import one_line
from shared.application.audit.ports import StationUnreadableError
from shared.application.customers.erasure import ErasureError
from shared.application.errors import RerunCommandError
from shared.application.outbox.errors import OutboxError
from shared.application.projections.ports import ViewStoreUnavailableError
from shared.application.rebuild.errors import RebuildError
from shared.application.reporting.ports import ReportError
from shared.domain.errors import CinemaError
from shared.settings import SettingsError

app = typer.Typer(
    name="cinema",
    help="Look at, and operate, a running cinema.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(outbox.app, name="outbox")
app.add_typer(customers.app, name="customers")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(projection_failures.app, name="projection-failures")
app.add_typer(report.app, name="report")
app.command()(audit.audit)
app.command()(rebuild.rebuild)
app.command()(trace.trace)


@app.callback()
def choose_settings(
    settings: Annotated[
        Path | None,
        typer.Option(
            envvar="CINEMA_SETTINGS",
            help="A file like local.settings.json, which is read from the current folder by default. "
            "Variables of the environment win.",
        ),
    ] = None,
) -> None:
    """Look at, and operate, a running cinema."""
    apply_settings_file(settings)


_FAILURES = (
    CinemaError,
    ErasureError,
    OutboxError,
    RebuildError,
    ReportError,
    StationUnreadableError,
    RerunCommandError,
    ViewStoreUnavailableError,
)


def main() -> None:
    """Run the command line; a foreseen failure is one line on standard error."""
    try:
        app()
    except SettingsError as error:
        _fail(f"A setting is wrong: {one_line(error)}", code=2)
    except CommandError as error:
        _fail(one_line(error), code=2)
    except _FAILURES as error:
        _fail(one_line(error), code=1)


def _fail(message: str, *, code: int) -> None:
    Console(stderr=True).print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
