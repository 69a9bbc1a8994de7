"""A healthy system has no findings, and each damage is named by what it is and where."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.application.audit.findings import Finding, Kind, spans_of
from shared.application.outbox.routing import DOMAIN_EVENTS, REPORTING, RESERVATIONS, ROUTES
from tests.builders.published_events import NOON, ShowtimeHistory, movie_event
from tests.fakes.audited_cinema import AuditedCinema
from tests.unit.audit.small_cinema import (
    SHOWTIME,
    a_history,
    remove_from_hub,
    the_only_finding,
    told,
)

pytestmark = pytest.mark.unit


def test_where_everything_is_in_its_place_nothing_is_found(cinema: AuditedCinema) -> None:
    report = cinema.audit()
    assert report.findings == []
    assert report.all_is_well
    assert report.streams == 3
    assert {station: count.checked for station, count in report.stations.items()} == {
        "outbox": 9,
        "write-rows": 6,
        "event-log": 9,
        "facts": 4,
        DOMAIN_EVENTS: 9,
        RESERVATIONS: 5,
        "view:movies": 1,
        "view:auditoriums": 1,
        "view:showtimes": 1,
        "view:reservations": 3,
        "projection-failures": 0,
    }


def test_where_nothing_was_ever_written_not_all_is_well() -> None:
    report = AuditedCinema([]).audit()
    assert not report.all_is_well
    assert "nothing was ever written here" in report.remarks[0]


def test_what_retention_has_moved_on_is_not_missing(cinema: AuditedCinema) -> None:
    cinema.messages(SHOWTIME).clear()
    assert cinema.audit().all_is_well


def test_what_is_in_no_table_is_missing_from_the_outbox(cinema: AuditedCinema) -> None:
    del cinema.messages(SHOWTIME)[3]
    del cinema.log(SHOWTIME)[3]
    assert told(the_only_finding(cinema)) == (Kind.MISSING, "outbox", SHOWTIME, [3])


def test_a_row_that_is_missing_in_the_event_log(cinema: AuditedCinema) -> None:
    del cinema.log(SHOWTIME)[2]
    assert told(the_only_finding(cinema)) == (Kind.MISSING, "event-log", SHOWTIME, [2])


def test_an_event_that_neither_was_logged_nor_counted_is_one_finding(cinema: AuditedCinema) -> None:
    del cinema.log(SHOWTIME)[6]
    facts = cinema.facts(SHOWTIME)
    whole = facts[SHOWTIME]
    facts[SHOWTIME] = replace(whole, values={**whole.values, "SeatsHeld": 0})
    del facts[f"reservation:{ShowtimeHistory().reservation_id('e')}"]
    assert told(the_only_finding(cinema)) == (Kind.MISSING, "event-log", SHOWTIME, [6])


def test_a_row_of_the_event_log_that_was_changed(cinema: AuditedCinema) -> None:
    log = cinema.log(SHOWTIME)
    log[4] = replace(log[4], body=log[4].body.replace("Pending", "Confirmed"))
    assert told(the_only_finding(cinema)) == (Kind.DIFFERS, "event-log", SHOWTIME, [4])


def test_a_fact_that_was_changed_is_named_by_its_column(cinema: AuditedCinema) -> None:
    facts = cinema.facts(SHOWTIME)
    facts[SHOWTIME] = replace(facts[SHOWTIME], values={**facts[SHOWTIME].values, "SeatsSold": 7})
    found = the_only_finding(cinema)
    assert (found.kind, found.station, found.subject) == (Kind.DIFFERS, "facts", SHOWTIME)
    assert found.detail == "SeatsSold is 7, by its events 1"


def test_a_business_row_that_its_events_do_not_explain(cinema: AuditedCinema) -> None:
    key = ("Reservation", str(ShowtimeHistory().reservation_id("c")))
    cinema.write.states[key] = replace(cinema.write.states[key], status="Cancelled")
    found = the_only_finding(cinema)
    assert (found.kind, found.station, found.subject) == (Kind.DIFFERS, "write-rows", " ".join(key))
    assert found.detail == "status Cancelled, by its events Confirmed"


@pytest.mark.parametrize("sink", [DOMAIN_EVENTS, RESERVATIONS])
def test_a_record_that_is_missing_in_a_hub(cinema: AuditedCinema, sink: str) -> None:
    remove_from_hub(cinema, sink, sequence=4)
    assert told(the_only_finding(cinema)) == (Kind.MISSING, sink, SHOWTIME, [4])


def test_a_whole_partition_that_is_empty(cinema: AuditedCinema) -> None:
    cinema.hubs[RESERVATIONS].partition_of(SHOWTIME).clear()
    assert told(the_only_finding(cinema)) == (Kind.MISSING, RESERVATIONS, SHOWTIME, [2, 3, 4, 5, 6])


def test_repeats_are_counted_and_no_error(cinema: AuditedCinema) -> None:
    bodies = cinema.hubs[RESERVATIONS].partition_of(SHOWTIME)
    bodies += bodies[1:3]
    report = cinema.audit()
    assert report.all_is_well
    assert report.stations[RESERVATIONS].repeats == 2


def test_a_repeat_with_another_body_is_an_error(cinema: AuditedCinema) -> None:
    bodies = cinema.hubs[RESERVATIONS].partition_of(SHOWTIME)
    bodies.append(bodies[0].replace(b"Pending", b"Confirmed"))
    assert told(the_only_finding(cinema)) == (Kind.DIFFERS, RESERVATIONS, SHOWTIME, [2])


def test_first_occurrences_that_were_swapped(cinema: AuditedCinema) -> None:
    bodies = cinema.hubs[RESERVATIONS].partition_of(SHOWTIME)
    bodies[1], bodies[2] = bodies[2], bodies[1]
    assert told(the_only_finding(cinema)) == (Kind.OUT_OF_ORDER, RESERVATIONS, SHOWTIME, [3])


def test_an_event_that_nobody_has_written(cinema: AuditedCinema) -> None:
    bodies = cinema.hubs[RESERVATIONS].partition_of(SHOWTIME)
    bodies.append(bodies[0].replace(b'"sequence":2', b'"sequence":77'))
    assert told(the_only_finding(cinema)) == (Kind.UNKNOWN, RESERVATIONS, SHOWTIME, [77])


def test_a_stream_that_nobody_has_opened(cinema: AuditedCinema) -> None:
    bodies = cinema.hubs[DOMAIN_EVENTS].partition_of("movie:tt0000001")
    bodies.append(movie_event(1).body.replace(b"movie:tt1375666", b"movie:tt0000001"))
    assert told(the_only_finding(cinema)) == (Kind.UNKNOWN, DOMAIN_EVENTS, "movie:tt0000001", [1])


def test_a_record_that_is_no_event_of_ours(cinema: AuditedCinema) -> None:
    cinema.hubs[DOMAIN_EVENTS].partitions[2].append(b"\xff")
    found = the_only_finding(cinema)
    position = len(cinema.hubs[DOMAIN_EVENTS].partitions[2]) - 1
    assert (found.kind, found.subject) == (Kind.UNREADABLE, f"partition 2, sequence number {position}")


def test_an_event_that_does_not_concern_a_hub(cinema: AuditedCinema) -> None:
    cinema.hubs[RESERVATIONS].partition_of(SHOWTIME).append(a_history().events[0].body)
    kinds = {told(found)[:3] for found in cinema.audit().findings}
    assert (Kind.UNKNOWN, RESERVATIONS, SHOWTIME) in kinds


def test_a_record_on_another_partition(cinema: AuditedCinema) -> None:
    hub = cinema.hubs[RESERVATIONS]
    body = hub.partition_of(SHOWTIME).pop(1)
    other = next(partition for partition in hub.partitions if partition is not hub.partition_of(SHOWTIME))
    other.append(body)
    assert told(the_only_finding(cinema)) == (Kind.MISPLACED, RESERVATIONS, SHOWTIME, [3])


def test_what_a_hub_no_longer_keeps_is_not_judged_but_counted(cinema: AuditedCinema) -> None:
    hub = cinema.hubs[RESERVATIONS]
    hub.dropped, hub.enqueued_at = 2, lambda _: NOON.replace(hour=13)
    report = cinema.audit()
    assert report.all_is_well
    assert report.stations[RESERVATIONS].unjudged == 2
    assert any("2 events are older than what the hub keeps" in remark for remark in report.remarks)


def test_what_was_committed_after_a_hubs_first_kept_event_is_judged(cinema: AuditedCinema) -> None:
    hub = cinema.hubs[RESERVATIONS]
    hub.dropped, hub.enqueued_at = 2, lambda _: NOON
    assert told(the_only_finding(cinema)) == (Kind.MISSING, RESERVATIONS, SHOWTIME, [2, 3])


@pytest.mark.parametrize("sink", [*ROUTES])
def test_what_waits_for_a_sink_is_not_missing_there(cinema: AuditedCinema, sink: str) -> None:
    cinema.wait_for(sink, SHOWTIME, [5, 6])
    if sink == REPORTING:
        del cinema.log(SHOWTIME)[5], cinema.log(SHOWTIME)[6]
        facts = cinema.facts(SHOWTIME)
        record = cinema.reporting.records[SHOWTIME]
        from_log = AuditedCinema(a_history().events[:4]).reporting.records[SHOWTIME].facts
        facts.clear()
        facts.update({subject: replace(row, log_end=99) for subject, row in from_log.items()})
        assert record.log.keys() == {1, 2, 3, 4}
    else:
        for sequence in (6, 5):
            remove_from_hub(cinema, sink, sequence=sequence)
    report = cinema.audit()
    assert report.findings == []
    station = "event-log" if sink == REPORTING else sink
    assert report.stations[station].waiting == 2


def test_a_gap_that_was_allowed_is_no_finding(cinema: AuditedCinema) -> None:
    cinema.write.change(SHOWTIME, discarded={RESERVATIONS: frozenset({3})})
    remove_from_hub(cinema, RESERVATIONS, sequence=3)
    assert cinema.audit().all_is_well


def test_sequences_are_told_as_ranges() -> None:
    assert spans_of([5, 1, 2, 3, 9, 5]) == ((1, 3), (5, 5), (9, 9))


def test_a_finding_is_confirmed_for_the_sequences_that_are_still_wrong() -> None:
    first = Finding(kind=Kind.BEHIND, station="view:showtimes", stream_id=SHOWTIME, spans=((3, 5),))
    same: Callable[[tuple[int, int]], Finding] = lambda span: replace(first, spans=(span,))  # noqa: E731
    still = first.confirmed_by([same((5, 9))])
    assert still is not None
    assert still.spans == ((5, 5),)
    assert first.confirmed_by([same((6, 9))]) is None
    assert first.confirmed_by([replace(first, station="view:movies")]) is None
