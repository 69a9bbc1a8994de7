"""Shows the seats of a showtime, and again whenever they change: `python seats.py localhost:50051 SHOWTIME [SEQUENCE]`.

It needs the package in clients/python, and shows what a reader has to get right:

- Who has just booked gives the sequence of that answer, and sees nothing older (`min_sequence`).
- A watch goes on from the map that one has, so that nothing is missed between the two, nor when the connection is lost.
- Each error says what can be done about it.
"""

import asyncio
import sys
from contextlib import aclosing, suppress

from cinema_client import CinemaClient, InvalidQueryError, NotFoundError, NotReachedError, SeatMap

SIGNS = {"Free": "_", "Held": "?", "Sold": "#"}


async def show(target: str, *, showtime_id: str, min_sequence: int) -> None:
    """Print until interrupted."""
    async with CinemaClient(target) as cinema:
        try:
            showtime = await cinema.showtime(showtime_id, min_sequence=min_sequence)
        except NotReachedError:
            sys.stderr.write("The views are late; this is what there is:\n")
            showtime = await cinema.showtime(showtime_id)
        start = showtime.screening_time.ToJsonString()
        print(f"{showtime.movie.title}, {showtime.auditorium.name}, {start}", flush=True)  # noqa: T201
        async with aclosing(cinema.watch(showtime_id)) as maps:
            async for seat_map in maps:
                print(drawn(seat_map), flush=True)  # noqa: T201


def drawn(seat_map: SeatMap) -> str:
    """A line, with a word for each row."""
    rows: dict[str, str] = {}
    for place, status in seat_map.seats.items():
        rows[place.row] = rows.get(place.row, "") + SIGNS[status]
    picture = " ".join(f"{row}:{signs}" for row, signs in rows.items())
    return f"{picture} {seat_map.free_seats} of {seat_map.total_seats} free"


def main(target: str, showtime_id: str, min_sequence: str = "0") -> int:
    """0 after Ctrl-C; 1 if there is nothing to show."""
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(show(target, showtime_id=showtime_id, min_sequence=int(min_sequence)))
    except NotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except InvalidQueryError as error:
        sys.stderr.writelines(
            f"{violation.field} {violation.description}\n" for violation in error.violations
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
