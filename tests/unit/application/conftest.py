import pytest

from shared.bootstrap.write_side import WriteStore, build_write_side
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.clock import FakeClock, FakeIdGenerator
from tests.fakes.write_store import FakeWriteStore


@pytest.fixture
def store() -> FakeWriteStore:
    return FakeWriteStore()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cinema(store: FakeWriteStore, clock: FakeClock) -> Cinema:
    side = build_write_side(
        house_settings(),
        store=WriteStore(begin=store.begin, answers=lambda: True),
        clock=clock,
        ids=FakeIdGenerator(),
    )
    return Cinema(side)
