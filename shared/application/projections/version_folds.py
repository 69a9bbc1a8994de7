"""Folds of documents that are guarded by their version: the newest state wins."""

from datetime import datetime

from shared.application.projections.received_events import ParsedEvent
from shared.application.projections.showtime_fold import passed
from shared.contracts.documents import AuditoriumDocument, MovieDocument, ReservationDocument
from shared.contracts.events import (
    AuditoriumSnapshot,
    AuditoriumState,
    MovieSnapshot,
    MovieState,
    ReservationState,
)


def fold_reservation(
    document: ReservationDocument | None, event: ParsedEvent, *, projected: datetime
) -> ReservationDocument | None:
    """The document after a reservation's event; the same object if it knows as new a version."""
    state = event.data
    if not isinstance(state, ReservationState) or (document and state.version <= document.version):
        return document
    return ReservationDocument(
        id=str(state.reservation_id),
        rev=document.rev if document else 0,
        passed=passed(event, projected=projected),
        showtime_id=str(state.showtime_id),
        customer_id=str(state.customer_id),
        seats=state.seats,
        status=state.status,
        created_at=state.created_at,
        expires_at=state.expires_at,
        version=state.version,
        sequence=event.sequence,
    )


def fold_movie(
    document: MovieDocument | None, event: ParsedEvent, *, projected: datetime
) -> MovieDocument | None:
    """The document after a movie's event; the same object if it knows as new a version."""
    state = event.data
    if not isinstance(state, MovieState) or (document and state.version <= document.version):
        return document
    return MovieDocument(
        id=state.movie_id,
        rev=document.rev if document else 0,
        passed=passed(event, projected=projected),
        title=state.title,
        runtime_minutes=state.runtime_minutes,
        version=state.version,
    )


def fold_auditorium(
    document: AuditoriumDocument | None, event: ParsedEvent, *, projected: datetime
) -> AuditoriumDocument | None:
    """The document after an auditorium's event; the same object if it knows as new a version."""
    state = event.data
    if not isinstance(state, AuditoriumState) or (document and state.version <= document.version):
        return document
    return AuditoriumDocument(
        id=state.auditorium_id,
        rev=document.rev if document else 0,
        passed=passed(event, projected=projected),
        name=state.name,
        rows=state.rows,
        version=state.version,
    )


def movie_snapshot(document: MovieDocument) -> MovieSnapshot:
    """A movie as showtimes embed it."""
    return MovieSnapshot(
        movie_id=document.id,
        title=document.title,
        runtime_minutes=document.runtime_minutes,
        version=document.version,
    )


def auditorium_snapshot(document: AuditoriumDocument) -> AuditoriumSnapshot:
    """An auditorium as showtimes embed it."""
    return AuditoriumSnapshot(
        auditorium_id=document.id, name=document.name, rows=document.rows, version=document.version
    )
