"""What a look at the pipeline makes of what it sees."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from shared.application.audit.ports import StationUnreadableError
from shared.application.outbox.status import OutboxStatus, Tally
from shared.application.pipeline.look_at_pipeline import LookAtPipeline, PipelineParts
from shared.application.pipeline.pipeline import (
    CacheCounts,
    DeliveredEvent,
    Pipeline,
    ProjectorStatus,
    ViewGaps,
)
from shared.application.pipeline.pipeline_documents import pipeline_document
from shared.contracts.documents import ViewDocument
from tests.builders.published_events import NOON

pytestmark = pytest.mark.unit

PARTITIONS = 4


@dataclass
class FakePipeline:
    """Every part in one. Views are by stream how far their document has got."""

    delivered: list[DeliveredEvent] = field(default_factory=list[DeliveredEvent])
    reached: dict[str, int] = field(default_factory=dict[str, int])
    cache: CacheCounts = field(default_factory=lambda: CacheCounts(hits=3, misses=1))
    failing: set[str] = field(default_factory=set[str])

    def read(self) -> OutboxStatus:
        return OutboxStatus(at=NOON, sinks=[])

    def newest(self, *, most: int) -> Sequence[DeliveredEvent]:
        return self.delivered[-most:]

    def newest_sequences(self, showtime_ids: Collection[str]) -> Mapping[str, int]:
        return self._some("showtime", showtime_ids)

    def versions(self, model: type[ViewDocument], ids: Collection[str]) -> Mapping[str, int]:
        return self._some(model.view.rstrip("s"), ids)

    def _some(self, kind: str, ids: Collection[str]) -> Mapping[str, int]:
        self._fail_if("views")
        streams = {identity: f"{kind}:{identity}" for identity in ids}
        return {
            identity: self.reached[stream] for identity, stream in streams.items() if stream in self.reached
        }

    def gaps(self) -> ViewGaps:
        return ViewGaps(showtimes=Tally(count=0), oldest=None)

    def parked(self) -> Tally:
        return Tally(count=0)

    def counts(self) -> CacheCounts:
        self._fail_if("cache")
        return self.cache

    def _fail_if(self, station: str) -> None:
        if station in self.failing:
            raise StationUnreadableError(station, "gone")

    def happened(
        self, stream_id: str, place: int, *, seconds_ago: float, lane: int = 0, version: int = 0
    ) -> None:
        self.delivered.append(
            DeliveredEvent(
                stream_id=stream_id,
                sequence=place,
                version=version or place,
                lane=lane,
                age_seconds=seconds_ago,
            )
        )

    def look(self, *, looked_at: int = 100) -> Pipeline:
        parts = PipelineParts(outbox=self, delivered=self, views=self, cache=self, partitions=PARTITIONS)
        return LookAtPipeline(parts, looked_at=looked_at)()


@pytest.fixture
def pipeline() -> FakePipeline:
    return FakePipeline()


def projector(pipeline: FakePipeline, *, looked_at: int = 100) -> ProjectorStatus:
    status = pipeline.look(looked_at=looked_at).projector
    assert status is not None
    return status


def test_where_every_event_is_in_its_document_nothing_lags(pipeline: FakePipeline) -> None:
    for number, stream in enumerate(("movie:tt1", "auditorium:odeon", "showtime:a")):
        pipeline.happened(stream, 1, seconds_ago=9, lane=number)
        pipeline.reached[stream] = 1
    status = projector(pipeline)
    assert (status.behind, status.lag_seconds, status.looked_at) == (0, 0.0, 3)
    assert [lag.exact for lag in status.partitions] == [True, True, True]


def test_the_lag_is_the_age_of_the_oldest_event_that_is_not_there_yet(pipeline: FakePipeline) -> None:
    for sequence, age in ((1, 60), (2, 30), (3, 10)):
        pipeline.happened("showtime:a", sequence, seconds_ago=age)
    pipeline.reached["showtime:a"] = 1
    (lag,) = projector(pipeline).partitions
    assert (lag.behind, lag.lag_seconds, lag.exact) == (2, 30, True)


def test_each_partition_lags_by_itself(pipeline: FakePipeline) -> None:
    pipeline.happened("showtime:a", 1, seconds_ago=50, lane=1)
    pipeline.happened("showtime:b", 1, seconds_ago=40, lane=2)
    pipeline.happened("showtime:c", 1, seconds_ago=30, lane=1 + PARTITIONS)
    pipeline.reached["showtime:b"] = 1
    status = projector(pipeline)
    assert [(lag.partition, lag.behind) for lag in status.partitions] == [(1, 2), (2, 0)]
    assert (status.behind, status.lag_seconds) == (2, 50)


def test_a_lag_that_reaches_beyond_what_is_looked_at_is_told_as_at_least(pipeline: FakePipeline) -> None:
    for sequence in range(1, 9):
        pipeline.happened("showtime:a", sequence, seconds_ago=100 - sequence)
    (lag,) = projector(pipeline, looked_at=4).partitions
    assert (lag.behind, lag.lag_seconds, lag.exact) == (4, 95, False)


def test_an_event_that_later_ones_have_overtaken_is_no_lag(pipeline: FakePipeline) -> None:
    """It is a gap: `newest_sequences` tells the newest that is there."""
    pipeline.happened("showtime:a", 2, seconds_ago=60)
    pipeline.happened("showtime:a", 3, seconds_ago=50)
    pipeline.reached["showtime:a"] = 3
    assert projector(pipeline).behind == 0


def test_a_movie_is_told_by_its_version(pipeline: FakePipeline) -> None:
    pipeline.happened("movie:tt1", 7, version=2, seconds_ago=5)
    pipeline.reached["movie:tt1"] = 2
    assert projector(pipeline).behind == 0
    pipeline.reached["movie:tt1"] = 1
    assert projector(pipeline).behind == 1


def test_without_events_there_is_nothing_to_say(pipeline: FakePipeline) -> None:
    status = projector(pipeline)
    assert (status.looked_at, status.partitions, status.lag_seconds) == (0, [], 0.0)


@pytest.mark.parametrize(
    ("counts", "rate"),
    [(CacheCounts(hits=3, misses=1), 0.75), (CacheCounts(hits=0, misses=0), None)],
)
def test_the_hit_rate_is_the_share_of_hits(
    pipeline: FakePipeline, counts: CacheCounts, rate: float | None
) -> None:
    pipeline.cache = counts
    document = pipeline_document(pipeline.look())
    assert document.cache is not None
    assert document.cache.hit_rate == rate


@pytest.mark.parametrize("station", ["views", "cache"])
def test_a_part_that_is_down_is_named_and_the_rest_is_told(pipeline: FakePipeline, station: str) -> None:
    pipeline.happened("showtime:a", 1, seconds_ago=5)
    pipeline.failing = {station}
    document = pipeline_document(pipeline.look())
    assert document.unreadable == {station: "gone"}
    assert (document.projector is None, document.cache is None) == (station == "views", station == "cache")
