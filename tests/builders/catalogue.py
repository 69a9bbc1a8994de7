"""Movies and auditoriums for tests."""

from shared.domain.catalogue.auditorium import AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import MovieId, MovieState
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatLayout, SeatRow

INCEPTION = MovieState(movie_id=MovieId("tt1375666"), title="Inception", runtime_minutes=148, version=1)


def a_layout(**rows: int) -> SeatLayout:
    """A layout such as `a_layout(A=10, B=12)`."""
    return SeatLayout.of(SeatRow(row, seats) for row, seats in rows.items())


def an_auditorium(slug: str = "odeon-1", **rows: int) -> AuditoriumState:
    """An auditorium with the given rows, or with A and B of ten seats."""
    layout = a_layout(**rows) if rows else a_layout(A=10, B=10)
    return AuditoriumState(auditorium_id=AuditoriumId(slug), name="Odeon 1", layout=layout, version=1)


def seats(*names: str) -> tuple[Seat, ...]:
    """Seats by what is painted on them: `seats("A-1", "A-2")`."""
    return tuple(Seat(name.split("-")[0], int(name.split("-")[1])) for name in names)
