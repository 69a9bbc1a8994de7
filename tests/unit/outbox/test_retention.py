"""A run of the retention: step by step, within its time."""

from datetime import timedelta
from itertools import count

import pytest

from shared.application.outbox.retention import STEP, ForgetDeliveredMessages, RetentionTally
from tests.fakes.outbox_history import FakeOutboxHistory, Past

pytestmark = pytest.mark.unit


def retention(history: FakeOutboxHistory, *, budget_seconds: float) -> ForgetDeliveredMessages:
    """Each look at its clock takes a second."""
    return ForgetDeliveredMessages(
        history=history,
        retention=timedelta(hours=72),
        budget_seconds=budget_seconds,
        clock=count().__next__,
    )


def test_a_run_goes_on_step_by_step_to_the_end() -> None:
    history = FakeOutboxHistory()
    history.commit(*(Past() for _ in range(2 * STEP + 1)))
    assert retention(history, budget_seconds=100)() == RetentionTally(
        forgotten=2 * STEP + 1, kept=0, is_finished=True
    )


def test_what_a_run_does_not_get_to_is_left_to_the_next() -> None:
    history = FakeOutboxHistory()
    history.commit(*(Past() for _ in range(3 * STEP)))
    assert retention(history, budget_seconds=2)() == RetentionTally(
        forgotten=2 * STEP, kept=0, is_finished=False
    )
    assert retention(history, budget_seconds=2)() == RetentionTally(forgotten=STEP, kept=0, is_finished=True)


def test_a_run_gets_past_what_it_has_to_keep() -> None:
    history = FakeOutboxHistory()
    kept = history.commit(*(Past(waiting=["reporting"]) for _ in range(2 * STEP)))
    history.commit(Past())
    assert retention(history, budget_seconds=100)() == RetentionTally(
        forgotten=1, kept=2 * STEP, is_finished=True
    )
    assert history.remaining() == kept


def test_a_run_makes_a_step_however_short_its_time() -> None:
    history = FakeOutboxHistory()
    history.commit(Past())
    assert retention(history, budget_seconds=0.001)().forgotten == 1
