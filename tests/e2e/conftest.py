"""One stack for all end-to-end tests that do not break it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.box_office import BoxOffice
from tests.e2e.stack_process import StackProcess
from tests.servers.blocked_imports import TELEMETRY, without


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """Telemetry is off: so no process may need OpenTelemetry, and all that is tested here holds without it."""
    blocked = without(*TELEMETRY, folder=tmp_path_factory.mktemp("blocked"))
    with StackProcess.start(state=tmp_path_factory.mktemp("stack"), PYTHONPATH=blocked) as process:
        yield process.wait_until_running()


@pytest.fixture
def client(stack: StackProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def box_office(client: httpx.Client) -> BoxOffice:
    return BoxOffice(client)
