"""`python -m local.mongo --port 27017 --data DIR`."""

import argparse
import asyncio
import logging
import signal
import sys
from contextlib import suppress
from pathlib import Path

from local.mongo.commands import Commands
from local.mongo.store import Store
from local.mongo.wire import HEADER_BYTES, MalformedMessageError, message_length, parse, render

_LOG = logging.getLogger(__name__)


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, commands: Commands
) -> None:
    while True:
        header = await reader.readexactly(HEADER_BYTES)
        message = parse(header, await reader.readexactly(message_length(header)))
        reply = commands.run(message.command)
        if message.wants_answer:
            writer.write(render(reply, to=message))
            await writer.drain()


async def _serve(store: Store, *, port: int) -> None:
    commands = Commands(store)
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _converse(reader, writer, commands=commands)
        except MalformedMessageError as error:
            _LOG.warning("closing a connection: %s", error)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the peer is gone
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    print(f"MongoDB stand-in listening on port {port}", flush=True)
    await stop.wait()
    server.close()


def main() -> int:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    parser = argparse.ArgumentParser(prog="python -m local.mongo", description=__doc__)
    parser.add_argument("--port", type=int, default=27017)
    parser.add_argument("--data", type=Path, required=True, help="where the journal lives")
    arguments = parser.parse_args()
    store = Store(arguments.data / "journal")
    try:
        asyncio.run(_serve(store, port=arguments.port))
    except OSError as error:
        print(f"port {arguments.port} can't be opened: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
