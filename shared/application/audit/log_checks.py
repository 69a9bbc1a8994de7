"""The outbox, the business rows and EventLog of one stream against each other. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from shared.application.audit.findings import (
    EVENT_LOG,
    OUTBOX,
    WRITE_ROWS,
    Finding,
    Kind,
    finding,
)
from shared.application.audit.records import AggregateKey, RecordedEvent, RowState
from shared.application.audit.stream_history import StreamHistory
from shared.application.outbox.routing import REPORTING


def check_outbox(history: StreamHistory) -> list[Finding]:
    """Each sequence up to the stream's last is in the outbox, or was moved on to EventLog; none is beyond it."""
    stream_id, messages = history.stream_id, history.write.messages
    beyond = {sequence for sequence in messages if sequence > history.newest_sequence}
    return [
        *finding(
            Kind.MISSING,
            OUTBOX,
            stream_id,
            sequences=history.lost,
            detail="in no table, so that rows, facts and documents of the stream can't be judged",
        ),
        *finding(
            Kind.UNKNOWN, OUTBOX, stream_id, sequences=beyond, detail="beyond the stream's last sequence"
        ),
    ]


def check_event_log(history: StreamHistory) -> list[Finding]:
    """EventLog has every event that does not wait for it, as the outbox has it, and no other."""
    log, messages, stream_id = history.reporting.log, history.write.messages, history.stream_id
    changed = {
        sequence
        for sequence in log.keys() & messages.keys()
        if _told(log[sequence]) != _told(messages[sequence])
    }
    unreadable = {sequence for sequence in history.unreadable if sequence not in changed}
    beyond = {sequence for sequence in log if sequence > history.newest_sequence}
    return [
        *finding(Kind.MISSING, EVENT_LOG, stream_id, sequences=missing_in_log(history)),
        *finding(Kind.DIFFERS, EVENT_LOG, stream_id, sequences=changed, detail="not what the outbox has"),
        *finding(Kind.UNREADABLE, EVENT_LOG, stream_id, sequences=unreadable, detail="no event of ours"),
        *finding(Kind.UNKNOWN, EVENT_LOG, stream_id, sequences=beyond, detail="nobody has written it"),
    ]


def missing_in_log(history: StreamHistory) -> frozenset[int]:
    """The sequences that EventLog should have, and the outbox can give back."""
    there = history.reporting.log.keys()
    return frozenset(
        (history.write.messages.keys() & history.known) - there - history.write.excused(REPORTING)
    )


def check_rows(history: StreamHistory, rows: Mapping[AggregateKey, RowState]) -> list[Finding]:
    """Each business row is where the events have brought its aggregate."""
    if not history.is_whole:
        return []
    findings: list[Finding] = []
    for key, statuses in aggregates_of(history).items():
        row = rows.get(key)
        newest = max(statuses)
        if row is None:
            findings.append(_about_row(history, key, kind=Kind.MISSING, detail="events, and no row"))
        elif row.version != newest:
            detail = f"version {row.version}, by its events {newest}"
            findings.append(_about_row(history, key, kind=Kind.DIFFERS, detail=detail))
        elif row.status != statuses[newest]:
            detail = f"status {row.status}, by its events {statuses[newest]}"
            findings.append(_about_row(history, key, kind=Kind.DIFFERS, detail=detail))
    return findings


def aggregates_of(history: StreamHistory) -> dict[AggregateKey, dict[int, str | None]]:
    """The status of each aggregate of the stream at each of its versions."""
    found: dict[AggregateKey, dict[int, str | None]] = defaultdict(dict)
    for sequence in history.known & history.parsed.keys():
        event, data = history.events[sequence], history.parsed[sequence].data
        status: str | None = getattr(data, "status", None)
        found[event.aggregate_type, event.aggregate_id][event.version] = status
    return found


def _about_row(history: StreamHistory, key: AggregateKey, *, kind: Kind, detail: str) -> Finding:
    return Finding(
        kind=kind, station=WRITE_ROWS, stream_id=history.stream_id, subject=" ".join(key), detail=detail
    )


def _told(event: RecordedEvent) -> tuple[object, ...]:
    """What must be the same of an event wherever it is kept."""
    return (
        event.event_id,
        event.aggregate_type,
        event.aggregate_id,
        event.version,
        event.type,
        event.body,
        event.occurred_at,
    )
