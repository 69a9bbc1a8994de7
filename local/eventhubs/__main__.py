"""`python -m local.eventhubs --port 5672 --data DIR --hub NAME=PARTITIONS:GROUP,GROUP …`."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from local.eventhubs.broker import Broker, HubDescription, PartitionCountError
from local.eventhubs.faults import Faults
from local.eventhubs.log import DamagedLogError, Retention
from local.eventhubs.server import Server

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
    parser.add_argument("--retention-bytes", type=int, help="what a partition keeps; everything, if not said")
    parser.add_argument("--retention-seconds", type=float, help="for how long an event is kept")
    parser.add_argument(
        "--faults",
        type=Path,
        help="for tests: a file of lines 'busy HUB [TIMES]' and 'cut HUB [TIMES]'; SIGUSR1 closes every connection",
    )
    return parser.parse_args()


async def _serve(broker: Broker, *, port: int, faults: Path | None) -> None:
    server = Server(broker, faults=Faults(faults))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    if faults is not None:
        loop.add_signal_handler(signal.SIGUSR1, server.dismiss_everybody)
    await server.start(port=port)
    print(f"Event Hubs emulator listening on port {port}", flush=True)
    await stop.wait()
    await server.stop()


def main() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    arguments = _arguments()
    age = arguments.retention_seconds
    retention = Retention(size=arguments.retention_bytes, age_ms=None if age is None else int(age * 1000))
    try:
        broker = Broker(arguments.hub, data=arguments.data, retention=retention)
    except (PartitionCountError, DamagedLogError) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        asyncio.run(_serve(broker, port=arguments.port, faults=arguments.faults))
    except OSError as error:
        print(f"port {arguments.port} can't be opened: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        broker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
