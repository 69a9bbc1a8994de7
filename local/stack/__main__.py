"""`make run`: start the stack, show that it works, stay up until Ctrl-C."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
from pydantic import ValidationError

from local.stack.cinema_command import write_settings_file
from local.stack.demo_catalogue import DemoCatalogue
from local.stack.gateway_client import GatewayClient
from local.stack.gateways import GATEWAY
from local.stack.given_servers import GivenServer, given_servers
from local.stack.part import StackError, side_by_side
from local.stack.parts import data_directories, functions_settings, stack_parts
from local.stack.screen import Screen
from local.stack.settings import StackSettings
from local.stack.supervisor import Supervisor

if TYPE_CHECKING:
    from local.stack.demo import Demo


def main() -> int:
    """Run the stack; the exit code is 0 after Ctrl-C or SIGTERM, and 1 after a failure."""
    screen = Screen()
    try:
        asyncio.run(_run_until_signalled(StackSettings(), screen=screen))
    except ValidationError as error:
        screen.error(f"A setting is refused: {error}")
        return 1
    except StackError as error:
        screen.error(str(error))
        return 1
    return 0


async def _run_until_signalled(settings: StackSettings, *, screen: Screen) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, stop.set)
    running = asyncio.create_task(_run(settings, screen=screen))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        screen.title("Stopping")
        running.cancel()
    stopping.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if not running.cancelled():
        running.result()


async def _run(settings: StackSettings, *, screen: Screen) -> None:
    for directory in data_directories(settings):
        directory.mkdir(parents=True, exist_ok=True)
    write_settings_file(settings, functions_settings(settings))
    gateway_url = f"http://127.0.0.1:{settings.ports.gateway}"
    async with (
        httpx.AsyncClient(base_url=gateway_url, trust_env=False) as client,
        Supervisor(logs=settings.state_directory / "logs", watcher=screen) as supervisor,
    ):
        screen.title("Starting")
        async with side_by_side() as group:
            for server in given_servers(settings):
                group.create_task(_check(server, settings=settings, screen=screen))
        gateway = GatewayClient(client)
        async with side_by_side() as group:
            group.create_task(supervisor.start(stack_parts(settings, client=client)))
            prepared = group.create_task(_prepare(gateway, settings, supervisor=supervisor))
        demo, catalogue = prepared.result()
        async with side_by_side() as group:
            group.create_task(supervisor.watch())
            group.create_task(_show(demo, catalogue, settings, screen=screen))


async def _prepare(
    gateway: GatewayClient, settings: StackSettings, *, supervisor: Supervisor
) -> tuple["Demo", DemoCatalogue]:
    """The demo, and what it books, put on sale while the rest gets ready: the outbox master is last."""
    await supervisor.until_ready([GATEWAY])
    from local.stack.demo import Demo  # noqa: PLC0415 # nothing starts before the launcher has its modules

    catalogue = DemoCatalogue(gateway)
    await catalogue.seed_one(now=datetime.now(UTC))
    return Demo(gateway, mongo_url=settings.mongo_in_use, database=settings.mongo_database), catalogue


async def _check(server: GivenServer, *, settings: StackSettings, screen: Screen) -> None:
    await server.check(settings)
    screen.yours(server.name, place=server.place)


async def _show(demo: "Demo", catalogue: DemoCatalogue, settings: StackSettings, *, screen: Screen) -> None:
    screen.title("A booking's way")
    journey = await demo.book()
    screen.journey(journey)
    opened = await catalogue.seed(now=datetime.now(UTC))
    seats = " and ".join(f"{row}{number}" for row, number in journey.seats)
    sale = f"{opened} showtimes are on sale" if opened else "the showtimes of an earlier run are on sale"
    screen.line(f"{sale}; of one of them, seats {seats} were booked")
    screen.invitation(settings, journey=journey)
    screen.running(logs=settings.state_directory / "logs")


if __name__ == "__main__":
    sys.exit(main())
