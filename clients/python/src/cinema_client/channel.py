"""The connection: which calls are made again, and how it spreads over several services."""

import json
from typing import Any

import grpc

_SERVICE = "cinema.read.v1.CinemaQuery"
_RETRIED = ("GetShowtime", "ListShowtimes", "GetReservation", "ListReservations")
"""Questions with one answer. A watch goes on by itself, from where it was."""

SERVICE_CONFIG: dict[str, Any] = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": _SERVICE, "method": method} for method in _RETRIED],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
"""gRPC's own rules: it waits between attempts, with jitter, and never beyond the call's deadline."""

_OPTIONS = (
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    # Otherwise it waits for up to two minutes before it tries a service again that was gone for a while.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A connection that is cut without a word is noticed while a watch is quiet. Services refuse more than one ping in 5 minutes.
    ("grpc.keepalive_time_ms", 360_000),
)


def open_channel(target: str, *, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    """A channel to `host:port`, or to all addresses behind `dns:///host:port`; in the clear without credentials."""
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=_OPTIONS)
    return grpc.aio.secure_channel(target, credentials, options=_OPTIONS)
