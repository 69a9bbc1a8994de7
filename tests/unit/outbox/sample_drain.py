"""How the .NET sample that this project replaces drains its outbox: the negative controls of `test_sample_defects`.

A row has one mark, `processed`, which its jobs set and take back as these functions do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from shared.application.outbox.messages import NewMessage

Publish = Callable[[NewMessage], Awaitable[None]]


class RefusedError(Exception):
    """The broker does not take a message."""


@dataclass
class SampleOutbox:
    """Rows in the order of their commits, and those that are marked."""

    rows: list[NewMessage]
    processed: set[int] = field(default_factory=set[int])

    def claim(self, most: int) -> list[int]:
        """What the first job does before it publishes: it marks rows as done."""
        batch = [place for place in range(len(self.rows)) if place not in self.processed][:most]
        self.processed |= set(batch)
        return batch

    async def publish_claimed(self, batch: Sequence[int], *, publish: Publish) -> None:
        """Group by type, all groups at once; one refusal takes the mark off the whole batch."""
        by_type = sorted(batch, key=lambda place: self.rows[place].type)
        groups = [list(group) for _, group in groupby(by_type, key=lambda place: self.rows[place].type)]
        try:
            async with asyncio.TaskGroup() as all_groups:
                for group in groups:
                    all_groups.create_task(self._publish_one_by_one(group, publish=publish))
        except* RefusedError:
            self.processed -= set(batch)

    async def second_job(self, most: int, *, publish: Publish) -> None:
        """The job that reads the same rows with no lock, and marks each whatever became of it."""
        for place in [place for place in range(len(self.rows)) if place not in self.processed][:most]:
            try:
                await publish(self.rows[place])
            except RefusedError:
                pass
            finally:
                self.processed.add(place)

    async def _publish_one_by_one(self, group: Sequence[int], *, publish: Publish) -> None:
        for place in group:
            await publish(self.rows[place])
