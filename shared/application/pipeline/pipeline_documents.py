"""The pipeline as JSON: the outbox's status, and what follows it."""

from shared.application.outbox.operations_documents import OutboxStatusDocument, TallyDocument
from shared.application.pipeline.pipeline import CacheCounts, Pipeline, ProjectorStatus
from shared.contracts.wire import UtcTime, WireModel


class PartitionLagDocument(WireModel):
    """A partition of the hub: how many of its newest events are not in the views yet, and the oldest one's age.

    It is "at least" that age if it is not `exact`.
    """

    partition: int
    behind: int
    lag_seconds: float
    exact: bool


class ViewGapsDocument(WireModel):
    """Showtimes that miss an event which later ones have overtaken; `oldest` is since when the first of them has."""

    showtimes: TallyDocument
    oldest: UtcTime | None


class ProjectorDocument(WireModel):
    """The projector: `lag_seconds` and `behind` over the partitions, by the newest `looked_at` events that the hub has.

    `parked` events could not be projected, and wait for an operator.
    """

    lag_seconds: float
    behind: int
    looked_at: int
    partitions: tuple[PartitionLagDocument, ...]
    gaps: ViewGapsDocument
    parked: TallyDocument


class CacheDocument(WireModel):
    """The read service's cache, by counters that only grow; `hit_rate` is null until somebody has asked."""

    hits: int
    misses: int
    hit_rate: float | None


class PipelineDocument(OutboxStatusDocument):
    """The outbox's status and what is behind it. What can't be read is null, and `unreadable` says why."""

    projector: ProjectorDocument | None
    cache: CacheDocument | None
    unreadable: dict[str, str]


def pipeline_document(pipeline: Pipeline) -> PipelineDocument:
    """Everything that a look has shown."""
    outbox = OutboxStatusDocument.model_validate(pipeline.outbox, from_attributes=True)
    return PipelineDocument(
        at=outbox.at,
        sinks=outbox.sinks,
        projector=_projector(pipeline.projector) if pipeline.projector else None,
        cache=_cache(pipeline.cache) if pipeline.cache else None,
        unreadable=dict(pipeline.unreadable),
    )


def _projector(projector: ProjectorStatus) -> ProjectorDocument:
    return ProjectorDocument.model_validate(projector, from_attributes=True)


def _cache(cache: CacheCounts) -> CacheDocument:
    return CacheDocument.model_validate(cache, from_attributes=True)
