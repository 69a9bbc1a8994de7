"""Waiting for what is wanted: woken by hints, and by polling, since hints may be lost."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from readsvc.change_hints import ChangeHints, Subscription
from readsvc.errors import UnavailableError

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.5

Wanted = TypeVar("Wanted")


async def wait_for(
    look: Callable[[Subscription], Awaitable[Wanted | None]], *, hints: ChangeHints, deadline: float
) -> Wanted | None:
    """Look, again and again, until there is something; None if there is nothing by the (monotonic) deadline.

    `look` says to the subscription what to follow, before it reads that.

    Raises:
        UnavailableError: the last look could not be had.
    """
    pause = _FIRST_PAUSE_SECONDS
    async with hints.subscription() as subscription:
        while True:
            fault = None
            try:
                found = await look(subscription)
            except UnavailableError as error:
                found, fault = None, error
            left = deadline - time.monotonic()
            if found is None and left > 0:
                await subscription.wait(seconds=min(pause, left))
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            if fault is not None:
                raise fault
            return found
