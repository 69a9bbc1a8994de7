"""The product's side: the real master, its settings from the environment. It runs until it is ended."""

import asyncio

from benchmarks.drain.child import wait_for_start
from shared.application.outbox.ports import Sink
from shared.bootstrap.master import open_master
from shared.bootstrap.telemetry import observe_sinks
from shared.settings import MasterSettings, load

_FOREVER_SECONDS = 3_600.0


async def main() -> None:
    sinks: list[Sink] = []
    settings = load(MasterSettings)
    observed = observe_sinks(settings)

    def noted(name: str, sink: Sink) -> Sink:
        sinks.append(sink)
        return observed(name, sink) if observed else sink

    async with open_master(settings, decorate=noted) as master:
        # Connecting takes the SDK more than a second, on both sides; it is the sending that is measured.
        assert all(await asyncio.gather(*(sink.open() for sink in sinks)))
        await asyncio.to_thread(wait_for_start)
        await master.run(budget_seconds=_FOREVER_SECONDS)


if __name__ == "__main__":
    asyncio.run(main())
