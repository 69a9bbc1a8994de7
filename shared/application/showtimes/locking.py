"""Finding a showtime that is to change, and what belongs to it, under the locks that this needs, in the agreed order."""

from uuid import UUID

from shared.application.errors import NotFoundError
from shared.application.unit_of_work import UnitOfWork
from shared.domain.catalogue.auditorium import AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import MovieId, MovieState
from shared.domain.showtimes.showtime import Showtime


def auditorium_for_its_showtime(showtime_id: UUID, *, unit: UnitOfWork) -> AuditoriumState:
    """The auditorium of a showtime, to which nobody can give showtimes before the unit of work ends.

    Raises:
        NotFoundError: there is no such showtime.
    """
    auditorium_id = unit.showtimes.auditorium_of(showtime_id)
    auditorium = unit.auditoriums.find_for_update(auditorium_id) if auditorium_id else None
    if auditorium is None:
        raise NotFoundError("showtime", showtime_id)
    return auditorium.state


def showtime_to_change(showtime_id: UUID, *, unit: UnitOfWork) -> Showtime:
    """The showtime, which nobody else can change or book before the unit of work ends.

    Raises:
        NotFoundError: there is none.
    """
    showtime = unit.showtimes.find_for_update(showtime_id)
    if showtime is None:
        raise NotFoundError("showtime", showtime_id)
    return showtime


def movie_as_it_is(movie_id: MovieId, *, unit: UnitOfWork) -> MovieState:
    """The movie as last committed, not locked.

    Raises:
        NotFoundError: there is none.
    """
    movie = unit.movies.find(movie_id)
    if movie is None:
        raise NotFoundError("movie", movie_id)
    return movie.state


def auditorium_as_it_is(auditorium_id: AuditoriumId, *, unit: UnitOfWork) -> AuditoriumState:
    """The auditorium as last committed, not locked.

    Raises:
        NotFoundError: there is none.
    """
    auditorium = unit.auditoriums.find(auditorium_id)
    if auditorium is None:
        raise NotFoundError("auditorium", auditorium_id)
    return auditorium.state
