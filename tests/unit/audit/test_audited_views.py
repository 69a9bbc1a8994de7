"""What the audit says of the views: what is wrong in them, what is late, and what could not be projected."""

import pytest

from shared.application.audit.findings import Kind
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ShowtimeDocument
from tests.builders.published_events import NOON, ShowtimeHistory, auditorium_event, movie_event
from tests.fakes.audited_cinema import AuditedCinema
from tests.unit.audit.small_cinema import (
    SHOWTIME,
    a_history,
    showtime_document,
    store,
    the_only_finding,
    told,
)

pytestmark = pytest.mark.unit


def test_a_seat_that_is_wrong_is_named(cinema: AuditedCinema) -> None:
    document = showtime_document(cinema)
    claims = {**document.claims, "A-1": document.claims["A-1"].model_copy(update={"status": "Free"})}
    store(cinema, document.model_copy(update={"claims": claims}))
    found = the_only_finding(cinema)
    assert (found.kind, found.station, found.stream_id) == (Kind.DIFFERS, "view:showtimes", SHOWTIME)
    assert found.detail == "not what its events say: claims A-1"


def test_an_old_movie_in_a_showtime_is_named(cinema: AuditedCinema) -> None:
    document = showtime_document(cinema)
    assert document.movie is not None
    old = document.movie.model_copy(update={"version": 1, "title": "Inception 1"})
    store(cinema, document.model_copy(update={"movie": old}))
    assert the_only_finding(cinema).detail == "not what its events say: movie"


def test_a_gap_in_a_document_is_told_from_being_behind() -> None:
    events = a_history().events
    fresh = AuditedCinema([movie_event(1), auditorium_event(1), *events])
    fresh.views.projection = type(fresh.views.projection)()
    fresh.views.projection.project(
        [movie_event(1), auditorium_event(1), *[events[place] for place in (0, 1, 2, 4)]]
    )
    found = {(f.kind, f.station): sorted(f.sequences) for f in fresh.audit().findings}
    assert found == {
        (Kind.MISSING, "view:showtimes"): [4],
        (Kind.BEHIND, "view:showtimes"): [6],
        (Kind.MISSING, "view:reservations"): [6],
    }


@pytest.mark.parametrize("view", ["showtimes", "reservations", "movies", "auditoriums"])
def test_a_document_that_is_missing(cinema: AuditedCinema, view: str) -> None:
    documents = cinema.views.projection.store.views[view]
    del documents[next(iter(documents))]
    found = the_only_finding(cinema)
    assert (found.kind, found.station, found.detail) == (Kind.MISSING, f"view:{view}", "no document")


@pytest.mark.parametrize("view", ["showtimes", "reservations", "movies", "auditoriums"])
def test_a_document_of_nothing(cinema: AuditedCinema, view: str) -> None:
    documents = cinema.views.projection.store.views[view]
    documents["nobody"] = next(iter(documents.values())).model_copy(update={"id": "nobody"})
    found = the_only_finding(cinema)
    assert (found.kind, found.station) == (Kind.UNKNOWN, f"view:{view}")


def young(cinema: AuditedCinema) -> AuditedCinema:
    """As if its events had happened just now."""
    cinema.clock.at = NOON
    return cinema


def test_what_comes_while_the_audit_waits_is_no_finding(cinema: AuditedCinema) -> None:
    document = showtime_document(cinema)
    late = document.model_copy(update={"sequence": 5, "claims": claims_until(document, 5)})
    store(cinema, late)
    cinema.pauses = [lambda: None, lambda: store(cinema, document)]
    assert young(cinema).audit(patience=30).all_is_well


def test_what_does_not_come_while_the_audit_waits_is_named(cinema: AuditedCinema) -> None:
    document = showtime_document(cinema)
    del cinema.views.projection.store.views["reservations"][str(ShowtimeHistory().reservation_id("e"))]
    store(cinema, document.model_copy(update={"sequence": 4, "claims": claims_until(document, 4)}))
    began = young(cinema).clock.now()
    found = {(f.kind, f.station): sorted(f.sequences) for f in cinema.audit(patience=30).findings}
    assert (cinema.clock.now() - began).total_seconds() >= 30
    assert found[Kind.MISSING, "view:reservations"] == [6]


def test_a_view_that_moves_on_behind_a_busy_stream_is_not_named() -> None:
    """It lags at each look, but each of its lags is gone at the next one."""
    events = a_history().events
    lagging = ((5, 4), (6, 5))
    (cinema, *then) = [young(lagging_cinema(events, committed=n, projected=m)) for n, m in lagging]
    cinema.pauses = [lambda: become(cinema, then[0])]
    assert cinema.audit(patience=1).findings == []


def lagging_cinema(events: list[ReceivedEvent], *, committed: int, projected: int) -> AuditedCinema:
    cinema = AuditedCinema(events[:committed])
    cinema.views.projection.store.views = AuditedCinema(events[:projected]).views.projection.store.views
    return cinema


def become(cinema: AuditedCinema, later: AuditedCinema) -> None:
    cinema.write.records, cinema.reporting.records = later.write.records, later.reporting.records
    cinema.write.states = later.write.states
    cinema.views.projection.store.views = later.views.projection.store.views
    for sink, hub in cinema.hubs.items():
        hub.partitions = later.hubs[sink].partitions


def claims_until(document: ShowtimeDocument, sequence: int) -> dict[str, object]:
    return {seat: claim for seat, claim in document.claims.items() if claim.seq <= sequence}


def test_what_could_not_be_projected_is_named_with_its_event(cinema: AuditedCinema) -> None:
    newer = cinema.received[4].body.replace(b"cinema.reservation.", b"cinema.popcorn.")
    cinema.views.projection.project(
        [
            ReceivedEvent(body=newer, partition="3", position=7, published=None),
            ReceivedEvent(body=b"nonsense", partition="3", position=8, published=None),
        ]
    )
    report = cinema.audit()
    assert not report.all_is_well
    assert sorted(told(found) for found in report.findings) == [
        (Kind.PARKED, "projection-failures", "", []),
        (Kind.PARKED, "projection-failures", SHOWTIME, [3]),
    ]
    assert any("cinema.popcorn." in found.detail for found in report.findings)
