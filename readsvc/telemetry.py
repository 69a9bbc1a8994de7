"""What the read service tells: a server span and a measure for each query, and how often the cache had the answer.

Imported where telemetry is on, and nowhere else.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter
from typing import Any, cast

import grpc
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import SpanKind

from readsvc.hit_counters import HitCounters
from readsvc.redis_client import RedisClient
from readsvc.servicer import SERVICE_NAME
from shared.telemetry.telemetry import Attributes, Telemetry, fail
from shared.telemetry.traceparent import parse_traceparent

Context = grpc.aio.ServicerContext[Any, Any]
Handler = Callable[[Any, Context], Awaitable[Any]]
RpcMethodHandler = Any
"""The stubs know it as generic, and the package has it without parameters."""

_PREFIX = f"/{SERVICE_NAME}/"
_SERVER_FAULTS = {
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}
"""The codes that the semantic conventions count as a server's own failures."""


_BY_NUMBER = {cast("tuple[int, str]", code.value)[0]: code for code in grpc.StatusCode}


class CountedLookups(HitCounters):
    """Counts for the exporter too, which reads when it exports."""

    def __init__(self, redis: RedisClient, *, telemetry: Telemetry) -> None:
        super().__init__(redis)
        self._hits, self._misses = 0, 0
        telemetry.meter.create_observable_counter(
            "cinema.cache.lookups",
            callbacks=[self._observe],
            unit="{lookup}",
            description="Documents looked for in the cache, by whether it had the answer.",
        )

    def hit(self) -> None:
        """See `HitCounters.hit`."""
        super().hit()
        self._hits += 1

    def miss(self) -> None:
        """See `HitCounters.miss`."""
        super().miss()
        self._misses += 1

    def _observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        return [
            Observation(self._hits, {"cinema.result": "hit"}),
            Observation(self._misses, {"cinema.result": "miss"}),
        ]


class ObservedQueries(grpc.aio.ServerInterceptor):
    """Puts a span around each call of the service itself; health and reflection are not told."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._seconds = telemetry.seconds_histogram(
            "cinema.query.duration", description="How long queries take, by method and status."
        )

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[RpcMethodHandler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> RpcMethodHandler | None:
        """See `grpc.aio.ServerInterceptor`."""
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        if handler is None or not path.startswith(_PREFIX):
            return handler
        metadata = cast("Iterable[tuple[str, str]]", handler_call_details.invocation_metadata)
        told = self._told(
            handler.unary_stream if handler.response_streaming else handler.unary_unary,
            method=path.removeprefix(_PREFIX),
            traceparent=dict(metadata).get("traceparent"),
        )
        handler_of = cast(
            Any,
            grpc.unary_stream_rpc_method_handler
            if handler.response_streaming
            else grpc.unary_unary_rpc_method_handler,
        )
        return handler_of(
            told,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _told(self, inner: Handler, *, method: str, traceparent: str | None) -> Handler:
        parent = parse_traceparent(traceparent)
        attributes: Attributes = {"rpc.system": "grpc", "rpc.service": SERVICE_NAME, "rpc.method": method}

        async def answer(request: Any, context: Context) -> Any:
            started, cut_off = perf_counter(), False
            span = self._telemetry.begin(
                f"{SERVICE_NAME}/{method}", kind=SpanKind.SERVER, parent=parent, attributes=attributes
            )
            try:
                with self._telemetry.current(span):
                    return await inner(request, context)
            except asyncio.CancelledError:
                cut_off = True
                raise
            finally:
                code = grpc.StatusCode.CANCELLED if cut_off else _code(context)
                span.set_attribute("rpc.grpc.status_code", cast("tuple[int, str]", code.value)[0])
                if code in _SERVER_FAULTS:
                    fail(span, code.name)
                span.end()
                labels: Attributes = {"cinema.query": method, "cinema.result": code.name.lower()}
                self._seconds(perf_counter() - started, labels)

        return answer


def _code(context: Context) -> grpc.StatusCode:
    """How the call ended; gRPC has a number of a code, or nothing where nobody has set one."""
    code = cast("int | grpc.StatusCode | None", context.code())
    if code is None:
        return grpc.StatusCode.OK
    return code if isinstance(code, grpc.StatusCode) else _BY_NUMBER[code]
