"""The fold of a showtime's stream into its document.

Events may come in any order and any number of times. Each changes only what is older than itself: a seat by the
sequence kept with the seat, the showtime's own fields by the showtime's version. There is no guard on the document as a
whole, because an event that comes late still says something about *its* seats.
"""

from datetime import datetime

from shared.application.projections.received_events import ParsedEvent
from shared.contracts.documents import Passed, SeatClaim, SeatStatus, ShowtimeDocument, seat_key
from shared.contracts.events import (
    AuditoriumSnapshot,
    MovieSnapshot,
    ReservationState,
    ReservationStatus,
    ShowtimeState,
)

_SEAT_STATUS: dict[ReservationStatus, SeatStatus] = {
    "Pending": "Held",
    "Confirmed": "Sold",
    "Cancelled": "Free",
}


def fold_showtime(document: ShowtimeDocument, event: ParsedEvent, *, projected: datetime) -> ShowtimeDocument:
    """The document after an event; the same object if the event had been applied before."""
    if document.reached(event.sequence):
        return document
    match event.data:
        case ShowtimeState() as state:
            changed = _with_own_fields(document, state)
        case ReservationState() as state:
            changed = _with_seats(document, state, sequence=event.sequence)
        case _:
            raise TypeError(f"{event.envelope.type} is no event of a showtime's stream")
    return _advanced(changed, sequence=event.sequence, projected=projected).model_copy(
        update={"passed": passed(event, projected=projected)}
    )


def passed(event: ParsedEvent, *, projected: datetime) -> Passed:
    """When an event passed each station."""
    return Passed(committed=event.envelope.time, published=event.received.published, projected=projected)


def _with_own_fields(document: ShowtimeDocument, state: ShowtimeState) -> ShowtimeDocument:
    if state.version <= document.version:
        return document
    return document.model_copy(
        update={
            "movie": _newer_movie(document.movie, state.movie),
            "auditorium": _newer_auditorium(document.auditorium, state.auditorium),
            "screening_time": state.screening_time,
            "ends_at": state.ends_at,
            "status": state.status,
            "version": state.version,
        }
    )


def _newer_movie(present: MovieSnapshot | None, offered: MovieSnapshot) -> MovieSnapshot:
    if present is None or present.movie_id != offered.movie_id or offered.version > present.version:
        return offered
    return present


def _newer_auditorium(present: AuditoriumSnapshot | None, offered: AuditoriumSnapshot) -> AuditoriumSnapshot:
    if present is None or present.auditorium_id != offered.auditorium_id or offered.version > present.version:
        return offered
    return present


def _with_seats(document: ShowtimeDocument, state: ReservationState, *, sequence: int) -> ShowtimeDocument:
    status = _SEAT_STATUS[state.status]
    holder = None if status == "Free" else str(state.reservation_id)
    claims = dict(document.claims)
    for seat in state.seats:
        key = seat_key(seat.row, seat.number)
        if key not in claims or claims[key].seq < sequence:
            claims[key] = SeatClaim(status=status, reservation_id=holder, seq=sequence)
    return document.model_copy(update={"claims": claims})


def _advanced(document: ShowtimeDocument, *, sequence: int, projected: datetime) -> ShowtimeDocument:
    """Note that an event has been applied: the contiguous sequence moves over what had been ahead of it.

    `gap_since` stays until there is no gap at all: later events must not make an old gap look young.
    """
    contiguous, ahead = document.sequence, {*document.ahead, sequence}
    while contiguous + 1 in ahead:
        contiguous += 1
        ahead.remove(contiguous)
    gap_since = (document.gap_since or projected) if ahead else None
    return document.model_copy(
        update={"sequence": contiguous, "ahead": tuple(sorted(ahead)), "gap_since": gap_since}
    )


def with_newer_movie(document: ShowtimeDocument, movie: MovieSnapshot) -> ShowtimeDocument:
    """The document with a newer version of its movie; the same object if its own is as new."""
    present = document.movie
    if present is None or present.movie_id != movie.movie_id or movie.version <= present.version:
        return document
    return document.model_copy(update={"movie": movie})


def with_newer_auditorium(document: ShowtimeDocument, auditorium: AuditoriumSnapshot) -> ShowtimeDocument:
    """The document with a newer version of its auditorium; the same object if its own is as new."""
    present = document.auditorium
    is_other = present is None or present.auditorium_id != auditorium.auditorium_id
    if present is None or is_other or auditorium.version <= present.version:
        return document
    return document.model_copy(update={"auditorium": auditorium})
