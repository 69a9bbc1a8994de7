"""One stream in one hub against its history. Pure."""

from dataclasses import dataclass

from shared.application.audit.findings import Finding, Kind, finding
from shared.application.audit.hub_tally import HubTally, StreamTally, digest_of
from shared.application.audit.stream_history import StreamHistory
from shared.application.outbox.routing import sinks_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HubJudgement:
    """What is wrong, and how many events are older than what the hub keeps, so that nothing can be said of them."""

    findings: list[Finding]
    unjudged: int


def check_hub(sink: str, *, history: StreamHistory, tally: HubTally) -> HubJudgement:
    """A hub has each event that does not wait for it, unchanged but for its customer, on its partition, in order, and no other."""
    known = tally.streams.get(history.stream_id, StreamTally())
    expected = _expected(sink, history)
    seen = dict(known)
    absent = expected - seen.keys() - known.misplaced.keys() - history.write.excused(sink)
    too_old = _before_the_first_kept(absent, history=history, tally=tally)
    changed = {
        sequence
        for sequence in seen.keys() & expected
        if seen[sequence] != digest_of(history.events[sequence].body.encode())
    }
    late = known.late
    if tally.kept_since(history.stream_id) is not None:
        late = [sequence for sequence in late if sequence > known.first]
    stream_id = history.stream_id
    return HubJudgement(
        unjudged=len(too_old),
        findings=[
            *finding(Kind.MISSING, sink, stream_id, sequences=absent - too_old),
            *finding(
                Kind.OUT_OF_ORDER, sink, stream_id, sequences=late, detail="first met after a later one"
            ),
            *finding(Kind.DIFFERS, sink, stream_id, sequences=changed, detail="not what the databases have"),
            *finding(
                Kind.DIFFERS,
                sink,
                stream_id,
                sequences={*known.changed} - changed,
                detail="repeated with a change",
            ),
            *_strangers(sink, history, sequences={*seen, *known.misplaced} - expected),
            *finding(
                Kind.MISPLACED,
                sink,
                stream_id,
                sequences=known.misplaced.keys() & expected,
                detail=f"not on partition {tally.partition_of(stream_id)}",
            ),
        ],
    )


def check_strangers(sink: str, *, tally: HubTally, stream_ids: list[str]) -> list[Finding]:
    """Streams that nobody has opened, and records that are no events of ours."""
    foreign = [
        Finding(kind=Kind.UNREADABLE, station=sink, stream_id="", subject=place, detail="no event of ours")
        for place in tally.foreign
    ]
    unopened: list[Finding] = []
    for stream_id in stream_ids:
        known = tally.streams[stream_id]
        sequences = {*known.sequences, *known.misplaced}
        unopened += finding(
            Kind.UNKNOWN, sink, stream_id, sequences=sequences, detail="of a stream that nobody has opened"
        )
    return foreign + unopened


def _expected(sink: str, history: StreamHistory) -> frozenset[int]:
    return frozenset(
        sequence for sequence in history.known if sink in sinks_of(history.events[sequence].type)
    )


def _strangers(sink: str, history: StreamHistory, *, sequences: set[int]) -> list[Finding]:
    """What is in the hub and not expected: not yet committed when the databases were read, lost there, or unknown."""
    beyond = {sequence for sequence in sequences if sequence > history.newest_sequence}
    elsewhere = sequences & history.known
    stream_id = history.stream_id
    return [
        *finding(Kind.UNKNOWN, sink, stream_id, sequences=beyond, detail="nobody has written it"),
        *finding(Kind.UNKNOWN, sink, stream_id, sequences=elsewhere, detail="it does not concern this hub"),
    ]


def _before_the_first_kept(
    absent: frozenset[int], *, history: StreamHistory, tally: HubTally
) -> frozenset[int]:
    """Those that the hub may have had and dropped, judged by the clocks of the writer and of the hub."""
    kept_since = tally.kept_since(history.stream_id)
    if kept_since is None:
        return frozenset()
    return frozenset(sequence for sequence in absent if history.events[sequence].occurred_at < kept_since)
