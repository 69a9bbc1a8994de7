"""Letting this machine through the SQL server's firewall for as long as the hook runs.

Azure's own services pass by another rule. From elsewhere a sign-in is refused with error 40615, which tells the address
that the server has seen; no service of a third party has to be asked for it.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from infra.hooks.settings import HookError

RULE = "deployment"

_PATIENCE_SECONDS = 330.0
"""A new rule may take five minutes to hold: the refusal says so itself."""

_PAUSE_SECONDS = 5.0

_REFUSED_ADDRESS = re.compile(r"IP address '(\d{1,3}(?:\.\d{1,3}){3})' is not allowed")
_PRIVATE = re.compile(r"Deny Public Network Access|\(47073\)")


def refused_address(message: str) -> str | None:
    """The address that a refused sign-in names; None if it was refused for another reason."""
    found = _REFUSED_ADDRESS.search(message)
    return found and found[1]


def is_private(message: str) -> bool:
    """Whether the server was found to answer within its network alone, as in prod."""
    return _PRIVATE.search(message) is not None


@contextmanager
def passage(address: str, *, resource_group: str, server: str) -> Generator[None]:
    """Let an address through, and no longer once the context ends.

    Raises:
        HookError: there is no Azure CLI, or it refuses.
    """
    place = ("--resource-group", resource_group, "--server", server, "--name", RULE)
    _az("create", *place, "--start-ip-address", address, "--end-ip-address", address)
    try:
        yield
    finally:
        _az("delete", *place)


def wait_until_let_in(refusal: Callable[[], str | None], *, pause_seconds: float = _PAUSE_SECONDS) -> None:
    """Sign in until no address is refused any more; what else is wrong is not waited for.

    Raises:
        HookError: the address is still refused when the rule must long hold.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while address := refused_address(refusal() or ""):
        if time.monotonic() >= deadline:
            raise HookError(
                f"the SQL server still refuses {address}, {_PATIENCE_SECONDS:.0f} s after its rule"
            )
        time.sleep(pause_seconds)


def _az(verb: str, *arguments: str) -> None:
    program = shutil.which("az")
    if program is None:
        raise HookError("the Azure CLI (az) is needed to let this machine through the SQL server's firewall")
    command = (program, "sql", "server", "firewall-rule", verb, *arguments, "--output", "none")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # no shell; azd's own values
    if ended.returncode != 0:
        raise HookError(f"az sql server firewall-rule {verb}: {ended.stderr.strip()}")
