"""The queries, and how a request becomes one. Every problem of a request is named, not only the first."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from readsvc.errors import FieldViolation, InvalidQueryError
from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.page_token import MalformedPageTokenError, Position, decode_page_token

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOVIE_ID = re.compile(r"tt[0-9]{7,8}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentQuery:
    """One document by its id; `min_sequence` is 0 where any state will do."""

    document_id: str
    min_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From a moment on, up to but without another; `end` is None where there is no end."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowtimesQuery:
    """A page of showtimes by their start. `after` is where the page before ended."""

    period: Period
    movie_id: str | None
    page_size: int
    after: Position | None
    filters: str
    """What the page's token is valid for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationsQuery:
    """A page of a customer's reservations, newest first. `after` is where the page before ended."""

    customer_id: str
    page_size: int
    after: Position | None

    @property
    def filters(self) -> str:
        """What the page's token is valid for."""
        return _customer_filters(self.customer_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchQuery:
    """A showtime to watch, and what of it is known: 0 and 0 where nothing is."""

    showtime_id: str
    after_sequence: int
    layout_version: int


Parsed = TypeVar("Parsed")


class _Fields:
    """Parses fields one by one and remembers what was wrong."""

    def __init__(self) -> None:
        self._violations: list[FieldViolation] = []

    def parse(self, field: str, parser: Callable[[], Parsed], *, otherwise: Parsed) -> Parsed:
        try:
            return parser()
        except ValueError as error:
            self._violations.append(FieldViolation(field, str(error)))
            return otherwise

    def refuse_violations(self) -> None:
        if self._violations:
            raise InvalidQueryError(self._violations)


def showtime_query(request: pb.GetShowtimeRequest) -> DocumentQuery:
    """Read a GetShowtime request.

    Raises:
        InvalidQueryError: a field is not valid.
    """
    return _document_query("showtime_id", request.showtime_id, min_sequence=request.min_sequence)


def reservation_query(request: pb.GetReservationRequest) -> DocumentQuery:
    """Read a GetReservation request.

    Raises:
        InvalidQueryError: a field is not valid.
    """
    return _document_query("reservation_id", request.reservation_id, min_sequence=request.min_sequence)


def showtimes_query(request: pb.ListShowtimesRequest, *, zone: tzinfo, now: datetime) -> ShowtimesQuery:
    """Read a ListShowtimes request; `zone` says what a day is, `now` where a list without a date starts.

    Raises:
        InvalidQueryError: a field is not valid.
    """
    fields = _Fields()
    filters = f"{request.date}/{request.movie_id}"
    query = ShowtimesQuery(
        period=fields.parse(
            "date", lambda: _period(request.date, zone=zone, now=now), otherwise=Period(start=now)
        ),
        movie_id=fields.parse("movie_id", lambda: _movie_id(request.movie_id), otherwise=None),
        page_size=fields.parse("page_size", lambda: _page_size(request.page_size), otherwise=1),
        after=fields.parse(
            "page_token",
            lambda: _position(request.page_token, filters, made_for="date and movie"),
            otherwise=None,
        ),
        filters=filters,
    )
    fields.refuse_violations()
    return query


def reservations_query(request: pb.ListReservationsRequest) -> ReservationsQuery:
    """Read a ListReservations request.

    Raises:
        InvalidQueryError: a field is not valid.
    """
    fields = _Fields()
    customer = fields.parse("customer_id", lambda: _uuid(request.customer_id), otherwise=None)
    query = ReservationsQuery(
        customer_id=customer or "",
        page_size=fields.parse("page_size", lambda: _page_size(request.page_size), otherwise=1),
        after=fields.parse(
            "page_token",
            lambda: _position(request.page_token, _customer_filters(customer or ""), made_for="customer"),
            otherwise=None,
        ),
    )
    fields.refuse_violations()
    return query


def watch_query(request: pb.WatchShowtimeRequest) -> WatchQuery:
    """Read a WatchShowtime request.

    Raises:
        InvalidQueryError: a field is not valid.
    """
    fields = _Fields()
    query = WatchQuery(
        showtime_id=fields.parse("showtime_id", lambda: _uuid(request.showtime_id), otherwise=""),
        after_sequence=fields.parse("after_sequence", lambda: _sequence(request.after_sequence), otherwise=0),
        layout_version=fields.parse("layout_version", lambda: _sequence(request.layout_version), otherwise=0),
    )
    fields.refuse_violations()
    return query


def _document_query(field: str, text: str, *, min_sequence: int) -> DocumentQuery:
    fields = _Fields()
    query = DocumentQuery(
        document_id=fields.parse(field, lambda: _uuid(text), otherwise=""),
        min_sequence=fields.parse("min_sequence", lambda: _sequence(min_sequence), otherwise=0),
    )
    fields.refuse_violations()
    return query


def _uuid(text: str) -> str:
    if not _UUID.fullmatch(text.lower()):
        raise ValueError("must be a UUID")
    return text.lower()


def _sequence(number: int) -> int:
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _movie_id(text: str) -> str | None:
    if text and not _MOVIE_ID.fullmatch(text):
        raise ValueError("must be an IMDb id: tt and 7 or 8 digits")
    return text or None


def _page_size(number: int) -> int:
    if not 0 <= number <= MAX_PAGE_SIZE:
        raise ValueError(f"must be from 1 to {MAX_PAGE_SIZE}, or 0 for {DEFAULT_PAGE_SIZE}")
    return number or DEFAULT_PAGE_SIZE


def _position(token: str, filters: str, *, made_for: str) -> Position | None:
    if not token:
        return None
    try:
        return decode_page_token(token, filters=filters)
    except MalformedPageTokenError as error:
        raise ValueError(f"must be the nextPageToken of an answer to the same {made_for}") from error


def _customer_filters(customer_id: str) -> str:
    return f"customer/{customer_id}"


def _period(text: str, *, zone: tzinfo, now: datetime) -> Period:
    if not text:
        return Period(start=now)
    try:
        day = date.fromisoformat(text if _DATE.fullmatch(text) else "")
        return Period(start=_midnight(day, zone=zone), end=_midnight(day + timedelta(days=1), zone=zone))
    except (ValueError, OverflowError) as error:
        raise ValueError("must be a day such as 2026-12-01") from error


def _midnight(day: date, *, zone: tzinfo) -> datetime:
    """When a day begins; a day may have 23 or 25 hours."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
