"""An emulator for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.eventhubs.emulator import Emulator


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator.start(tmp_path / "hubs") as running:
        yield running
