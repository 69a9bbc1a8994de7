"""`python -m local.eventhubs --port 5672 --data DIR --hub NAME=PARTITIONS:GROUP,GROUP …`."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from local.eventhubs.broker import Broker, HubDescription, PartitionCountError
from local.eventhubs.connection import Connection
from local.eventhubs.log import DamagedLogError
from local.eventhubs.receivers import Ownership

_MAX_PARTITIONS = 32


def _hub(text: str) -> HubDescription:
    name, equals, rest = text.partition("=")
    count, _, groups = rest.partition(":")
    if not (name and equals and count.isdecimal() and 1 <= int(count) <= _MAX_PARTITIONS):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=PARTITIONS[:GROUP,…] with 1 to {_MAX_PARTITIONS} partitions"
        )
    return HubDescription(
        name=name, partitions=int(count), consumer_groups=tuple(group for group in groups.split(",") if group)
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.eventhubs", description=__doc__)
    parser.add_argument("--port", type=int, default=5672)
    parser.add_argument("--data", type=Path, required=True, help="where the logs live")
    parser.add_argument(
        "--hub",
        type=_hub,
        action="append",
        required=True,
        help="NAME=PARTITIONS[:GROUP,…], again for each hub; every hub has the group $Default",
    )
    return parser.parse_args()


async def _serve(broker: Broker, *, port: int) -> None:
    ownership = Ownership()
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(reader, writer, broker=broker, ownership=ownership).serve()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    print(f"Event Hubs emulator listening on port {port}", flush=True)
    await stop.wait()
    server.close()


def main() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    arguments = _arguments()
    try:
        broker = Broker(arguments.hub, data=arguments.data)
    except (PartitionCountError, DamagedLogError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        asyncio.run(_serve(broker, port=arguments.port))
    except OSError as error:
        print(f"port {arguments.port} can't be opened: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
