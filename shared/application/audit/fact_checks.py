"""The facts of one stream against the fold of its events. Pure."""

from collections.abc import Collection, Mapping

from shared.application.audit.findings import FACTS, Finding, Kind
from shared.application.audit.log_checks import missing_in_log
from shared.application.audit.records import FactRow
from shared.application.audit.stream_history import StreamHistory
from shared.application.outbox.reporting_facts import ReservationFact, ShowtimeFact, facts_of

Values = Mapping[str, object]


def check_facts(history: StreamHistory) -> list[Finding]:
    """Facts are what folding EventLog says, as far as it had got when they were read.

    An event that EventLog lacks, though it was delivered, may have been counted before it was lost: both are right.
    """
    if not history.is_whole or not history.reporting.log:
        return []
    log = history.reporting.log.keys()
    expected, possible = folded_facts(history, log), folded_facts(history, log | missing_in_log(history))
    findings: list[Finding] = []
    for subject, row in history.reporting.facts.items():
        if subject not in possible:
            findings.append(_about(history, subject, kind=Kind.UNKNOWN, detail="facts, and no event"))
        elif differing := _differing_fields(history, subject, row):
            findings.append(_about(history, subject, kind=Kind.DIFFERS, detail=", ".join(differing)))
    absent = expected.keys() - history.reporting.facts.keys()
    return findings + [
        _about(history, subject, kind=Kind.MISSING, detail="events, and no facts")
        for subject in sorted(absent)
    ]


def folded_facts(history: StreamHistory, sequences: Collection[int]) -> dict[str, Values]:
    """The facts that these events of a stream make, by `showtime:<id>` and `reservation:<id>`."""
    facts = facts_of(history.events[sequence].as_message() for sequence in sorted(sequences))
    showtimes = {f"showtime:{identity}": _showtime(fact) for identity, fact in facts.showtimes.items()}
    return showtimes | {
        f"reservation:{identity}": _reservation(fact) for identity, fact in facts.reservations.items()
    }


def _differing_fields(history: StreamHistory, subject: str, row: FactRow) -> list[str]:
    logged = {sequence for sequence, event in history.reporting.log.items() if event.place <= row.log_end}
    differing: list[str] = []
    for sequences in (logged | missing_in_log(history), logged):
        expected = folded_facts(history, sequences).get(subject)
        differing = [
            f"{name} is {_shown(row.values.get(name))}, by its events {_shown(value)}"
            for name, value in (expected or {}).items()
            if row.values.get(name) != value
        ]
        if expected is not None and not differing:
            return []
    return differing


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _showtime(fact: ShowtimeFact) -> Values:
    state = fact.state
    return {
        "Version": state.version if state else 0,
        "Capacity": sum(row.seats for row in state.auditorium.rows) if state else 0,
        "SeatsHeld": fact.held,
        "SeatsSold": fact.sold,
        "SeatsCancelled": fact.cancelled,
        "MovieId": state.movie.movie_id if state else None,
        "MovieTitle": state.movie.title if state else None,
        "AuditoriumId": state.auditorium.auditorium_id if state else None,
        "ScreeningTime": state.screening_time if state else None,
        "Status": state.status if state else None,
    }


def _reservation(fact: ReservationFact) -> Values:
    return {
        "ShowtimeId": fact.state.showtime_id,
        "Seats": len(fact.state.seats),
        "Status": fact.state.status,
        "Version": fact.state.version,
        "CreatedAt": fact.state.created_at,
        "ConfirmedAt": fact.confirmed_at,
        "CancelledAt": fact.cancelled_at,
        "CancellationReason": fact.reason,
    }


def _about(history: StreamHistory, subject: str, *, kind: Kind, detail: str) -> Finding:
    return Finding(kind=kind, station=FACTS, stream_id=history.stream_id, subject=subject, detail=detail)
