"""A movie: its title and how long it runs."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from shared.domain.aggregate import Aggregate, DomainEvent
from shared.domain.errors import InvalidValueError
from shared.domain.text import readable_text

LONGEST_TITLE = 200
LONGEST_RUNTIME_MINUTES = 24 * 60
_IMDB_ID = re.compile(r"tt[0-9]{7,8}")


@dataclass(frozen=True, slots=True)
class MovieId:
    """A movie's IMDb id: `tt` and seven or eight digits."""

    value: str

    def __post_init__(self) -> None:
        if not _IMDB_ID.fullmatch(self.value):
            raise InvalidValueError("movie_id", "must be an IMDb id: tt and seven or eight digits")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieState:
    """What is true of a movie."""

    movie_id: MovieId
    title: str
    runtime_minutes: int
    version: int


class MovieRegistered(DomainEvent[MovieState]):
    """A movie is known for the first time."""


class MovieChanged(DomainEvent[MovieState]):
    """A movie's title or runtime has changed."""


class Movie(Aggregate[MovieState]):
    """A movie that can be put on the programme."""

    @classmethod
    def register(cls, movie_id: MovieId, *, title: str, runtime_minutes: int, at: datetime) -> Self:
        """Enter a movie into the catalogue.

        Raises:
            InvalidValueError: the title can't be read, or the movie is longer than a day.
        """
        state = MovieState(
            movie_id=movie_id, title=_title(title), runtime_minutes=_runtime(runtime_minutes), version=1
        )
        return cls(state, events=[MovieRegistered(state=state, occurred_at=at)])

    def change(self, *, title: str, runtime_minutes: int, at: datetime) -> None:
        """Correct a movie. What is the same already is no change, and no event.

        Raises:
            InvalidValueError: the title can't be read, or the movie is longer than a day.
        """
        corrected = replace(self.state, title=_title(title), runtime_minutes=_runtime(runtime_minutes))
        if corrected != self.state:
            corrected = replace(corrected, version=self.state.version + 1)
            self._record(MovieChanged(state=corrected, occurred_at=at))


def _title(title: str) -> str:
    return readable_text(title, field="title", longest=LONGEST_TITLE)


def _runtime(minutes: int) -> int:
    if not 1 <= minutes <= LONGEST_RUNTIME_MINUTES:
        raise InvalidValueError("runtime_minutes", f"must be from 1 to {LONGEST_RUNTIME_MINUTES}")
    return minutes
