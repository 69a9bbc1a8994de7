"""`make run` with servers of one's own in the place of embedded parts."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.box_office import BoxOffice
from tests.e2e.stack_process import StackProcess
from tests.servers.postgres import throw_away_database
from tests.servers.process import free_port, module, running
from tests.servers.valkey import valkey

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PASSWORD = "not-to-be-told"  # noqa: S105 it is to be looked for


@contextmanager
def event_hubs(data: Path, *, partitions: int) -> Generator[str]:
    """A second emulator; its connection string."""
    port = free_port()
    hubs = (f"cinema.domain.events={partitions}:projector", f"cinema.reservations={partitions}:")
    arguments = [argument for hub in hubs for argument in ("--hub", hub)]
    with running(*module("local.eventhubs", "--port", port, "--data", data, *arguments), port=port):
        yield (
            f"Endpoint=sb://localhost:{port};SharedAccessKeyName=Root;SharedAccessKey={PASSWORD};"
            "UseDevelopmentEmulator=true;"
        )


def book_and_see(stack: StackProcess) -> None:
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=20) as client:
        BoxOffice(client).book_and_see()


def test_servers_of_ones_own_are_used_and_the_embedded_ones_are_not_started(tmp_path: Path) -> None:
    mongo_port, redis_port = free_port(), free_port()
    with (
        running(*module("local.mongo", "--port", mongo_port, "--data", tmp_path), port=mongo_port),
        valkey(tmp_path, port=redis_port, password=PASSWORD),
        event_hubs(tmp_path, partitions=4) as hubs,
        StackProcess.start(
            state=tmp_path / "state",
            MONGO_URL=f"mongodb://127.0.0.1:{mongo_port}",
            MONGO_DATABASE="mine",
            REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:{redis_port}/0",
            EventHub=hubs,
            HUB_PARTITIONS="4",
        ) as stack,
    ):
        printed = stack.wait_until_running().printed.split()
        for name, port in (("hubs", hubs.split(":")[2].split(";")[0]), ("mongodb", mongo_port)):
            after_name = printed[printed.index(name) :]
            assert after_name[1:3] == ["yours,", "at"]
            assert str(port) in after_name[3]
        assert f"127.0.0.1:{redis_port}/0" in printed
        assert PASSWORD not in stack.printed
        commands = " ".join(stack.children().values())
        assert not any(part in commands for part in ("local.eventhubs", "local.mongo", "valkey"))
        book_and_see(stack)


@pytest.mark.parametrize(
    ("variable", "url", "part"),
    [
        ("MONGO_URL", f"mongodb://me:{PASSWORD}@127.0.0.1:1", "mongodb"),
        pytest.param("REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1:1/0", "redis", marks=pytest.mark.full),
        pytest.param("EventHub", f"Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=Root;SharedAccessKey={PASSWORD};UseDevelopmentEmulator=true;", "event hubs", marks=pytest.mark.full),
        pytest.param("WRITE_DATABASE_URL", f"postgresql://me:{PASSWORD}@127.0.0.1:1/cinema", "write database", marks=pytest.mark.full),
        pytest.param("REPORTING_DATABASE_URL", f"postgresql://me:{PASSWORD}@127.0.0.1:1/cinema", "reporting database", marks=pytest.mark.full),
    ],
)  # fmt: skip
def test_a_server_of_ones_own_that_does_not_answer_is_named_without_its_password(
    tmp_path: Path, variable: str, url: str, part: str
) -> None:
    with StackProcess.start(state=tmp_path, offset=None, **{variable: url}) as stack:
        printed = stack.refusal()
    assert f"{part} at 127.0.0.1:1" in printed
    assert f"which {variable} names, does not answer: " in printed
    assert PASSWORD not in printed


def test_hubs_with_another_number_of_partitions_are_refused(tmp_path: Path) -> None:
    with event_hubs(tmp_path, partitions=4) as hubs:
        with StackProcess.start(state=tmp_path / "state", EventHub=hubs) as stack:
            printed = stack.refusal()
        assert "cinema.domain.events has 4 partitions, and HUB_PARTITIONS is 8" in printed


def test_kafka_needs_the_event_hubs_that_the_projector_reads(tmp_path: Path) -> None:
    kafka = {"HUB_PROTOCOL": "kafka", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    with StackProcess.start(state=tmp_path, offset=None, **kafka) as stack:
        printed = stack.refusal()
    assert "EventHub must be the connection string of the namespace" in printed


@pytest.mark.full
def test_databases_of_ones_own_are_used(tmp_path: Path) -> None:
    with (
        throw_away_database() as write_url,
        throw_away_database() as reporting_url,
        StackProcess.start(
            state=tmp_path, WRITE_DATABASE_URL=write_url, REPORTING_DATABASE_URL=reporting_url
        ) as stack,
    ):
        printed = stack.wait_until_running().printed
        assert "write database     yours, at " in printed
        assert "reporting database yours, at " in printed
        assert not list((tmp_path / "databases").glob("*.db"))
        book_and_see(stack)
        stack.stop()
