"""Runs several actors in turns, one step at a time, in an order that is chosen.

Each actor has a thread, and only one of them runs at any moment: a schedule is a list of numbers, and the same list makes
the same run.
"""

import threading
from collections.abc import Callable, Iterator, Sequence

from tests.unit.rebuild.cinema import World

_PATIENCE_SECONDS = 30
_SECONDS_A_STEP = 0.25


class Interleaving(World):
    """At each step of an actor the others may have their turns. Each step takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self._turns: dict[int, threading.Semaphore] = {}
        self._back = threading.Semaphore(0)
        self._alive: list[int] = []
        self._failures: list[BaseException] = []
        self._mine = threading.local()

    def step(self) -> None:
        """Give back the turn, and wait for the next. Nothing, where no actor calls it."""
        actor: int | None = getattr(self._mine, "actor", None)
        if actor is not None:
            self._back.release()
            self._turns[actor].acquire()
            self.now_seconds += _SECONDS_A_STEP

    def pause(self, seconds: float) -> None:
        """Wait for a time in steps, at least for one."""
        until = self.monotonic() + seconds
        self.step()
        while self.monotonic() < until:
            self.step()

    def run(self, actors: Sequence[Callable[[], None]], *, schedule: Iterator[int]) -> None:
        """Run all to their ends; the schedule's numbers choose among those that are not yet there."""
        self._alive = list(range(len(actors)))
        for number, actor in enumerate(actors):
            self._turns[number] = threading.Semaphore(0)
            threading.Thread(target=self._act, args=(number, actor), daemon=True).start()
        while self._alive:
            chosen = self._alive[next(schedule) % len(self._alive)]
            self._turns[chosen].release()
            assert self._back.acquire(timeout=_PATIENCE_SECONDS), "an actor does not give back its turn"
            if self._failures:
                raise self._failures[0]

    def _act(self, number: int, actor: Callable[[], None]) -> None:
        self._mine.actor = number
        self._turns[number].acquire()
        try:
            actor()
        except BaseException as failure:  # noqa: BLE001 # raised in the test's own thread
            self._failures.append(failure)
        finally:
            self._alive.remove(number)
            self._back.release()
