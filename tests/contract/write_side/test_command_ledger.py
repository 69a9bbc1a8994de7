"""What was answered is found again, and with nothing else than what was committed, on every write store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.application.command_context import CommandContext, RequestKey
from shared.application.command_ledger import LedgerEntry, as_answered
from shared.application.errors import KeyReusedError
from shared.application.outcome import Outcome
from shared.domain.catalogue.movie import Movie, MovieId, MovieState
from tests.builders.showtimes import NOON
from tests.contract.write_side.conftest import WriteStoreUnderTest

pytestmark = pytest.mark.contract

STREAM = "movie:tt1375666"


def requested(key: str = "one", *, fingerprint: str = "f") -> CommandContext:
    request = RequestKey(key=key, fingerprint=fingerprint, sent_by_client=True)
    return CommandContext(command_id=uuid4(), idempotency=request)


def registered(store: WriteStoreUnderTest, context: CommandContext) -> Outcome[MovieState]:
    with store.begin(context) as unit:
        assert unit.ledger.recall() is None
        movie = Movie.register(MovieId("tt1375666"), title="Inception", runtime_minutes=148, at=NOON)
        unit.movies.add(movie)
        return unit.conclude(movie.state, stream=STREAM, created=True)


def recalled(store: WriteStoreUnderTest, context: CommandContext) -> LedgerEntry | None:
    with store.begin(context) as unit:
        return unit.ledger.recall()


def test_an_answer_is_found_again_whole_with_its_sequence(store: WriteStoreUnderTest) -> None:
    answered = registered(store, requested())
    entry = recalled(store, requested())
    assert entry is not None
    assert as_answered(entry, state=MovieState) == answered
    assert (answered.sequence, answered.created) == (1, True)


def test_an_answer_that_changed_nothing_is_found_again_too(store: WriteStoreUnderTest) -> None:
    before = registered(store, requested())
    with store.begin(requested("two")) as unit:
        assert unit.ledger.recall() is None
        again = unit.conclude(before.state, stream=STREAM)
    entry = recalled(store, requested("two"))
    assert entry is not None
    assert as_answered(entry, state=MovieState) == again == replace(before, created=False)


def test_what_was_not_committed_was_not_answered(store: WriteStoreUnderTest) -> None:
    assert recalled(store, requested()) is None
    assert recalled(store, requested()) is None
    assert registered(store, requested()).created


def test_a_key_that_comes_with_another_request_is_refused(store: WriteStoreUnderTest) -> None:
    registered(store, requested())
    with pytest.raises(KeyReusedError):
        recalled(store, requested(fingerprint="another"))


def test_a_command_without_a_key_is_found_again_by_its_own_id(store: WriteStoreUnderTest) -> None:
    context = CommandContext(command_id=uuid4())
    answered = registered(store, context)
    entry = recalled(store, context)
    assert entry is not None
    assert as_answered(entry, state=MovieState) == answered
    assert recalled(store, CommandContext(command_id=uuid4())) is None


def test_old_answers_are_forgotten_and_young_ones_are_not(store: WriteStoreUnderTest) -> None:
    registered(store, requested())
    now = datetime.now(UTC)
    assert [
        forgotten(store, until=now - timedelta(hours=1)),
        forgotten(store, until=now + timedelta(hours=1)),
    ] == [0, 1]
    assert recalled(store, requested()) is None


def forgotten(store: WriteStoreUnderTest, *, until: datetime) -> int:
    with store.begin(requested("cleaner")) as unit:
        count = unit.ledger.forget(until=until, most=10)
        unit.commit()
        return count
