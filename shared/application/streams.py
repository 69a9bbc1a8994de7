"""Streams: the unit of order. A showtime's stream also has the events of its reservations.

An id may be given as text, as documents have it.
"""

from uuid import UUID

from shared.domain.catalogue.auditorium import AuditoriumId
from shared.domain.catalogue.movie import MovieId


def showtime_stream(showtime_id: UUID | str) -> str:
    """The stream of a showtime and its reservations."""
    return f"showtime:{showtime_id}"


def movie_stream(movie_id: MovieId | str) -> str:
    """The stream of a movie."""
    return f"movie:{movie_id}"


def auditorium_stream(auditorium_id: AuditoriumId | str) -> str:
    """The stream of an auditorium."""
    return f"auditorium:{auditorium_id}"
