"""The product with a clock: from the bytes of a request to the bytes of its answer, inside the server.

python -m benchmarks.read_side.timed_server FILE     settings as the product's; the times go to the file when it is ended
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any, cast

import grpc

from readsvc.server import serve
from readsvc.settings import ReadServiceSettings, load

_begun: ContextVar[float] = ContextVar("begun")


class Clock(grpc.aio.ServerInterceptor):
    """Times every unary call, in the one task that gRPC gives it."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        return grpc.unary_unary_rpc_method_handler(
            handler.unary_unary,
            request_deserializer=partial(self._first, handler.request_deserializer),
            response_serializer=partial(self._last, handler.response_serializer),
        )

    @staticmethod
    def _first(deserialize: Callable[[bytes], object], request: bytes) -> object:
        _begun.set(time.perf_counter())
        return deserialize(request)

    def _last(self, serialize: Callable[[object], bytes], answer: object) -> bytes:
        text = serialize(answer)
        self.seconds.append(time.perf_counter() - _begun.get())
        return text


def main() -> None:
    clock = Clock()
    made = grpc.aio.server
    cast(Any, grpc.aio).server = partial(made, interceptors=[clock])
    asyncio.run(serve(load(ReadServiceSettings)))
    Path(sys.argv[1]).write_text(json.dumps(clock.seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
