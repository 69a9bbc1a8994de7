"""Register a movie, or correct a registered one."""

from dataclasses import dataclass

from shared.application.clock import Clock
from shared.application.command_context import VersionCondition
from shared.application.outcome import Outcome
from shared.application.streams import movie_stream
from shared.application.unit_of_work import UnitOfWork
from shared.domain.catalogue.movie import Movie, MovieId, MovieState


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterMovie:
    """The catalogue shall have this movie, like this."""

    movie_id: MovieId
    title: str
    runtime_minutes: int
    condition: VersionCondition | None = None


def register_movie(command: RegisterMovie, *, unit: UnitOfWork, clock: Clock) -> Outcome[MovieState]:
    """Make the catalogue's movie what the command says; if it is that already, nothing happens.

    Raises:
        InvalidValueError: no movie can be like this.
        VersionMismatchError: the condition is not met.
    """
    known = unit.movies.find_for_update(command.movie_id)
    if command.condition is not None:
        command.condition.ensure_met(actual=known.state.version if known else None)
    if known is None:
        movie = Movie.register(
            command.movie_id, title=command.title, runtime_minutes=command.runtime_minutes, at=clock.now()
        )
        unit.movies.add(movie)
    else:
        movie = known
        movie.change(title=command.title, runtime_minutes=command.runtime_minutes, at=clock.now())
        unit.movies.save(movie)
    return unit.conclude(movie.state, stream=movie_stream(command.movie_id), created=known is None)
