"""The real master with one sink that kills its process at a chosen moment: `python -m … SINK MOMENT NUMBER`.

MOMENT is `before` or `after`: around the delivery with that number to that sink. The settings come from the environment.
"""

import asyncio
import os
import signal
import sys

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.ports import Batch, Delivery, Sink
from shared.bootstrap.master import open_master
from shared.settings import MasterSettings, load

BUDGET_SECONDS = 60.0


class SuicidalSink:
    """Passes everything on until its moment has come."""

    def __init__(self, sink: Sink, *, moment: str, number: int) -> None:
        self._sink = sink
        self._moment = moment
        self._number = number
        self._begun = 0

    async def open(self) -> bool:
        return await self._sink.open()

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        self._begun += 1
        is_fatal = self._begun == self._number
        if is_fatal and self._moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        delivery = await self._sink.deliver(batch, deadline=deadline)
        if is_fatal:
            assert delivery.failure is None, delivery.failure
            os.kill(os.getpid(), signal.SIGKILL)
        return delivery


async def main(name: str, *, moment: str, number: int) -> None:
    def decorate(sink_name: str, sink: Sink) -> Sink:
        return SuicidalSink(sink, moment=moment, number=number) if sink_name == name else sink

    async with open_master(load(MasterSettings), decorate=decorate) as master:
        await master.run(budget_seconds=BUDGET_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], moment=sys.argv[2], number=int(sys.argv[3])))
