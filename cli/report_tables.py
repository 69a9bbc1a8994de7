"""Reports as tables that can be read at eighty columns. Who wants every column asks for CSV."""

from collections import Counter
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.wording import counted, duration, percent
from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BAR_WIDTH = 20


def of_showtimes(rows: Sequence[ShowtimeSales]) -> RenderableType:
    """A line for each showtime; one that does not take place is told so instead of how full it is."""
    table = _table("Begins", "Movie", "Auditorium")
    _add_amounts(table, "Sold", "Held", "Given\nback", "Seats", "Full")
    for row in rows:
        table.add_row(
            f"{row.screening_time:%Y-%m-%d %H:%M}",
            _text(row.movie_title),
            _text(row.auditorium_id),
            *_amounts(row.seats_sold, row.seats_held, row.seats_cancelled, row.capacity),
            Text("off", style="red") if row.status == "Cancelled" else percent(row.occupancy),
        )
    return Group(table, Text(f"{counted(len(rows), 'showtime')}."))


def of_movies(rows: Sequence[MovieDay]) -> RenderableType:
    """A line for each movie and day."""
    table = _table("Day", "Movie")
    _add_amounts(table, "Shows", "Off", "Sold", "Held", "Given\nback", "Seats", "Full")
    for row in rows:
        table.add_row(
            row.day.isoformat(),
            _text(row.movie_title),
            *_amounts(row.showtimes, row.showtimes_cancelled, row.seats_sold, row.seats_held),
            *_amounts(row.seats_cancelled, row.capacity),
            percent(row.occupancy) if row.showtimes else "–",
        )
    return table


def of_conversion(rows: Sequence[HoldConversion]) -> RenderableType:
    """A line for each figure; the shares are of all holds, but for that of those that are decided."""
    (row,) = rows
    table = _table("What became of them")
    _add_amounts(table, "Holds", "Share")
    for name, holds in (
        ("bought", row.confirmed),
        ("expired", row.expired),
        ("cancelled by the customer", row.cancelled_by_customer),
        ("showtime called off", row.showtime_cancelled),
        ("still held", row.still_held),
    ):
        table.add_row(name, *_amounts(holds), percent(holds / row.holds) if row.holds else "–")
    table.add_section()
    table.add_row("all", *_amounts(row.holds), "")
    return Group(table, _conversion_in_words(row))


def of_hours(rows: Sequence[BookingHour]) -> RenderableType:
    """The hours of a week as a grid, from the first to the last that has any, and the busiest one."""
    bookings = {(row.weekday, row.hour): row.bookings for row in rows}
    by_hour, by_weekday = Counter[int](), Counter[int]()
    for (weekday, hour), number in bookings.items():
        by_hour[hour] += number
        by_weekday[weekday] += number
    table = _table("Hour")
    _add_amounts(table, *WEEKDAYS, "All")
    table.add_column()
    for hour in range(min(by_hour), max(by_hour) + 1):
        days = [bookings.get((weekday, hour), 0) for weekday in range(1, 8)]
        bar = "▇" * round(_BAR_WIDTH * by_hour[hour] / max(by_hour.values()))
        table.add_row(f"{hour:02}:00", *_amounts(*days), *_amounts(by_hour[hour]), Text(bar, style="cyan"))
    table.add_section()
    table.add_row("all", *_amounts(*(by_weekday[day] for day in range(1, 8))), *_amounts(by_hour.total()))
    return Group(table, _busiest_in_words(rows))


def _table(first: str, *texts: str) -> Table:
    """A table whose first column is always wide enough; columns of texts give way."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column(first, no_wrap=True)
    for heading in texts:
        table.add_column(heading)
    return table


def _text(written: str) -> Text:
    """What people have written, as it is, on one line: what is too long for it is cut, and can be had as CSV."""
    return Text(written, no_wrap=True, overflow="ellipsis")


def _add_amounts(table: Table, *headings: str) -> None:
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)


def _amounts(*numbers: int) -> list[str]:
    """Numbers for people; none is a dot, so that the others stand out."""
    return [f"{number:,}" if number else "·" for number in numbers]


def _conversion_in_words(row: HoldConversion) -> Text:
    decided = row.holds - row.still_held
    told = [f"{percent(row.conversion)} of the {decided:,} that are decided were bought." if decided else ""]
    if row.given_back:
        told.append(f"{row.given_back:,} of those that were bought were given back later.")
    if row.median_seconds_to_confirm is not None and row.mean_seconds_to_confirm is not None:
        median, mean = duration(row.median_seconds_to_confirm), duration(row.mean_seconds_to_confirm)
        told.append(f"From hold to purchase: {median} in the middle, {mean} on average.")
    return Text("\n".join(filter(None, told)))


def _busiest_in_words(rows: Sequence[BookingHour]) -> Text:
    busiest = max(rows, key=lambda row: (row.bookings, row.seats))
    return Text(
        f"Busiest: {WEEKDAYS[busiest.weekday - 1]} {busiest.hour:02}:00, "
        f"{counted(busiest.bookings, 'booking')}, {counted(busiest.seats, 'seat')}."
    )
