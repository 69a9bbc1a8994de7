"""Movies in the write database."""

from typing import Any

from sqlalchemy import RowMapping, Select, insert, select
from sqlalchemy.orm import Session

from shared.application.streams import movie_stream
from shared.domain.catalogue.movie import Movie, MovieId, MovieState
from shared.infrastructure.sql.changed_aggregates import ChangedAggregates, newborn, update_if_unchanged
from shared.infrastructure.sql.outbox_writer import open_stream
from shared.infrastructure.sql.row_locks import locked
from shared.infrastructure.sql.write_tables import movies


class SqlMovieRepository:
    """One row a movie."""

    def __init__(self, session: Session, *, changed: ChangedAggregates) -> None:
        """Work within a unit of work's session."""
        self._session = session
        self._changed = changed

    def find(self, movie_id: MovieId) -> Movie | None:
        """The movie as last committed, not locked."""
        return self._first(_by_id(movie_id))

    def find_for_update(self, movie_id: MovieId) -> Movie | None:
        """The movie, locked."""
        return self._first(locked(_by_id(movie_id), movies))

    def add(self, movie: Movie) -> None:
        """Insert the movie and open its stream."""
        state = movie.state
        with newborn():
            self._session.execute(
                insert(movies).values(
                    MovieId=str(state.movie_id),
                    Title=state.title,
                    RuntimeMinutes=state.runtime_minutes,
                    Version=state.version,
                )
            )
            open_stream(self._session, movie_stream(state.movie_id))
        self._changed.note(movie)

    def save(self, movie: Movie) -> None:
        """Update the movie's row if anything has happened."""
        if not movie.new_events:
            return
        state = movie.state
        update_if_unchanged(
            self._session,
            table=movies,
            key=movies.c.MovieId == str(state.movie_id),
            aggregate=movie,
            values={"Title": state.title, "RuntimeMinutes": state.runtime_minutes},
        )
        self._changed.note(movie)

    def _first(self, query: Select[Any]) -> Movie | None:
        row = self._session.execute(query).mappings().first()
        return Movie.restore(_state(row)) if row else None


def _by_id(movie_id: MovieId) -> Select[Any]:
    return select(movies).where(movies.c.MovieId == str(movie_id))


def _state(row: RowMapping) -> MovieState:
    return MovieState(
        movie_id=MovieId(row["MovieId"]),
        title=row["Title"],
        runtime_minutes=row["RuntimeMinutes"],
        version=row["Version"],
    )
