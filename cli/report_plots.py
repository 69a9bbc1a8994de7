"""Reports as pictures. The only module that imports matplotlib, which is an extra: import this one where it is needed."""

# matplotlib leaves its **kwargs without types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cli.report_tables import WEEKDAYS
from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales

MOST_MOVIES = 9
"""So many have a colour of their own, those that sell best; the others share one."""

LONGEST_LABEL = 40

_OTHERS = "others"
_FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Hiragino Sans",
    "Yu Gothic",
    "Microsoft YaHei",
)
"""The first comes with matplotlib; the others, where they are installed, have the letters that it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn report."""

    figure: Figure

    def save(self, file: Path) -> None:
        """Write it, in the format that the file's ending says.

        Raises:
            OSError: the file can't be written.
        """
        with _as_written():
            self.figure.savefig(file)


def plot(rows: Sequence[Any], *, of: type[object], title: str) -> Picture:
    """Draw rows of one kind. No display is used."""
    with _as_written():
        figure = Figure(figsize=(11, 6), dpi=120, layout="constrained")
        axes = figure.subplots()
        axes.set_title(title, loc="left", fontweight="bold")
        if rows:
            _DRAW[of](axes, rows)
        else:
            axes.text(0.5, 0.5, "Nothing.", ha="center", va="center", transform=axes.transAxes)
    return Picture(figure=figure)


@contextmanager
def _as_written() -> Generator[None]:
    """Titles are printed as they are: what stands between dollar signs is no formula, and a letter may be a box."""
    installed = set(font_manager.get_font_names())
    fonts = [name for name in _FONTS if name in installed]
    with rc_context({"text.parse_math": False, "font.family": fonts}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _showtimes(axes: Axes, rows: Sequence[ShowtimeSales]) -> None:
    """How full each is, at its time, with a colour for each movie."""
    shown = [row for row in rows if row.status != "Cancelled"]
    colours = _colours((row.movie_title, row.seats_sold) for row in shown)
    for title, colour in colours.items():
        dots = [row for row in shown if _named(row.movie_title, colours) == title]
        times: list[Any] = [row.screening_time.replace(tzinfo=None) for row in dots]
        axes.scatter(times, [100 * row.occupancy for row in dots], color=colour)
    _finish(axes, "Seats sold of those there are, %", colours)
    axes.set_ylim(-4, 104)


def _movies(axes: Axes, rows: Sequence[MovieDay]) -> None:
    """The seats that are sold for each day, one movie on top of the other."""
    colours = _colours((row.movie_title, row.seats_sold) for row in rows)
    height: Counter[date] = Counter()
    for title, colour in colours.items():
        sold: Counter[date] = Counter()
        for row in rows:
            if _named(row.movie_title, colours) == title:
                sold[row.day] += row.seats_sold
        days: list[Any] = sorted(sold)
        axes.bar(days, [sold[day] for day in days], bottom=[height[day] for day in days], color=colour)
        height += sold
    _finish(axes, "Seats sold", colours)


def _conversion(axes: Axes, rows: Sequence[HoldConversion]) -> None:
    (row,) = rows
    outcomes = {
        "bought": row.confirmed,
        "expired": row.expired,
        "cancelled by the customer": row.cancelled_by_customer,
        "showtime called off": row.showtime_cancelled,
        "still held": row.still_held,
    }
    bars = axes.barh(list(outcomes), list(outcomes.values()))
    axes.bar_label(bars, padding=4)
    axes.invert_yaxis()
    axes.set_xlabel("Holds")


def _hours(axes: Axes, rows: Sequence[BookingHour]) -> None:
    """The week as a grid that is darkest where most is booked."""
    grid = [[0] * 24 for _ in WEEKDAYS]
    for row in rows:
        grid[row.weekday - 1][row.hour] = row.bookings
    image = axes.imshow(grid, cmap="Blues", aspect="auto", vmin=0)
    axes.set_yticks(range(7), WEEKDAYS)
    axes.set_xticks(range(24))
    axes.set_xlabel("Hour of the day")
    axes.figure.colorbar(image, ax=axes, label="Bookings")


_DRAW: Mapping[type[object], Callable[[Axes, Sequence[Any]], None]] = {
    ShowtimeSales: _showtimes,
    MovieDay: _movies,
    HoldConversion: _conversion,
    BookingHour: _hours,
}


def _colours(sales: Iterable[tuple[str, int]]) -> dict[str, str]:
    """A colour for each of the movies that sell best, and one for the others if there are any."""
    sold: defaultdict[str, int] = defaultdict(int)
    for title, seats in sales:
        sold[title] += seats
    best = sorted(sold, key=lambda title: (-sold[title], title))[:MOST_MOVIES]
    colours = {title: f"C{number}" for number, title in enumerate(best)}
    return colours if len(best) == len(sold) else {**colours, _OTHERS: "lightgrey"}


def _named(title: str, colours: Mapping[str, str]) -> str:
    return title if title in colours else _OTHERS


def _finish(axes: Axes, label: str, colours: Mapping[str, str]) -> None:
    axes.set_ylabel(label)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.figure.autofmt_xdate()
    shown = [*axes.collections, *axes.containers]
    axes.legend(shown, [_label(title) for title in colours], loc="upper left", bbox_to_anchor=(1.01, 1))


def _label(title: str) -> str:
    return title if len(title) <= LONGEST_LABEL else f"{title[: LONGEST_LABEL - 1]}…"
