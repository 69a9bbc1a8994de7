"""`cinema report …`: how full, how many, when; as tables, as CSV, as pictures."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli import report_tables as tables
from cli.report_output import PICTURES, Output, Report
from shared.application.reporting.ports import Reports, ReportScope
from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales
from shared.bootstrap.reporting import open_reports
from shared.settings import ReportSettings, load

app = typer.Typer(help="Reports, from the reporting database.", no_args_is_help=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day such as 2026-12-31") from error


def _picture(file: Path | None) -> Path | None:
    if file is not None and file.suffix.lower() not in PICTURES:
        raise typer.BadParameter(f"{file} does not end in {', '.join(PICTURES)}")
    return file


From = Annotated[date | None, typer.Option("--from", parser=_day, metavar="DAY", help="The first day.")]
To = Annotated[
    date | None, typer.Option("--to", parser=_day, metavar="DAY", help="The last day, which is included.")
]
Movie = Annotated[str | None, typer.Option(metavar="ID", help="Only this movie, such as tt1375666.")]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Write CSV instead of a table; - is standard output."),
]
Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot",
        callback=_picture,
        metavar="FILE",
        help=f"Draw a picture instead of a table: {', '.join(PICTURES)}. Needs matplotlib.",
    ),
]


@app.command()
def showtimes(
    *, first: From = None, last: To = None, movie: Movie = None, csv: Csv = None, plot: Plot = None
) -> None:
    """How full each showtime of these days is, and how many seats are sold, held, given back."""
    scope = _scope(first, last, movie)
    with _reports() as (reports, zone):
        rows = reports.showtimes(scope)
    title = _heading("Showtimes", scope, zone=zone)
    Output(csv=csv, plot=plot).show(
        Report(rows=rows, of=ShowtimeSales, title=title, table=tables.of_showtimes)
    )


@app.command()
def movies(
    *, first: From = None, last: To = None, movie: Movie = None, csv: Csv = None, plot: Plot = None
) -> None:
    """How full each movie is on each day on which it is shown."""
    scope = _scope(first, last, movie)
    with _reports() as (reports, zone):
        rows = reports.movies(scope)
    title = _heading("Movies by day", scope, zone=zone)
    Output(csv=csv, plot=plot).show(Report(rows=rows, of=MovieDay, title=title, table=tables.of_movies))


@app.command()
def conversion(
    *, first: From = None, last: To = None, movie: Movie = None, csv: Csv = None, plot: Plot = None
) -> None:
    """How many of the holds that were made on these days were bought, and what became of the others."""
    scope = _scope(first, last, movie)
    with _reports() as (reports, zone):
        rows = [reports.conversion(scope)]
    title = _heading("Holds made", scope, zone=zone)
    Output(csv=csv, plot=plot).show(
        Report(rows=rows, of=HoldConversion, title=title, table=tables.of_conversion)
    )


@app.command()
def hours(
    *, first: From = None, last: To = None, movie: Movie = None, csv: Csv = None, plot: Plot = None
) -> None:
    """In which hours of the week the bookings of these days were made."""
    scope = _scope(first, last, movie)
    with _reports() as (reports, zone):
        rows = reports.hours(scope)
    title = _heading("Bookings by hour", scope, zone=zone)
    Output(csv=csv, plot=plot).show(Report(rows=rows, of=BookingHour, title=title, table=tables.of_hours))


def _scope(first: date | None, last: date | None, movie: str | None) -> ReportScope:
    if first is not None and last is not None and first > last:
        raise typer.BadParameter(f"--from {first} is after --to {last}")
    return ReportScope(first_day=first, last_day=last, movie_id=movie)


@contextmanager
def _reports() -> Generator[tuple[Reports, str]]:
    """The reports, and the name of the time zone in which they are told."""
    settings = load(ReportSettings)
    with open_reports(settings) as reports:
        yield reports, settings.cinema_time_zone


def _heading(what: str, scope: ReportScope, *, zone: str) -> str:
    """What a report is of, such as `Showtimes of tt1375666 from 2026-12-01, Europe/Berlin time`."""
    movie = f" of {scope.movie_id}" if scope.movie_id is not None else ""
    first = f" from {scope.first_day}" if scope.first_day is not None else ""
    last = f" to {scope.last_day}" if scope.last_day is not None else ""
    return f"{what}{movie}{first}{last}, {zone} time"
