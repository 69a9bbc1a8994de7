"""One part of the stack: what runs, where it listens, and how to tell that it is ready."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Probe = Callable[[], Awaitable[bool]]
"""Whether a part is ready to serve. It must not raise for a part that is not there yet."""


USUAL_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A port that a part opens, and what people know it by."""

    port: int
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A process of the stack. `ready` is None for a part that does its work and ends, such as the migrations."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    listener: Listener | None = None
    ready: Probe | None = None
    after: frozenset[str] = frozenset()
    """Names of the parts that must be ready, or done, before this one starts."""
    start_seconds: float = USUAL_START_SECONDS
    """How long it may take until it is ready."""


def python_module(name: str, *arguments: object) -> tuple[str, ...]:
    """The command that runs a module of this repository."""
    return (sys.executable, "-m", name, *map(str, arguments))


class StackError(Exception):
    """The stack can't start or go on. The message names the part and what to do."""


@asynccontextmanager
async def side_by_side() -> AsyncGenerator[asyncio.TaskGroup]:
    """Tasks that run together; when one fails the others are cancelled and its own error is raised.

    Raises:
        StackError: as a task raised it, not wrapped in a group.
    """
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except* StackError as failures:
        raise _first(failures) from None


def _first(failures: ExceptionGroup[StackError]) -> StackError:
    failure = failures.exceptions[0]
    return _first(failure) if isinstance(failure, ExceptionGroup) else failure
