"""The audit: every stream in every station, and a second look at what seems wrong.

It runs beside masters that drain and customers who book. What seems wrong at the first look may be under way: such
streams are looked at again until their findings are gone, or have stood unchanged for as long as the audit has
patience. A stream in which nothing has happened for that long is looked at twice and not waited for.

It holds in memory: what `hub_tally` says of the hubs, one page of streams (`page_events` events, or the largest
stream), the newest movies and auditoriums, and the streams with findings.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.application.audit.examination import AuditedParts, Examined, Examiner
from shared.application.audit.findings import AuditReport, Finding
from shared.application.audit.hub_tally import HubTally
from shared.application.audit.parked_checks import PARKED, find_parked
from shared.application.audit.strangers import find_strangers
from shared.application.clock import Clock

_STEP_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLimits:
    """How much is looked at together, and how many seconds something may be under way."""

    patience_seconds: float
    page_streams: int = 100
    page_events: int = 5_000


class Audit:
    """Call it for a report. It only reads."""

    def __init__(
        self,
        parts: AuditedParts,
        *,
        partitions: int,
        clock: Clock,
        pause: Callable[[float], None],
        limits: AuditLimits,
    ) -> None:
        self._parts = parts
        self._partitions = partitions
        self._clock = clock
        self._pause = pause
        self._limits = limits

    def __call__(self) -> AuditReport:
        """Look at everything.

        Raises:
            StationUnreadableError: a part does not answer, so that nothing can be said.
            PartitionMismatchError: a hub has another number of partitions than its lanes are spread over.
        """
        report = AuditReport()
        tallies = {sink: HubTally(partitions=self._partitions) for sink in self._parts.hubs}
        examiner = Examiner(self._parts, tallies=tallies)
        examiner.read_hubs()
        unjudged: dict[tuple[str, int], int] = {}
        suspects: list[Examined] = []
        for stream_ids in self._pages():
            for examined in examiner.examine(stream_ids, read_hubs=False):
                _add(report, examined)
                _note_unjudged(unjudged, examined, tallies=tallies)
                if examined.findings:
                    suspects.append(examined)
        strangers = find_strangers(self._parts, tallies=tallies, page=self._limits.page_streams)
        parked = find_parked(self._parts.parked, page=self._limits.page_streams)
        report.count(PARKED).checked = len(parked)
        report.findings = self._confirmed(suspects, examiner=examiner) + strangers + parked
        report.remarks = _remarks(report, unjudged)
        return report

    def _pages(self) -> Iterator[list[str]]:
        """The ids of all streams in their order, so many together as have a page's events."""
        page: list[str] = []
        events, after = 0, ""
        while heads := self._parts.write.streams_after(after, limit=self._limits.page_streams):
            after = heads[-1][0]
            for stream_id, last_sequence in heads:
                if page and events + last_sequence > self._limits.page_events:
                    yield page
                    page, events = [], 0
                page.append(stream_id)
                events += last_sequence
            yield page
            page, events = [], 0

    def _confirmed(self, suspects: Sequence[Examined], *, examiner: Examiner) -> list[Finding]:
        """What is still wrong at another look, and does not go away while one waits."""
        deadline = self._clock.now() + timedelta(seconds=self._limits.patience_seconds)
        confirmed: dict[str, Sequence[Finding]] = {}
        pending = list(suspects)
        while pending:
            pending = self._looked_at_again(pending, examiner=examiner)
            now = self._clock.now()
            quiet_since = now - timedelta(seconds=self._limits.patience_seconds)
            settled = [one for one in pending if now >= deadline or one.is_quiet_since(quiet_since)]
            confirmed |= {one.stream_id: one.findings for one in settled}
            pending = [one for one in pending if one.stream_id not in confirmed]
            if pending:
                self._pause(_STEP_SECONDS)
        return [finding for stream_id in sorted(confirmed) for finding in confirmed[stream_id]]

    def _looked_at_again(self, suspects: Sequence[Examined], *, examiner: Examiner) -> list[Examined]:
        before = {one.stream_id: one for one in suspects}
        wanted = set(before).union(*(one.embedded for one in suspects))
        size = max(1, min(self._limits.page_streams, self._limits.page_events))
        ids = sorted(wanted)
        again: list[Examined] = []
        for first in range(0, len(ids), size):
            for examined in examiner.examine(ids[first : first + size], read_hubs=True):
                earlier = before.get(examined.stream_id)
                still = _still_wrong(earlier.findings, examined.findings) if earlier else []
                if still:
                    again.append(replace(examined, findings=still))
        return again


def _still_wrong(earlier: Sequence[Finding], later: Sequence[Finding]) -> list[Finding]:
    return [still for finding in earlier if (still := finding.confirmed_by(later)) is not None]


def _add(report: AuditReport, examined: Examined) -> None:
    report.streams += 1
    for station, count in examined.counts.items():
        total = report.count(station)
        total.checked += count.checked
        total.waiting += count.waiting
        total.discarded += count.discarded
        total.repeats += count.repeats
        total.unjudged += count.unjudged


def _note_unjudged(
    unjudged: dict[tuple[str, int], int], examined: Examined, *, tallies: Mapping[str, HubTally]
) -> None:
    for sink, tally in tallies.items():
        if count := examined.counts[sink].unjudged:
            place = (sink, tally.partition_of(examined.stream_id))
            unjudged[place] = unjudged.get(place, 0) + count


def _remarks(report: AuditReport, unjudged: Mapping[tuple[str, int], int]) -> list[str]:
    remarks = [
        f"{sink}, partition {partition}: {count} events are older than what the hub keeps, and can't be judged"
        for (sink, partition), count in sorted(unjudged.items())
    ]
    if report.streams == 0:
        remarks.append("there is no stream: nothing was ever written here, or this is another database")
    return remarks
