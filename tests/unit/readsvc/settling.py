"""Letting tasks run as far as they get."""

import asyncio

_TURNS = 20


async def settle() -> None:
    """Until nothing is left to do but to wait."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)
