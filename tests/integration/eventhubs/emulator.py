"""The emulator as a process of its own."""

import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HUB = "cinema.domain.events"
OTHER_HUB = "cinema.reservations"
_FAULTS, _STDERR = "faults", "stderr.log"
DESCRIPTIONS = (f"{HUB}=4:projector,second", f"{OTHER_HUB}=2")


def free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return candidate.getsockname()[1]


@dataclass
class Emulator:
    """A running emulator; leaving the context terminates it."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls,
        data: Path,
        *,
        port: int | None = None,
        hubs: tuple[str, ...] = DESCRIPTIONS,
        options: tuple[str, ...] = (),
    ) -> Self:
        """It has faults on request: see `strike`. What it says to stderr is kept beside its data."""
        chosen = port or free_port()
        arguments = [argument for hub in hubs for argument in ("--hub", hub)]
        data.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "local.eventhubs", "--port", str(chosen), "--data", str(data)]
        faults = ["--faults", str(data / _FAULTS)]
        with (data / _STDERR).open("ab") as stderr:
            process = subprocess.Popen([*command, *faults, *arguments, *options], stderr=stderr)
        emulator = cls(data, chosen, process)
        emulator._wait_until_listening()
        return emulator

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert self.process.poll() is None, "the emulator ended"
                assert time.monotonic() < deadline, "the emulator does not listen"
                time.sleep(0.02)
            else:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=10) is not None

    def strike(self, *faults: str) -> None:
        """From now on `busy HUB [TIMES]` or `cut HUB [TIMES]`; of none, be well again."""
        draft = self.data / f"{_FAULTS}.new"
        draft.write_text("\n".join(faults))
        draft.replace(self.data / _FAULTS)

    def dismiss_everybody(self) -> None:
        """Let it close every connection."""
        self.process.send_signal(signal.SIGUSR1)

    @property
    def complaints(self) -> str:
        """What it has said to stderr."""
        return (self.data / _STDERR).read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)

    @property
    def connection_string(self) -> str:
        return (
            f"Endpoint=sb://localhost:{self.port};SharedAccessKeyName=RootManageSharedAccessKey;"
            "SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"
        )
