"""Writers, readers, evictions and flushes in any order that Hypothesis finds, on a real Valkey.

The store stands for MongoDB: the projector writes it first. A projector's write to the cache may come late, in another
order than the store's (two projectors), or, as when Redis is away, never. A reader takes a lease, reads the store, and fills, with anything between.
"""

from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from shared.contracts.documents import ShowtimeDocument
from tests.builders.view_documents import a_showtime
from tests.servers.cache_sides import CacheSides

pytestmark = pytest.mark.integration


@dataclass(frozen=True, slots=True)
class Reader:
    """Has a lease, and what it found in the store."""

    token: str
    found: ShowtimeDocument | None


class CacheMachine(RuleBasedStateMachine):
    """One showtime and its entry."""

    late_writes = Bundle("late_writes")
    tokens = Bundle("tokens")
    readers = Bundle("readers")

    def __init__(self, redis_url: str) -> None:
        super().__init__()
        self.showtime_id = str(uuid4())
        self.sides = CacheSides(redis_url, showtime_id=self.showtime_id)
        self.stored: ShowtimeDocument | None = None
        self.projected = 0
        """The highest rev that a projector has ever put into the cache."""

    @initialize()
    def start_empty(self) -> None:
        self.sides.redis.flushall()

    @rule(target=late_writes)
    def a_projector_writes_the_store(self) -> ShowtimeDocument:
        rev = 1 if self.stored is None else self.stored.rev + 1
        self.stored = a_showtime(showtime_id=self.showtime_id, rev=rev, sequence=rev)
        return self.stored

    @rule(document=consumes(late_writes))
    def it_writes_the_cache(self, document: ShowtimeDocument) -> None:
        before = self.sides.rev()
        self.sides.project(document)
        self.projected = max(self.projected, document.rev)
        assert self.sides.rev() == max(before or 0, document.rev)

    @rule()
    def a_projector_writes_both(self) -> None:
        self.it_writes_the_cache(self.a_projector_writes_the_store())

    @rule(target=tokens)
    def a_reader_asks_for_the_lease(self) -> str | MultipleResults[str]:
        return self.sides.lease() or multiple()

    @rule(target=readers, token=consumes(tokens))
    def it_reads_the_store(self, token: str) -> Reader:
        return Reader(token, self.stored)

    @rule(target=readers)
    def a_reader_asks_for_the_lease_and_reads_the_store(self) -> Reader | MultipleResults[Reader]:
        token = self.sides.lease()
        return multiple() if token is None else Reader(token, self.stored)

    @rule(reader=readers)
    def a_reader_fills_perhaps_again(self, reader: Reader) -> None:
        before = self.sides.entry()
        self.sides.fill(reader.found, token=reader.token)
        after = self.sides.entry()
        if before is not None:
            assert after == before, "a fill replaced an entry"
        if before is None and after is not None:
            assert after.rev >= self.projected, "a fill put back what was older than a projector's write"

    @rule()
    def the_entry_is_evicted_or_expires(self) -> None:
        self.sides.evict()

    @rule()
    def the_lease_expires(self) -> None:
        self.sides.expire_lease()

    @rule(scripts=st.booleans())
    def the_cache_is_flushed(self, *, scripts: bool) -> None:
        self.sides.redis.flushall()
        if scripts:
            self.sides.redis.script_flush()

    def teardown(self) -> None:
        self.sides.close()


def test_no_reader_ever_hides_what_a_projector_has_written(redis_url: str) -> None:
    run_state_machine_as_test(
        cast(Any, lambda: CacheMachine(redis_url)),
        settings=settings(
            max_examples=150,
            stateful_step_count=30,
        ),
    )
