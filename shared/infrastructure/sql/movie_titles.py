"""What movies are called now. A showtime's facts have the title of the day on which it was put on sale or moved."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from shared.contracts.envelope import parse_envelope
from shared.contracts.event_data import UnknownEventTypeError, parse_data
from shared.contracts.events import MovieState
from shared.infrastructure.sql.reporting_tables import event_log, showtime_facts

_STREAM = "movie:"
"""A movie's stream is named after its id."""


def titles_by_movie(connection: Connection, showtimes: Sequence[ColumnElement[bool]]) -> Mapping[str, str]:
    """The titles of the movies of some showtimes, by id, as the movies' own newest events say."""
    payloads = connection.scalars(_newest_movie_events(showtimes))
    return {movie.movie_id: movie.title for movie in _movies(payloads)}


def _newest_movie_events(showtimes: Sequence[ColumnElement[bool]]) -> Select[Any]:
    streams = select(literal(_STREAM, showtime_facts.c.MovieId.type) + showtime_facts.c.MovieId)
    newest = (
        select(event_log.c.StreamId, func.max(event_log.c.Sequence).label("Sequence"))
        .where(event_log.c.StreamId.in_(streams.where(*showtimes)))
        .group_by(event_log.c.StreamId)
        .subquery()
    )
    same = (event_log.c.StreamId == newest.c.StreamId) & (event_log.c.Sequence == newest.c.Sequence)
    return select(event_log.c.Payload).join(newest, same)


def _movies(payloads: Iterable[str]) -> Iterator[MovieState]:
    for payload in payloads:
        try:
            data = parse_data(parse_envelope(payload))
        except UnknownEventTypeError:
            continue
        if isinstance(data, MovieState):
            yield data
