"""Where a report goes: to the terminal as a table, or into a file as CSV or as a picture."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

import typer
from rich.console import Console, RenderableType

from cli.csv_rows import csv_text
from cli.errors import CommandError
from cli.wording import counted

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

STANDARD_OUTPUT = Path("-")
PICTURES = (".png", ".svg", ".pdf")

Row = TypeVar("Row", bound="DataclassInstance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Generic[Row]):
    """Rows of one kind, and how they look as a table."""

    rows: Sequence[Row]
    of: type[Row]
    title: str
    table: Callable[[Sequence[Row]], RenderableType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The files that were asked for; without any, the report is a table on the terminal."""

    csv: Path | None
    plot: Path | None

    def show(self, report: Report[Row]) -> None:
        """Put out a report in each form that was asked for.

        Raises:
            CommandError: a file can't be written, or matplotlib is missing.
        """
        if self.csv is not None:
            _write_csv(report, file=self.csv)
        if self.plot is not None:
            _draw(report, file=self.plot)
        if self.csv is None and self.plot is None:
            _print(report)


def _print(report: Report[Row]) -> None:
    console = Console(highlight=False)
    console.print(report.title, style="bold", markup=False)
    console.print(report.table(report.rows) if report.rows else "Nothing.")


def _write_csv(report: Report[Row], *, file: Path) -> None:
    text = csv_text(report.rows, of=report.of)
    if file == STANDARD_OUTPUT:
        typer.echo(text.encode(), nl=False)
        return
    with _writing(file):
        file.write_text(text, encoding="utf-8", newline="")
    _tell(f"{counted(len(report.rows), 'row')} in {file}")


def _draw(report: Report[Row], *, file: Path) -> None:
    picture = _plots().plot(report.rows, of=report.of, title=report.title)
    with _writing(file):
        picture.save(file)
    _tell(f"a picture in {file}")


@contextmanager
def _writing(file: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror or error}") from error


def _plots() -> ModuleType:
    try:
        from cli import report_plots  # noqa: PLC0415 matplotlib is an extra, and loads slowly
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        raise CommandError("pictures need matplotlib, which is missing: pip install '.[plots]'") from error
    return report_plots


def _tell(what: str) -> None:
    """On standard error, since CSV may be on standard output."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(what, markup=False)
