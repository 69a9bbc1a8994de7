"""How often a batch asks its databases: with the same statements, however many messages it has."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from migrations.upgrade import upgrade_branch
from shared.application.outbox.lanes import lane_of
from shared.application.outbox.routing import REPORTING
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_writer import record
from tests.builders.outbox_messages import BoxOffice
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.postgres import throw_away_database

pytestmark = pytest.mark.integration

SIZES = (1, 10, 500)


@dataclass(frozen=True)
class Pipeline:
    """The databases at both ends of the reporting sink, and what a batch on its way asks them."""

    outbox: OutboxDatabase
    reporting: Engine
    sent: list[str] = field(default_factory=list[str])

    def carry(self, size: int) -> list[str]:
        """The statements of a batch of this size, from its claim to its acknowledgement."""
        office = BoxOffice()
        self.outbox.commit(*(office.book(seats=1).created for _ in range(size)))
        self.sent.clear()
        claim = self.outbox.claim(sink=REPORTING, lane=lane_of(office.stream_id), owner="master")
        assert claim is not None
        messages = self.outbox.read(claim, limit=max(SIZES)).messages
        with self.reporting.begin() as connection:
            record(connection, messages)
        assert self.outbox.settle(claim, delivered=[message.id for message in messages], failed=False)
        assert len(messages) == size
        return list(self.sent)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def pipeline(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pipeline]:
    if request.param == "sqlite":
        with pipeline_between(f"sqlite:///{tmp_path / 'w.db'}", f"sqlite:///{tmp_path / 'r.db'}") as found:
            yield found
        return
    with (
        throw_away_database() as write,
        throw_away_database() as reporting,
        pipeline_between(write, reporting) as found,
    ):
        yield found


@contextmanager
def pipeline_between(write: str, reporting: str) -> Generator[Pipeline]:
    outbox = OutboxDatabase(write)
    outbox.prepare(partitions={REPORTING: 0, "domain-events": 8, "reservations": 8})
    upgrade_branch("reporting", url=reporting)
    found = Pipeline(outbox, create_database_engine(reporting, lock_wait_seconds=5.0, pool_size=1))

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            found.sent.append(statement)

    for engine in (found.outbox.engine, found.reporting):
        event.listen(engine, "before_cursor_execute", note)
    yield found
    outbox.close()
    found.reporting.dispose()


def test_a_batch_sends_the_same_eleven_statements_however_many_messages_it_has(pipeline: Pipeline) -> None:
    """Rows that one statement writes are one list of parameters to it, which the driver sends at once."""
    one, ten, many = (pipeline.carry(size) for size in SIZES)
    assert one == ten == many
    assert len(one) == 11
