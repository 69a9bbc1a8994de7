"""A client of the gateway that takes no refusal: whatever it asks for at start-up must succeed."""

from typing import Any

import httpx

from local.stack.part import StackError

_ANSWER_SECONDS = 20.0


class GatewayClient:
    """Asks and commands through a gateway, as any client would."""

    def __init__(self, gateway: httpx.AsyncClient) -> None:
        self._gateway = gateway

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
        """The answer, whatever it says.

        Raises:
            StackError: there is none.
        """
        try:
            return await self._gateway.request(method, path, json=body, timeout=_ANSWER_SECONDS)
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
