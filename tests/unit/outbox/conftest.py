from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.master import OutboxMaster
from shared.application.outbox.routing import ROUTES
from tests.fakes.sinks import FakeSink
from tests.unit.outbox.pipeline import Unreliable, a_master


@pytest.fixture
def store() -> Unreliable:
    return Unreliable()


@pytest.fixture
def sinks() -> dict[str, FakeSink]:
    return {name: FakeSink() for name in ROUTES}


@pytest.fixture
def threads() -> Iterator[DatabaseThreads]:
    with ThreadPoolExecutor(8) as executor:
        yield DatabaseThreads(executor)


@pytest.fixture
def master(store: Unreliable, sinks: dict[str, FakeSink], threads: DatabaseThreads) -> OutboxMaster:
    return a_master(store, sinks, threads=threads)
