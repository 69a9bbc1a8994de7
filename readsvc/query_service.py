"""The answers to the queries, in documents.

A `min_sequence` is met by a showtime that has reached it, and by a reservation whose own sequence or whose showtime
has. The projector writes reservations before showtimes: so a reservation that is read from MongoDB *after* its
showtime was seen to have reached a sequence has everything up to it, and one read before may not.
"""

import time
from typing import NamedTuple, TypeVar

from readsvc.change_hints import ChangeHints, Subscription
from readsvc.errors import NotFoundError, NotReachedError
from readsvc.page_token import Position, encode_page_token
from readsvc.queries import DocumentQuery, ReservationsQuery, ShowtimesQuery
from readsvc.view_reader import ViewReader
from readsvc.view_store import ViewStore
from readsvc.waiting import wait_for
from shared.contracts.documents import ReservationDocument, ShowtimeDocument

Found = TypeVar("Found")


class ShowtimePage(NamedTuple):
    """Showtimes and the token of the next page; empty on the last."""

    showtimes: list[ShowtimeDocument]
    next_page_token: str


class BookedSeats(NamedTuple):
    """A reservation and the showtime that it is for."""

    reservation: ReservationDocument
    showtime: ShowtimeDocument


class ReservationPage(NamedTuple):
    """Reservations with their showtimes, and the token of the next page; empty on the last."""

    reservations: list[BookedSeats]
    next_page_token: str


class QueryService:
    """Answers queries. `seconds` is how long an answer may wait for its sequence."""

    def __init__(
        self,
        *,
        showtimes: ViewReader[ShowtimeDocument],
        reservations: ViewReader[ReservationDocument],
        store: ViewStore,
        hints: ChangeHints,
    ) -> None:
        self._showtimes = showtimes
        self._reservations = reservations
        self._store = store
        self._hints = hints

    async def showtime(self, query: DocumentQuery, *, seconds: float) -> ShowtimeDocument:
        """One showtime.

        Raises:
            NotFoundError: there is none, or its own event has not arrived.
            NotReachedError: it has not reached the wanted sequence in time.
            UnavailableError: nothing that could answer is reachable.
        """
        deadline = time.monotonic() + seconds
        found = _at(await self._showtimes.read(query.document_id), query.min_sequence)
        if found is not None:
            return found
        if not query.min_sequence:
            raise NotFoundError("showtime", query.document_id)

        async def look(subscription: Subscription) -> ShowtimeDocument | None:
            return await self._showtime_at(
                query.document_id, min_sequence=query.min_sequence, subscription=subscription
            )

        return _in_time(await wait_for(look, hints=self._hints, deadline=deadline), query=query)

    async def reservation(self, query: DocumentQuery, *, seconds: float) -> BookedSeats:
        """One reservation, with its showtime.

        Raises:
            NotFoundError: there is none, or its showtime's own event has not arrived.
            NotReachedError: neither it nor its showtime has reached the wanted sequence in time.
            UnavailableError: nothing that could answer is reachable.
        """
        deadline = time.monotonic() + seconds
        found = await self._reservations.read(query.document_id)
        if found is not None and found.sequence >= query.min_sequence:
            showtime = _at(await self._showtimes.read(found.showtime_id), 0)
            if showtime is not None:
                return BookedSeats(found, showtime)
        if not query.min_sequence:
            raise NotFoundError("reservation", query.document_id)

        async def look(subscription: Subscription) -> BookedSeats | None:
            return await self._reservation_at(query, subscription=subscription)

        return _in_time(await wait_for(look, hints=self._hints, deadline=deadline), query=query)

    async def page_of_showtimes(self, query: ShowtimesQuery) -> ShowtimePage:
        """A page of showtimes by their start.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        page = await self._store.page_of_showtimes(query)
        return ShowtimePage(page.documents, _token(page.end, filters=query.filters))

    async def page_of_reservations(self, query: ReservationsQuery) -> ReservationPage:
        """A page of a customer's reservations, newest first, but for those whose showtime is not yet to be shown.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        page = await self._store.page_of_reservations(query)
        wanted = {reservation.showtime_id for reservation in page.documents}
        showtimes = await self._store.showtimes(wanted) if wanted else {}
        booked = [
            BookedSeats(reservation, showtime)
            for reservation in page.documents
            if (showtime := _at(showtimes.get(reservation.showtime_id), 0)) is not None
        ]
        return ReservationPage(booked, _token(page.end, filters=query.filters))

    async def _showtime_at(
        self, showtime_id: str, *, min_sequence: int, subscription: Subscription
    ) -> ShowtimeDocument | None:
        """The showtime if it has reached a sequence; a cached document that has not does not hide the stored one."""
        await subscription.follow(self._showtimes.channel(showtime_id))
        cached = _at(await self._showtimes.cached(showtime_id), min_sequence)
        return cached or _at(await self._showtimes.stored(showtime_id), min_sequence)

    async def _reservation_at(
        self, query: DocumentQuery, *, subscription: Subscription
    ) -> BookedSeats | None:
        """The reservation if it, or its showtime, has reached the wanted sequence."""
        await subscription.follow(self._reservations.channel(query.document_id))
        found = await self._reservations.cached(query.document_id)
        if found is None or found.sequence < query.min_sequence:
            found = await self._reservations.stored(query.document_id)
        if found is None:
            return None
        own = found.sequence >= query.min_sequence
        showtime = await self._showtime_at(
            found.showtime_id, min_sequence=0 if own else query.min_sequence, subscription=subscription
        )
        if showtime is not None and not own:
            found = await self._reservations.stored(query.document_id)
        return BookedSeats(found, showtime) if found and showtime else None


def _at(document: ShowtimeDocument | None, min_sequence: int) -> ShowtimeDocument | None:
    """The document if it is to be shown and has reached a sequence."""
    reached = document is not None and document.presentable and document.reached(min_sequence)
    return document if reached else None


def _token(end: Position | None, *, filters: str) -> str:
    return "" if end is None else encode_page_token(end, filters=filters)


def _in_time(found: Found | None, *, query: DocumentQuery) -> Found:
    if found is None:
        raise NotReachedError(query.min_sequence)
    return found
