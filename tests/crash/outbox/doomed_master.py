"""The real master in a process of its own, which a chosen moment kills or stops: `python -m … [--fate …] [--refuse FILE]`.

The settings come from the environment. Without a fate it is an ordinary master that runs until it is killed. FILE names,
for each sink, streams whose messages that sink refuses for good: `{"domain-events": ["showtime:…"]}`; it is read anew
for each batch.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
from pathlib import Path

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison, Sink
from shared.bootstrap.master import open_master
from shared.settings import MasterSettings, load
from tests.crash.outbox.moments import FATES, MOMENTS, Doom

BUDGET_SECONDS = 600.0


class RefusingSink:
    """Passes messages on up to the first of a stream that is refused."""

    def __init__(self, name: str, sink: Sink, *, refusals: Path) -> None:
        self._name = name
        self._sink = sink
        self._refusals = refusals

    async def open(self) -> bool:
        return await self._sink.open()

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        refused = json.loads(self._refusals.read_text()).get(self._name, [])
        place = next((at for at, each in enumerate(batch.messages) if each.stream_id in refused), None)
        if place is None:
            return await self._sink.deliver(batch, deadline=deadline)
        before = Batch(lane=batch.lane, messages=batch.messages[:place])
        delivery = await self._sink.deliver(before, deadline=deadline) if place else Delivery(ids=())
        if isinstance(delivery.failure, Outage):
            return delivery
        poison = Poison(message_id=batch.messages[place].id, reason="refused by the test")
        return Delivery(ids=delivery.ids, failure=poison)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fate", choices=list(FATES))
    parser.add_argument("--moment", choices=list(MOMENTS))
    parser.add_argument("--number", type=int, default=1)
    parser.add_argument("--refuse", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    doom = Doom(FATES[options.fate], number=options.number) if options.fate else None
    decorate_doomed = MOMENTS[options.moment](doom) if doom else None

    def decorate(name: str, sink: Sink) -> Sink:
        refusing = RefusingSink(name, sink, refusals=options.refuse)
        return decorate_doomed(name, refusing) if decorate_doomed else refusing

    async with open_master(load(MasterSettings), decorate=decorate) as master:
        run = asyncio.create_task(master.run(budget_seconds=BUDGET_SECONDS))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, run.cancel)
        await asyncio.gather(run, return_exceptions=True)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    finally:
        os._exit(0)
