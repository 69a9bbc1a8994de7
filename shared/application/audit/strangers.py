"""What is in a station though nobody has written it: streams that were never opened, documents of nothing."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from shared.application.audit.examination import AuditedParts
from shared.application.audit.findings import EVENT_LOG, Finding, Kind
from shared.application.audit.hub_checks import check_strangers
from shared.application.audit.hub_tally import HubTally
from shared.application.audit.view_checks import station_of
from shared.contracts.documents import (
    AuditoriumDocument,
    MovieDocument,
    ReservationDocument,
    ShowtimeDocument,
    ViewDocument,
)

_OWN_MODELS: Mapping[str, type[ViewDocument]] = {
    "showtime": ShowtimeDocument,
    "movie": MovieDocument,
    "auditorium": AuditoriumDocument,
}


def find_strangers(parts: AuditedParts, *, tallies: Mapping[str, HubTally], page: int) -> list[Finding]:
    """Look through each station for what leads to no stream. The write database is asked last, so it knows what is new.

    Raises:
        StationUnreadableError: a part does not answer.
    """
    findings: list[Finding] = []
    for sink, tally in tallies.items():
        unopened = [stream_id for ids in _chunks(tally.streams, page) for stream_id in _unopened(parts, ids)]
        findings += check_strangers(sink, tally=tally, stream_ids=unopened)
    return findings + _in_event_log(parts, page=page) + _among_documents(parts, page=page)


def _in_event_log(parts: AuditedParts, *, page: int) -> list[Finding]:
    findings: list[Finding] = []
    after = ""
    while ids := parts.reporting.streams_after(after, limit=page):
        after = ids[-1]
        findings += [
            _stranger(EVENT_LOG, stream_id, detail="of a stream that nobody has opened")
            for stream_id in _unopened(parts, ids)
        ]
    return findings


def _among_documents(parts: AuditedParts, *, page: int) -> list[Finding]:
    findings: list[Finding] = []
    for kind, model in _OWN_MODELS.items():
        for ids in _pages(parts, model, page=page):
            unopened = _unopened(parts, [f"{kind}:{identity}" for identity in ids])
            findings += [
                _stranger(station_of(model.view), stream_id, detail="a document of nothing")
                for stream_id in unopened
            ]
    for ids in _pages(parts, ReservationDocument, page=page):
        findings += [
            _stranger(
                station_of(ReservationDocument.view), "", subject=identity, detail="a document of nothing"
            )
            for identity in _without_a_row(parts, ids)
        ]
    return findings


def _pages(parts: AuditedParts, model: type[ViewDocument], *, page: int) -> Iterable[Sequence[str]]:
    after = ""
    while ids := parts.views.ids_after(model, after, limit=page):
        after = ids[-1]
        yield ids


def _unopened(parts: AuditedParts, stream_ids: Sequence[str]) -> list[str]:
    return sorted(set(stream_ids) - parts.write.last_sequences(stream_ids).keys())


def _without_a_row(parts: AuditedParts, reservation_ids: Sequence[str]) -> list[str]:
    rows = parts.write.rows([("Reservation", identity) for identity in reservation_ids])
    return [identity for identity in reservation_ids if ("Reservation", identity) not in rows]


def _chunks(ids: Iterable[str], size: int) -> Iterable[Sequence[str]]:
    rest = iter(ids)
    while chunk := list(islice(rest, size)):
        yield chunk


def _stranger(station: str, stream_id: str, *, subject: str = "", detail: str) -> Finding:
    return Finding(kind=Kind.UNKNOWN, station=station, stream_id=stream_id, subject=subject, detail=detail)
