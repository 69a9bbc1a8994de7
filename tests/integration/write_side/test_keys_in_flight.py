"""The same Idempotency-Key in two transactions at once, on a server where the second can see that there is a first."""

from collections.abc import Iterator
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.application.command_context import CommandContext, RequestKey
from shared.application.errors import CommandInFlightError
from shared.domain.catalogue.movie import MovieState
from shared.infrastructure.sql import command_ledger
from tests.builders.catalogue import INCEPTION
from tests.servers.write_database import WriteDatabase

pytestmark = [pytest.mark.integration, pytest.mark.full]

FOR_EVER = 0.0


@pytest.fixture(autouse=True)
def a_short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_ledger, "_WAIT_SECONDS", 0.05)


@pytest.fixture
def database(postgres_url: str) -> Iterator[WriteDatabase]:
    """Where other locks are waited for for ever, so that a test which waits for one of those does not end."""
    patient = WriteDatabase(postgres_url, lock_wait_seconds=FOR_EVER)
    yield patient
    patient.close()


def requested() -> CommandContext:
    key = RequestKey(key="k", fingerprint="f", sent_by_client=True)
    return CommandContext(command_id=uuid4(), idempotency=key)


def test_the_second_is_told_that_the_first_is_in_flight_and_later_gets_its_answer(
    database: WriteDatabase,
) -> None:
    with database.begin(requested()) as first:
        assert first.ledger.recall() is None
        with pytest.raises(CommandInFlightError), database.begin(requested()) as second:
            second.ledger.recall()
        state: MovieState = first.conclude(INCEPTION, stream="movie:tt1375666").state
    with database.begin(requested()) as third:
        entry = third.ledger.recall()
    assert entry is not None
    assert state.title in entry.answer


def test_only_the_key_is_waited_for_so_shortly(database: WriteDatabase) -> None:
    with database.begin(requested()) as first:
        assert first.ledger.recall() is None
        assert lock_timeout(first) == "0"
        with pytest.raises(CommandInFlightError), database.begin(requested()) as second:
            second.ledger.recall()
        first.conclude(INCEPTION, stream="movie:tt1375666")
    with database.begin(requested()) as third:
        assert third.ledger.recall() is not None
        assert lock_timeout(third) == "0"


def lock_timeout(unit: Any) -> str:
    return cast(str, unit._session.scalar(text("SHOW lock_timeout")))
