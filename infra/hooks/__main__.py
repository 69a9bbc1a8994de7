"""`python -m infra.hooks databases | smoke`: what azd runs, and what may be run by hand.

Variables come from the environment, as azd gives them to its hooks; by hand: `azd env get-values > .env`, and export them.
"""

import argparse
import sys
from collections.abc import Callable

from infra.hooks.settings import HookError


def databases() -> None:
    """Migrate both databases, and make the users of the programs."""
    from infra.hooks.databases import prepare_databases  # noqa: PLC0415 # the smoke test needs no driver
    from infra.hooks.settings import DatabaseSettings, load  # noqa: PLC0415

    prepare_databases(load(DatabaseSettings))


def smoke() -> None:
    """Book, read and cancel through the gateway that is deployed."""
    from infra.hooks.settings import SmokeSettings, load  # noqa: PLC0415 # as above
    from infra.hooks.smoke import smoke_test  # noqa: PLC0415

    smoke_test(load(SmokeSettings), say=_say)


HOOKS: dict[str, Callable[[], None]] = {"databases": databases, "smoke": smoke}


def main() -> int:
    """Run one hook; 1 if it failed, with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.hooks", description=__doc__)
    parser.add_argument("hook", choices=sorted(HOOKS))
    name = parser.parse_args().hook
    try:
        HOOKS[name]()
    except HookError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return 1
    _say(f"{name}: done")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
