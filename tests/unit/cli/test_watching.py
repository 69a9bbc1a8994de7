"""`cinema outbox status --watch`, looking at an outbox that the test makes up."""

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from typer.testing import CliRunner, Result

from cli import outbox
from cli.__main__ import app
from shared.application.outbox.errors import OutboxStoreUnavailableError
from shared.application.outbox.status import OutboxStatus, SinkStatus, Tally
from shared.bootstrap.operations import Operations

pytestmark = pytest.mark.unit

Watch = Callable[[Sequence[OutboxStatus | Exception]], Result]

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def after(seconds: float, *, delivered: int) -> OutboxStatus:
    """An outbox of one sink that has got so many messages so long after noon."""
    sink = SinkStatus(
        sink="reporting",
        pending=Tally(count=100_000, exact=False),
        oldest=None,
        held=Tally(count=0),
        holds=Tally(count=0),
        delivered=delivered,
        lanes=64,
        work_in=(),
        held_in=(),
        leases=(),
        backoffs=(),
    )
    return OutboxStatus(at=NOON + timedelta(seconds=seconds), sinks=[sink])


@dataclass
class MadeUpOutbox:
    """Shows one thing after another; with the last comes Ctrl-C."""

    shown: Iterator[OutboxStatus | Exception]
    left: int

    def read(self) -> OutboxStatus:
        seen = next(self.shown)
        self.left -= 1
        if not self.left:
            signal.raise_signal(signal.SIGINT)
        if isinstance(seen, Exception):
            raise seen
        return seen


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Watch:
    monkeypatch.chdir(tmp_path)

    def watch_over(shown: Sequence[OutboxStatus | Exception]) -> Result:
        made_up = Operations(
            outbox=MadeUpOutbox(iter(shown), left=len(shown)), dead_letters=cast(Any, None), max_body_bytes=0
        )
        monkeypatch.setattr(outbox, "operations", lambda: made_up)
        return CliRunner().invoke(app, ["outbox", "status", "--watch", "0.1"], env={"COLUMNS": "80"})

    return watch_over


def rows(result: Result) -> list[list[str]]:
    return [line.split() for line in result.stdout.splitlines() if line.strip().startswith("reporting")]


def test_the_rate_is_that_since_the_look_before(watch: Watch) -> None:
    result = watch([after(0, delivered=5), after(2, delivered=2_405), after(3, delivered=2_405)])
    assert result.exit_code == 0
    assert [row[-2:] for row in rows(result)] == [["5", "–"], ["2,405", "1,200"], ["2,405", "0"]]


def test_more_than_was_counted_is_at_least_so_much(watch: Watch) -> None:
    assert "≥ 100,000" in watch([after(0, delivered=0)]).stdout


def test_a_database_that_goes_away_is_waited_for(watch: Watch) -> None:
    result = watch([after(0, delivered=0), OutboxStoreUnavailableError("gone\naway"), after(4, delivered=8)])
    assert (result.exit_code, result.stderr) == (0, "The write database does not answer: gone away\n")
    assert [row[-1] for row in rows(result)] == ["–", "2"]


def test_a_database_that_is_not_there_at_first_ends_it(watch: Watch) -> None:
    result = watch([OutboxStoreUnavailableError("gone"), after(0, delivered=0)])
    assert isinstance(result.exception, OutboxStoreUnavailableError)
    assert rows(result) == []
