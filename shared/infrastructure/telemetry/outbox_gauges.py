"""How the outbox stands, as gauges that are read when they are exported, and at no other time."""

import logging
from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from opentelemetry.metrics import CallbackOptions, Observation

from shared.application.outbox.errors import OutboxError
from shared.application.outbox.status import OutboxStatusReader, SinkStatus
from shared.telemetry.telemetry import Telemetry

_log = logging.getLogger(__name__)

_FRESH_SECONDS = 0.5
"""The gauges of one export are read one after the other: one look serves them all."""


class OutboxGauges:
    """Three gauges for each sink. A look that fails leaves them out, this once."""

    def __init__(self, open_reader: Callable[[], OutboxStatusReader], *, telemetry: Telemetry) -> None:
        """Make the gauges; `open_reader` is called when they are first read.

        Its errors, as the reader's, are logged.
        """
        self._open_reader = open_reader
        self._seen: Sequence[SinkStatus] = ()
        self._looked_at = float("-inf")
        for name, unit, description, measure in (
            (
                "pending",
                "{message}",
                "Messages that wait in the lanes of a sink, counted to a limit.",
                _pending,
            ),
            ("held", "{message}", "Messages that stand aside behind dead letters.", _held),
            (
                "oldest_age",
                "s",
                "How long the oldest message has waited for a sink; 0 if none waits.",
                _oldest_age,
            ),
        ):
            telemetry.meter.create_observable_gauge(
                f"cinema.outbox.{name}", callbacks=[self._gauge(measure)], unit=unit, description=description
            )

    def _gauge(
        self, measure: Callable[[SinkStatus], float]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            return [Observation(measure(sink), {"cinema.sink": sink.sink}) for sink in self._look()]

        return observe

    def _look(self) -> Sequence[SinkStatus]:
        if monotonic() - self._looked_at > _FRESH_SECONDS:
            try:
                self._seen = self._open_reader().read().sinks
            except OutboxError as error:
                _log.warning("outbox_gauges_unreadable error=%s", error)
                self._seen = ()
            self._looked_at = monotonic()
        return self._seen


def _pending(sink: SinkStatus) -> float:
    return sink.pending.count


def _held(sink: SinkStatus) -> float:
    return sink.held.count


def _oldest_age(sink: SinkStatus) -> float:
    return sink.oldest.age_seconds if sink.oldest else 0.0
