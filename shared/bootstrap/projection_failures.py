"""Parked events, wired: what people do with them."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from shared.application.clock import SystemClock
from shared.application.projections.failures import ProjectionFailures, ReplayFailures
from shared.bootstrap.projector import open_projector_parts
from shared.settings import ProjectorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureDesk:
    """The parked events, and a replay of them."""

    failures: ProjectionFailures
    replay: ReplayFailures


@contextmanager
def open_failure_desk(settings: ProjectorSettings) -> Generator[FailureDesk]:
    """The desk with these settings; its connections are closed with the context.

    Raises:
        ViewStoreUnavailableError: the views do not answer.
    """
    with open_projector_parts(settings) as parts:
        yield FailureDesk(
            failures=parts.failures,
            replay=ReplayFailures(
                failures=parts.failures, projector_parking_in=parts.projector, clock=SystemClock()
            ),
        )
