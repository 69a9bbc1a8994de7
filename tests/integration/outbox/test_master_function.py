"""The outbox master as a host runs it."""

import os
import subprocess
from pathlib import Path

import pytest

from shared.application.outbox.routing import ROUTES
from shared.settings import MasterSettings
from tests.builders.outbox_messages import a_message
from tests.e2e.box_office import eventually
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.process import free_port, module

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
RARELY = "0 0 0 29 2 *"


def test_it_begins_with_the_host_and_waits_for_no_tick(
    settings: MasterSettings, database: OutboxDatabase, tmp_path: Path
) -> None:
    database.commit(a_message())
    command = module("local.functions_host", "start", "--port", free_port(), "--state", tmp_path / "state")
    environment = {
        **os.environ,
        "MASTER_SCHEDULE": RARELY,
        "WRITE_DATABASE_URL": settings.write_database_url,
        "REPORTING_DATABASE_URL": settings.reporting_database_url,
        "EventHub": settings.event_hub or "",
    }
    host = subprocess.Popen([*command, "--functions", "outbox_master_1"], cwd=ROOT, env=environment)
    try:
        eventually(lambda: not any(map(database.pending, ROUTES)))
    finally:
        host.terminate()
        host.wait(timeout=30)
