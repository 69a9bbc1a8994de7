"""How long a server is waited for."""

import asyncio
import socket
import time

import pytest

from readsvc.patience import Patience

pytestmark = pytest.mark.unit


async def test_what_does_not_come_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        async with Patience(0.01):
            await asyncio.Event().wait()


async def test_what_has_come_while_the_process_was_busy_is_taken() -> None:
    here, there = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=here)
    with there:
        asyncio.get_running_loop().call_soon(lambda: (there.send(b"answer\n"), time.sleep(0.05)))
        async with Patience(0.01):
            assert await reader.readline() == b"answer\n"
    writer.close()
    await writer.wait_closed()


async def test_a_caller_who_leaves_is_no_timeout() -> None:
    async def wait() -> None:
        async with Patience(10):
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_limit_that_was_kept_strikes_nobody_later() -> None:
    async with Patience(0.01):
        pass
    await asyncio.sleep(0.05)
