"""Movies and auditoriums in memory."""

from shared.application.streams import auditorium_stream, movie_stream
from shared.domain.catalogue.auditorium import Auditorium, AuditoriumId
from shared.domain.catalogue.movie import Movie, MovieId
from tests.fakes.write_tables import Kept


class FakeMovieRepository:
    """Movies in a dictionary."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def find(self, movie_id: MovieId) -> Movie | None:
        state = self._kept.tables.movies.get(movie_id)
        return Movie.restore(state) if state else None

    find_for_update = find

    def add(self, movie: Movie) -> None:
        self._kept.insert(self._kept.tables.movies, key=movie.state.movie_id, aggregate=movie)
        self._kept.tables.streams[movie_stream(movie.state.movie_id)] = 0

    def save(self, movie: Movie) -> None:
        if movie.new_events:
            self._kept.replace(self._kept.tables.movies, key=movie.state.movie_id, aggregate=movie)


class FakeAuditoriumRepository:
    """Auditoriums in a dictionary."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def find(self, auditorium_id: AuditoriumId) -> Auditorium | None:
        state = self._kept.tables.auditoriums.get(auditorium_id)
        return Auditorium.restore(state) if state else None

    find_for_update = find

    def add(self, auditorium: Auditorium) -> None:
        key = auditorium.state.auditorium_id
        self._kept.insert(self._kept.tables.auditoriums, key=key, aggregate=auditorium)
        self._kept.tables.streams[auditorium_stream(key)] = 0

    def save(self, auditorium: Auditorium) -> None:
        key = auditorium.state.auditorium_id
        if auditorium.new_events:
            self._kept.replace(self._kept.tables.auditoriums, key=key, aggregate=auditorium)
