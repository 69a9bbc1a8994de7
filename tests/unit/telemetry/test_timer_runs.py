"""Runs of timer functions: told if they have done something, and whose events have their trace."""

import pytest
from opentelemetry.trace import StatusCode

from shared.infrastructure.telemetry.observed_requests import current_traceparent
from shared.infrastructure.telemetry.timer_runs import observed_run
from shared.telemetry.traceparent import parse_traceparent
from tests.unit.telemetry.conftest import Kept, trace_of

pytestmark = pytest.mark.unit


def test_a_run_that_finds_nothing_to_do_is_not_told(kept: Kept) -> None:
    with observed_run(kept.telemetry, "reservation_expiry"):
        pass
    assert kept.spans == []


def test_a_run_that_has_done_something_is_told_in_the_trace_of_its_events(kept: Kept) -> None:
    with observed_run(kept.telemetry, "reservation_expiry") as run:
        events = parse_traceparent(current_traceparent())
        run.has_done_something()
    (span,) = kept.spans
    assert events is not None
    assert (span.name, trace_of(span)) == ("reservation_expiry", events.trace_id)


def test_a_run_that_fails_is_told(kept: Kept) -> None:
    with pytest.raises(ConnectionError), observed_run(kept.telemetry, "reservation_expiry"):
        raise ConnectionError
    (span,) = kept.spans
    assert span.status.status_code is StatusCode.ERROR


def test_outside_a_run_there_is_no_trace() -> None:
    assert current_traceparent() is None
