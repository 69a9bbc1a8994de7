"""The supervisor with real child processes."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack.child import Child
from local.stack.part import Listener, Part, StackError
from local.stack.probes import accepts_tcp
from local.stack.supervisor import Supervisor
from tests.e2e.stack_process import is_alive

pytestmark = pytest.mark.integration

SERVER = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    server.accept()[0].close()
"""


class Recorder:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def ready(self, part: Part, *, seconds: float) -> None:
        assert seconds >= 0
        self.events.append(f"{part.name} ready")

    def died(self, child: Child, *, reason: str) -> None:
        self.events.append(f"{child.part.name} {reason}")

    def restarted(self, child: Child, *, seconds: float) -> None:
        assert seconds > 0
        self.events.append(f"{child.part.name} restarted")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def supervisor(tmp_path: Path, recorder: Recorder) -> Supervisor:
    return Supervisor(logs=tmp_path, watcher=recorder)


def free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


def a_server(name: str, *, port: int, after: frozenset[str] = frozenset()) -> Part:
    return Part(
        name=name,
        command=(sys.executable, "-c", SERVER, str(port)),
        listener=Listener(port=port, purpose="a test"),
        ready=accepts_tcp(port),
        after=after,
    )


def a_task(name: str, source: str) -> Part:
    return Part(name=name, command=(sys.executable, "-c", source))


def second_start(instead: str, *, port: int, starts: Path) -> tuple[str, ...]:
    """The command of a server that does something else instead when it starts for the second time."""
    source = (
        "import pathlib, sys, time; starts = pathlib.Path(sys.argv[2]); starts.open('a').write('x');"
        f"starts.stat().st_size == 2 and {instead};" + SERVER
    )
    return (sys.executable, "-c", source, str(port), str(starts))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def kill_until_restarted(supervisor: Supervisor, recorder: Recorder) -> None:
    """The part called node is killed, and watched until it is back."""
    watching = asyncio.create_task(supervisor.watch())
    os.kill(supervisor.pid_of("node"), signal.SIGKILL)
    await until(lambda: recorder.events[-1] == "node restarted")
    watching.cancel()


async def test_a_part_starts_only_after_those_it_comes_after(
    supervisor: Supervisor, recorder: Recorder
) -> None:
    first = a_task("migrations", "import time; time.sleep(0.3)")
    async with supervisor:
        await supervisor.start([a_server("node", port=free_port(), after=frozenset({"migrations"})), first])
    assert recorder.events == ["migrations ready", "node ready"]


async def test_a_part_that_fails_at_start_is_named_with_its_last_words(supervisor: Supervisor) -> None:
    failing = a_task("migrations", "raise SystemExit('no such database')")
    async with supervisor:
        with pytest.raises(StackError, match=r"migrations exited with code 1(?s:.*)no such database"):
            await supervisor.start([a_server("node", port=free_port()), failing])


async def test_a_missing_program_is_named(supervisor: Supervisor) -> None:
    async with supervisor:
        with pytest.raises(StackError, match="ghost can't be started: /no/such/program: No such file"):
            await supervisor.start([Part(name="ghost", command=("/no/such/program",))])


async def test_a_taken_port_is_named(supervisor: Supervisor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        async with supervisor:
            with pytest.raises(StackError, match=f"Port {port}, which node needs"):
                await supervisor.start([a_server("node", port=port)])


async def test_a_part_that_dies_is_restarted(supervisor: Supervisor, recorder: Recorder) -> None:
    port = free_port()
    async with supervisor:
        await supervisor.start([a_server("node", port=port)])
        await kill_until_restarted(supervisor, recorder)
        assert await accepts_tcp(port)()
    assert recorder.events == ["node ready", "node was killed by SIGKILL", "node restarted"]


async def test_a_part_that_dies_again_while_it_gets_ready_is_restarted_again(
    supervisor: Supervisor, recorder: Recorder, tmp_path: Path
) -> None:
    port = free_port()
    node = Part(
        name="node",
        command=second_start("sys.exit(3)", port=port, starts=tmp_path / "starts"),
        ready=accepts_tcp(port),
    )
    async with supervisor:
        await supervisor.start([node])
        await kill_until_restarted(supervisor, recorder)
    assert recorder.events == [
        "node ready",
        "node was killed by SIGKILL",
        "node exited with code 3",
        "node restarted",
    ]


async def test_a_restarted_part_that_does_not_get_ready_is_restarted_again(
    supervisor: Supervisor, recorder: Recorder, tmp_path: Path
) -> None:
    port = free_port()
    node = Part(
        name="node",
        command=second_start("time.sleep(600)", port=port, starts=tmp_path / "starts"),
        ready=accepts_tcp(port),
        start_seconds=5,
    )
    async with supervisor:
        await supervisor.start([node])
        await kill_until_restarted(supervisor, recorder)
    assert recorder.events[2] == "node was not ready after 5 s"


async def test_a_part_that_keeps_dying_ends_the_stack_with_its_last_words(supervisor: Supervisor) -> None:
    port = free_port()
    server = a_server("node", port=port)
    async with supervisor:
        await supervisor.start([server])
        watching = asyncio.create_task(supervisor.watch())
        while not watching.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(supervisor.pid_of("node"), signal.SIGKILL)
            await asyncio.sleep(0.05)
        with pytest.raises(StackError, match=r"node keeps dying\. node was killed by SIGKILL"):
            await watching


async def test_what_a_dead_part_had_started_does_not_outlive_it(supervisor: Supervisor) -> None:
    port = free_port()
    with_a_worker = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', 'worker']);"
        + SERVER
    )
    part = Part(
        name="node", command=(sys.executable, "-c", with_a_worker, str(port)), ready=accepts_tcp(port)
    )
    async with supervisor:
        await supervisor.start([part])
        node = supervisor.pid_of("node")
        worker = int(Path(f"/proc/{node}/task/{node}/children").read_text())
    await until(lambda: not is_alive(worker))


async def test_leaving_stops_every_part_even_one_that_will_not_stop(supervisor: Supervisor) -> None:
    port = free_port()
    stubborn = Part(
        name="stubborn",
        command=(
            sys.executable,
            "-c",
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SERVER,
            str(port),
        ),
        ready=accepts_tcp(port),
    )
    async with supervisor:
        await supervisor.start([stubborn])
        pid = supervisor.pid_of("stubborn")
    assert not Path(f"/proc/{pid}").exists()
