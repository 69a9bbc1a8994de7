"""`python -m local.functions_host start [--port 7071] [--functions A B] …`: stands in for `func start`."""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from local.functions_host.errors import HostError
from local.functions_host.host import Host, StartOptions
from local.functions_host.invocation import FunctionTimeoutError


def _options() -> StartOptions:
    parser = argparse.ArgumentParser(prog="python -m local.functions_host", description=__doc__)
    start = parser.add_subparsers(required=True).add_parser("start", help="run the functions of this folder")
    start.add_argument("--port", type=int, help="7071, unless local.settings.json says another")
    start.add_argument("--address", default="127.0.0.1")
    start.add_argument("--cors", help="origins that browsers may call from, with commas between them, or *")
    start.add_argument("--functions", nargs="+", default=[], help="run these functions alone")
    start.add_argument("--enableAuth", action="store_true", help="ask for function keys, as Azure does")
    start.add_argument("--verbose", action="store_true", help="log everything")
    start.add_argument(
        "--script-root", type=Path, default=Path(), help="where host.json and function_app.py are"
    )
    start.add_argument(
        "--state",
        type=Path,
        default=Path(".local/host"),
        help="where checkpoints, timers' status and keys are kept",
    )
    arguments = parser.parse_args()
    return StartOptions(
        root=arguments.script_root.absolute(),
        address=arguments.address,
        port=arguments.port,
        cors=arguments.cors,
        only=frozenset(arguments.functions),
        asks_for_keys=arguments.enableAuth,
        verbose=arguments.verbose,
        state=arguments.state.absolute(),
    )


def main() -> None:
    """Run the host. Ends without waiting for threads: what still runs has had its time."""
    code = 0
    try:
        asyncio.run(Host(_options()).run())
    except HostError as error:
        print(f"The host can't start: {error}", file=sys.stderr)
        code = 1
    except FunctionTimeoutError as error:
        print(f"The host ends: {error}", file=sys.stderr)
        code = 1
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
