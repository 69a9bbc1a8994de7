"""One round of one side: how long it took for a filled outbox, and how much of a processor."""

import tempfile
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.drain.child import Child, running
from benchmarks.drain.databases import Filled, Urls
from benchmarks.drain.outbox import engine_for, is_empty
from tests.integration.eventhubs.emulator import Emulator

HUBS = ("cinema.domain.events=8", "cinema.reservations=8")
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """From the start, with all connected, until the last sink has the last event."""

    events: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.events / self.seconds

    @property
    def cpu_us_per_event(self) -> float:
        return self.cpu_seconds / self.events * 1e6


def product(filled: Filled, *, environment: Mapping[str, str] | None = None) -> Round:
    """The real master, in a process of its own."""
    with filled.copy() as urls, hubs() as emulator:
        settings = {**settings_for(urls, emulator), **(environment or {})}
        with running("benchmarks.drain.master_process", settings=settings) as master:
            return _timed(master, events=filled.pending, until=lambda: wait_until_empty(urls, master=master))


def bare(filled: Filled) -> Round:
    """The bare loop, in a process of its own too."""
    with filled.copy() as urls, hubs() as emulator:
        settings = settings_for(urls, emulator)
        with running("benchmarks.drain.bare_loop", settings=settings) as loop:
            return _timed(loop, events=filled.pending, until=loop.wait_until_done)


@contextmanager
def hubs() -> Generator[Emulator]:
    """An emulator with empty hubs."""
    with (
        tempfile.TemporaryDirectory(prefix="drain-hubs-") as folder,
        Emulator.start(Path(folder), hubs=HUBS) as emulator,
    ):
        yield emulator


def settings_for(urls: Urls, emulator: Emulator) -> dict[str, str]:
    return {
        "WRITE_DATABASE_URL": urls.write,
        "REPORTING_DATABASE_URL": urls.reporting,
        "EventHub": emulator.connection_string,
    }


def wait_until_empty(urls: Urls, *, master: Child) -> None:
    """Until no delivery is left, as the database itself says."""
    engine = engine_for(urls.write)
    while not is_empty(engine):
        master.check_alive()
        time.sleep(_POLL_SECONDS)
    engine.dispose()


def _timed(child: Child, *, events: int, until: Callable[[], None]) -> Round:
    cpu_before, begun = child.cpu_seconds, time.perf_counter()
    child.start()
    until()
    seconds = time.perf_counter() - begun
    return Round(events=events, seconds=seconds, cpu_seconds=child.cpu_seconds - cpu_before)


def against_bare(filled: Filled, *, rounds: int) -> dict[str, float]:
    """Both sides in turn, so that the machine's moods hit both; medians over the rounds."""
    pairs = [(product(filled), bare(filled)) for _ in range(rounds)]
    ours, theirs = zip(*pairs, strict=True)
    return {
        "drained_per_second": median_of(ours, "per_second"),
        "bare_per_second": median_of(theirs, "per_second"),
        "ratio": round(median(one.per_second / other.per_second for one, other in pairs), 3),
        "cpu_us_per_event": median_of(ours, "cpu_us_per_event"),
        "bare_cpu_us_per_event": median_of(theirs, "cpu_us_per_event"),
    }


def median_of(rounds: Sequence[Round], figure: str) -> float:
    return round(median(getattr(one, figure) for one in rounds))


def with_history(filled: dict[int, Filled], *, rounds: int) -> dict[str, dict[str, float]]:
    """The drain over outboxes that differ in their processed rows alone, in turn."""
    turns = [{processed: product(outbox) for processed, outbox in filled.items()} for _ in range(rounds)]
    none = min(filled)
    return {
        str(processed): {
            "drained_per_second": median_of([turn[processed] for turn in turns], "per_second"),
            "of_none": round(median(turn[processed].per_second / turn[none].per_second for turn in turns), 3),
        }
        for processed in filled
    }
