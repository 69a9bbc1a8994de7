"""A cinema that is small enough to damage it by hand, and what an audit of it says."""

import json

from shared.application.audit.findings import Finding, Kind
from shared.contracts.documents import ReservationDocument, ShowtimeDocument
from tests.builders.published_events import ShowtimeHistory
from tests.fakes.audited_cinema import AuditedCinema

SHOWTIME = f"showtime:{ShowtimeHistory().showtime_id}"


def a_history() -> ShowtimeHistory:
    history = ShowtimeHistory()
    history.created()
    history.held("c", ("A", 1))
    history.sold("c", ("A", 1))
    history.held("d", ("A", 2))
    history.freed("d", ("A", 2))
    history.held("e", ("A", 2))
    return history


def the_only_finding(cinema: AuditedCinema) -> Finding:
    (found,) = cinema.audit().findings
    return found


def told(found: Finding) -> tuple[Kind, str, str, list[int]]:
    return found.kind, found.station, found.stream_id, sorted(found.sequences)


def showtime_document(cinema: AuditedCinema) -> ShowtimeDocument:
    return cinema.views.projection.showtime(ShowtimeHistory().showtime_id)


def store(cinema: AuditedCinema, document: ShowtimeDocument | ReservationDocument) -> None:
    cinema.views.projection.store.views[document.view][document.id] = document


def remove_from_hub(cinema: AuditedCinema, sink: str, *, sequence: int) -> None:
    bodies = cinema.hubs[sink].partition_of(SHOWTIME)
    wanted = [
        body
        for body in bodies
        if (envelope := json.loads(body))["partitionkey"] == SHOWTIME and envelope["sequence"] == sequence
    ]
    bodies.remove(wanted[0])
