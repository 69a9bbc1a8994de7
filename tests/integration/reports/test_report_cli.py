"""`cinema report …`: what a person sees, and what is in the files."""

import csv
from dataclasses import fields
from pathlib import Path

import pytest

from cli.errors import CommandError
from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales
from tests.builders.outbox_messages import BoxOffice, a_message
from tests.integration.reports.report_command import ReportCommand
from tests.servers.reporting_database import ReportingDatabase, committed

pytestmark = pytest.mark.integration

ROWS = {
    "showtimes": ShowtimeSales,
    "movies": MovieDay,
    "conversion": HoldConversion,
    "hours": BookingHour,
}
A_LONG_TITLE = "The Assassination of Jesse James by the Coward Robert Ford, told again " * 3


def line_with(text: str, *, within: str) -> list[str]:
    (line,) = (line for line in within.splitlines() if text in line)
    return line.split()


@pytest.mark.usefixtures("two_showtimes")
def test_a_showtime_is_told_with_its_seats(report: ReportCommand) -> None:
    table = report.says("showtimes")
    assert line_with("2026-12-02", within=table) == [
        "2026-12-02", "12:00", "千と千尋の神隠…", "odeon-1", "10", "4", "3", "100", "10.0%",
    ]  # fmt: skip
    assert line_with("Inception", within=table)[-3:] == ["·", "50", "off"]


@pytest.mark.usefixtures("two_showtimes")
def test_a_movie_is_told_day_by_day(report: ReportCommand) -> None:
    table = report.says("movies")
    assert line_with("千と千尋", within=table)[2:] == ["1", "·", "10", "4", "3", "100", "10.0%"]
    assert line_with("Inception", within=table)[2:] == ["·", "1", "·", "·", "·", "·", "–"]


@pytest.mark.usefixtures("two_showtimes")
def test_holds_are_told_with_what_became_of_them(report: ReportCommand) -> None:
    told = report.says("conversion")
    assert line_with("bought  ", within=told) == ["bought", "1", "33.3%"]
    assert line_with("still held", within=told) == ["still", "held", "1", "33.3%"]
    assert "50.0% of the 2 that are decided were bought." in told
    assert "2m 0s in the middle" in told


@pytest.mark.usefixtures("two_showtimes")
def test_the_hours_of_the_week_are_a_grid(report: ReportCommand) -> None:
    told = report.says("hours")
    assert line_with("20:00  ", within=told)[:9] == ["20:00", "·", "·", "·", "·", "3", "·", "·", "3"]
    assert "Busiest: Fri 20:00, 3 bookings, 17 seats." in told


@pytest.mark.usefixtures("two_showtimes")
def test_days_and_hours_are_those_of_the_cinemas_clock(
    report: ReportCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CINEMA_TIME_ZONE", "Asia/Tokyo")
    told = report.says("showtimes")
    assert told.startswith("Showtimes, Asia/Tokyo time\n")
    assert line_with("2026-12-02", within=told)[1] == "21:00"
    assert "Busiest: Sat 05:00" in report.says("hours")


@pytest.mark.usefixtures("two_showtimes")
def test_days_and_a_movie_narrow_a_report(report: ReportCommand) -> None:
    def ids(*arguments: str) -> list[str]:
        return [row["movie_id"] for row in report.rows("showtimes", *arguments)]

    assert ids("--from", "2026-12-02", "--to", "2026-12-02") == ["tt0245429"]
    assert ids("--from", "2026-12-03") == ["tt1375666"]
    assert ids("--movie", "tt1375666") == ["tt1375666"]
    assert ids("--from", "0001-01-01", "--to", "9999-12-31") == ["tt0245429", "tt1375666"]
    assert ids("--from", "2026-12-05") == []


@pytest.mark.parametrize("name", ROWS)
def test_the_headers_of_csv_are_the_fields_of_its_rows(report: ReportCommand, name: str) -> None:
    header = report.says(name, "--csv", "-").splitlines()[0]
    assert header == ",".join(field.name for field in fields(ROWS[name]))


@pytest.mark.usefixtures("two_showtimes")
def test_csv_is_written_into_a_file(report: ReportCommand, tmp_path: Path) -> None:
    result = report.run("movies", "--csv", str(tmp_path / "movies.csv"))
    assert (result.stdout, result.stderr) == ("", f"2 rows in {tmp_path / 'movies.csv'}\n")
    assert (tmp_path / "movies.csv").read_bytes().count(b"\r\n") == 3
    with (tmp_path / "movies.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["day"], first["movie_title"], first["occupancy"]) == (
        "2026-12-02",
        "千と千尋の神隠し",
        "0.1",
    )
    assert (second["showtimes"], second["showtimes_cancelled"]) == ("0", "1")


def test_what_is_not_known_is_empty_in_csv(report: ReportCommand) -> None:
    (row,) = report.rows("conversion")
    assert (row["holds"], row["median_seconds_to_confirm"]) == ("0", "")


def test_a_title_is_no_formula_in_csv(report: ReportCommand, database: ReportingDatabase) -> None:
    title = '=HYPERLINK("http://evil.example","Free popcorn")'
    database.deliver(
        committed([BoxOffice().opened(), a_message("movie:tt0245429", movie_id="tt0245429", title=title)])
    )
    (row,) = report.rows("showtimes")
    assert row["movie_title"] == f"'{title}"
    assert title[:8] in report.says("showtimes")


@pytest.mark.parametrize("title", [A_LONG_TITLE, "千と千尋の神隠し" * 20, "[red]a[/red] [link=x]b"])
@pytest.mark.parametrize("name", ["showtimes", "movies"])
def test_everything_fits_eighty_columns_and_is_printed_as_it_is(
    report: ReportCommand, database: ReportingDatabase, name: str, title: str
) -> None:
    database.deliver(
        committed([BoxOffice().opened(), a_message("movie:tt0245429", movie_id="tt0245429", title=title)])
    )
    told = report.says(name)
    assert max(len(line) for line in told.splitlines()) <= 80
    assert title[:7] in told
    assert "2026-12-02" in told


@pytest.mark.parametrize("name", ["showtimes", "movies", "hours"])
def test_where_there_is_nothing_it_says_so(report: ReportCommand, name: str) -> None:
    assert report.says(name).endswith("time\nNothing.\n")


@pytest.mark.usefixtures("two_showtimes")
@pytest.mark.parametrize("filters", [(), ("--movie", "tt0000000")])
@pytest.mark.parametrize("name", ROWS)
def test_every_report_can_be_drawn(
    report: ReportCommand, tmp_path: Path, name: str, filters: tuple[str, ...]
) -> None:
    report.says(name, "--plot", str(tmp_path / "plot.png"), *filters)
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("title", ["$\\frac{$", "_hidden", A_LONG_TITLE])
@pytest.mark.parametrize("name", ["showtimes", "movies"])
def test_a_title_is_drawn_as_it_is(
    report: ReportCommand, database: ReportingDatabase, tmp_path: Path, name: str, title: str
) -> None:
    database.deliver(
        committed([BoxOffice().opened(), a_message("movie:tt0245429", movie_id="tt0245429", title=title)])
    )
    report.says(name, "--plot", str(tmp_path / "plot.svg"))
    assert (tmp_path / "plot.svg").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--from", "2026-13-01"), "'2026-13-01' is no day such as"),
        (("--to", "tomorrow"), "'tomorrow' is no day such as"),
        (("--from", "2026-12-02", "--to", "2026-12-01"), "--from 2026-12-02 is after --to 2026-12-01"),
        (("--plot", "plot.gif"), "plot.gif does not end in .png, .svg, .pdf"),
    ],
)
@pytest.mark.parametrize("name", ROWS)
def test_a_wrong_option_is_said_to_be_so(
    report: ReportCommand, name: str, arguments: tuple[str, ...], complaint: str
) -> None:
    assert complaint in report.refuses(name, *arguments)


@pytest.mark.parametrize("option", ["--csv", "--plot"])
def test_a_file_that_cannot_be_written_is_told_in_one_line(report: ReportCommand, option: str) -> None:
    failed = report.run("movies", option, "missing/file.png").exception
    assert isinstance(failed, CommandError)
    assert str(failed) == "missing/file.png can't be written: No such file or directory"
