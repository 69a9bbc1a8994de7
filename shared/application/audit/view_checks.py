"""The documents of one stream against the fold of its events. Pure.

A document is judged as far as it has got: it must be the fold of just those events that it says it has applied. What
it has not applied yet is another matter: a gap if later events are in, or else being behind.
"""

from collections.abc import Collection, Mapping

from shared.application.audit.findings import Finding, Kind, finding, spans_of
from shared.application.audit.records import UnreadableDocument, ViewRecord
from shared.application.audit.stream_history import StreamHistory
from shared.application.audit.view_folds import (
    Catalogue,
    fold_own,
    fold_reservation_document,
    fold_showtime_document,
    kind_of,
    reservations_of,
)
from shared.application.outbox.routing import DOMAIN_EVENTS
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
)

OWN_VIEW = {"showtime": "showtimes", "movie": "movies", "auditorium": "auditoriums"}
_NOT_COMPARED = {"rev", "passed", "gap_since"}
_Versioned = MovieDocument | AuditoriumDocument | ReservationDocument


def station_of(view: str) -> str:
    """The name of a view's station."""
    return f"view:{view}"


def check_views(history: StreamHistory, views: ViewRecord, *, catalogue: Catalogue) -> list[Finding]:
    """Every document of a stream is there, and right as far as it has got, and has got to what was published."""
    kind = kind_of(history.stream_id)
    if not history.is_whole or kind not in OWN_VIEW:
        return []
    station = station_of(OWN_VIEW[kind])
    if isinstance(views.own, UnreadableDocument):
        return [_about(history, station, kind=Kind.UNREADABLE, detail=views.own.reason)]
    if kind != "showtime":
        own = None if isinstance(views.own, ShowtimeDocument) else views.own
        return _check_versioned(history, own, station=station, sequences=history.known)
    showtime = views.own if isinstance(views.own, ShowtimeDocument) else None
    return _check_showtime(history, showtime, catalogue=catalogue) + _check_reservations(
        history, views.reservations
    )


def published(history: StreamHistory) -> frozenset[int]:
    """The sequences that the projector must have been given: they neither wait nor were they discarded."""
    return history.known - history.write.excused(DOMAIN_EVENTS)


def applied(document: ShowtimeDocument) -> frozenset[int]:
    """The sequences that a showtime's document says it has applied."""
    return frozenset({*range(1, document.sequence + 1), *document.ahead})


def _check_showtime(
    history: StreamHistory, document: ShowtimeDocument | None, *, catalogue: Catalogue
) -> list[Finding]:
    station, due = station_of(ShowtimeDocument.view), published(history)
    if document is None:
        return finding(Kind.MISSING, station, history.stream_id, sequences=due, detail="no document")
    has = applied(document)
    expected = fold_showtime_document(history, sequences=has, catalogue=catalogue)
    return [
        *_differing(
            history,
            document,
            expected,
            station=station,
            ignored=catalogue.unjudged_fields(document),
        ),
        *_not_applied(history, due - has, has=has, station=station),
    ]


def _not_applied(
    history: StreamHistory, absent: frozenset[int], *, has: frozenset[int], station: str
) -> list[Finding]:
    newest = max(has, default=0)
    gap = {sequence for sequence in absent if sequence < newest}
    stream_id = history.stream_id
    return [
        *finding(Kind.MISSING, station, stream_id, sequences=gap, detail="later ones were applied"),
        *finding(Kind.BEHIND, station, stream_id, sequences=absent - gap, detail="not applied yet"),
    ]


def _check_reservations(
    history: StreamHistory, documents: Mapping[str, ReservationDocument | UnreadableDocument]
) -> list[Finding]:
    station = station_of(ReservationDocument.view)
    findings: list[Finding] = []
    for identity, sequences in reservations_of(history).items():
        document = documents.get(identity)
        if isinstance(document, UnreadableDocument):
            findings.append(
                _about(history, station, kind=Kind.UNREADABLE, subject=identity, detail=document.reason)
            )
        else:
            findings += _check_versioned(
                history, document, station=station, subject=identity, sequences=sequences
            )
    return findings


def _check_versioned(
    history: StreamHistory,
    document: _Versioned | None,
    *,
    station: str,
    sequences: Collection[int],
    subject: str = "",
) -> list[Finding]:
    """A document that is guarded by its version: the newest event with no higher version says what it must be."""
    due = published(history) & set(sequences)
    if document is None:
        spans = spans_of(due)
        detail = "no document"
        return (
            [_about(history, station, kind=Kind.MISSING, subject=subject, spans=spans, detail=detail)]
            if due
            else []
        )
    has = {sequence for sequence in sequences if _version(history, sequence) <= document.version}
    expected = (
        fold_reservation_document(history, has)
        if isinstance(document, ReservationDocument)
        else fold_own(history, sequences=has)
    )
    findings = _differing(history, document, expected, station=station, subject=subject)
    if late := due - has:
        findings.append(
            _about(
                history,
                station,
                kind=Kind.BEHIND,
                subject=subject,
                spans=spans_of(late),
                detail=f"still at version {document.version}",
            )
        )
    return findings


def _version(history: StreamHistory, sequence: int) -> int:
    return history.events[sequence].version


def differing_fields(
    document: ViewDocument, expected: ViewDocument | None, *, ignored: Collection[str] = ()
) -> list[str]:
    """The names of the fields that are not as they must be; a seat is named by itself."""
    if expected is None or type(expected) is not type(document):
        return ["version"]
    names = [name for name in type(document).model_fields if name not in {*_NOT_COMPARED, *ignored}]
    differing = [name for name in names if getattr(document, name) != getattr(expected, name)]
    if (
        isinstance(document, ShowtimeDocument)
        and isinstance(expected, ShowtimeDocument)
        and "claims" in differing
    ):
        seats = document.claims.keys() | expected.claims.keys()
        wrong = sorted(seat for seat in seats if document.claims.get(seat) != expected.claims.get(seat))
        differing = [f"claims {' '.join(wrong)}" if name == "claims" else name for name in differing]
    return differing


def _differing(
    history: StreamHistory,
    document: ViewDocument,
    expected: ViewDocument | None,
    *,
    station: str,
    subject: str = "",
    ignored: Collection[str] = (),
) -> list[Finding]:
    fields = differing_fields(document, expected, ignored=ignored)
    if not fields:
        return []
    detail = f"not what its events say: {', '.join(fields)}"
    return [_about(history, station, kind=Kind.DIFFERS, subject=subject, detail=detail)]


def _about(
    history: StreamHistory,
    station: str,
    *,
    kind: Kind,
    subject: str = "",
    spans: tuple[tuple[int, int], ...] = (),
    detail: str,
) -> Finding:
    return Finding(
        kind=kind, station=station, stream_id=history.stream_id, subject=subject, spans=spans, detail=detail
    )
