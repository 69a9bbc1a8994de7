"""Events projected a second, told and untold in turn: the projector as it is wired, over MongoDB's stand-in and Valkey."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from secrets import token_hex
from statistics import median

from benchmarks.view_servers import view_servers
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.projector import open_projector
from shared.infrastructure.telemetry.observed_projection import ObservedProjection, Project
from shared.settings import ProjectorSettings
from shared.telemetry.settings import load_telemetry_settings
from shared.telemetry.start import begin_telemetry
from tests.builders.published_events import ShowtimeHistory

BATCHES, BATCH = 60, 50


def measure(environment: Mapping[str, str]) -> dict[str, float]:
    """Pairs of like batches, one of which is told; the ratio is the median over the pairs."""
    os.environ.update(environment)  # the exporters read it themselves
    on = begin_telemetry(load_telemetry_settings(), service="benchmark")
    assert on is not None
    with (
        view_servers() as servers,
        open_projector(ProjectorSettings(mongo_url=servers.mongo_url, redis_url=servers.redis_url)) as untold,
    ):
        told = ObservedProjection(
            untold, telemetry=on, source="cinema.domain.events", system="eventhubs", operation="process"
        )
        pairs = [
            (_seconds(untold, _batch(f"untold {number}")), _seconds(told, _batch(f"told {number}")))
            for number in range(BATCHES)
        ]
    on.close()
    return {
        "untold_per_second": round(BATCH / median(seconds for seconds, _ in pairs)),
        "told_per_second": round(BATCH / median(seconds for _, seconds in pairs)),
        "ratio": round(median(untold / told for untold, told in pairs), 3),
    }


def _seconds(project: Project, batch: Sequence[ReceivedEvent]) -> float:
    begun = time.perf_counter()
    project(batch)
    return time.perf_counter() - begun


def _batch(name: str) -> list[ReceivedEvent]:
    """A showtime and its first bookings, each of a trace of its own."""
    history = ShowtimeHistory(name)
    history.created()
    for number in range(1, BATCH):
        history.held(f"customer {number}", ("A", number))
    return [_traced(event) for event in history.events]


def _traced(event: ReceivedEvent) -> ReceivedEvent:
    envelope = json.loads(event.body) | {"traceparent": f"00-{token_hex(16)}-{token_hex(8)}-01"}
    return replace(event, body=json.dumps(envelope).encode())
