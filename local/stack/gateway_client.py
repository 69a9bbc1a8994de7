"""A client of the gateway that takes no refusal: whatever it asks for at start-up must succeed."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx

from local.stack.part import StackError

_ANSWER_SECONDS = 20.0
_AT_A_TIME = 4  # more would but wait for each other's locks


class GatewayClient:
    """Asks and commands through a gateway, as any client would."""

    def __init__(self, gateway: httpx.AsyncClient) -> None:
        self._gateway = gateway
        self._turns = asyncio.Semaphore(_AT_A_TIME)

    async def read(self, path: str) -> httpx.Response:
        """The answer to a query.

        Raises:
            StackError: there is none, or it is a refusal.
        """
        return accepted(await self.request("GET", path))

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """The answer to a command.

        Raises:
            StackError: there is none, or it is a refusal.
        """
        return accepted(await self.request(method, path, body=body))

    async def request(self, method: str, path: str, *, body: dict[str, Any] | None = None) -> httpx.Response:
        """The answer, whatever it says. A busy system is asked again, a command with its key, so that it is done once.

        Raises:
            StackError: there is none.
        """
        headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        deadline = time.monotonic() + _ANSWER_SECONDS
        while True:
            async with self._turns:
                answer = await self._answer(method, path, body=body, headers=headers)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE.value or time.monotonic() > deadline:
                return answer
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))

    async def _answer(
        self, method: str, path: str, *, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> httpx.Response:
        try:
            return await self._gateway.request(
                method, path, json=body, headers=headers, timeout=_ANSWER_SECONDS
            )
        except httpx.HTTPError as error:
            raise StackError(f"{method} {path} got no answer from the gateway: {error!r}") from error


def accepted(answer: httpx.Response) -> httpx.Response:
    """The same answer.

    Raises:
        StackError: it is a refusal.
    """
    if not answer.is_success:
        request = answer.request
        raise StackError(
            f"{request.method} {request.url} was answered with {answer.status_code}: {answer.text}"
        )
    return answer
