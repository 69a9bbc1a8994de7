from collections.abc import Iterator
from pathlib import Path

import pytest

from migrations.upgrade import upgrade
from shared.settings import MasterSettings
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.postgres import postgres_url

__all__ = ["postgres_url"]

HUBS = ("cinema.domain.events=8", "cinema.reservations=8")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator.start(tmp_path / "hubs", hubs=HUBS) as running:
        yield running


@pytest.fixture
def settings(emulator: Emulator, tmp_path: Path) -> MasterSettings:
    write, reporting = (f"sqlite:///{tmp_path / name}" for name in ("cinema.db", "reporting.db"))
    upgrade(write_url=write, reporting_url=reporting)
    return MasterSettings.model_validate(
        {
            "write_database_url": write,
            "reporting_database_url": reporting,
            "EventHub": emulator.connection_string,
        }
    )


@pytest.fixture
def database(settings: MasterSettings) -> Iterator[OutboxDatabase]:
    opened = OutboxDatabase(settings.write_database_url)
    yield opened
    opened.close()
