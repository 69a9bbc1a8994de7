"""Whether the read service of this container takes calls: `python -m readsvc.probe [health service name]`."""

import sys
from typing import Any, cast

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from readsvc.settings import ListenSettings, load

_SECONDS = 2.0


def main(name: str = "") -> int:
    """0 if the health service says SERVING for a name, else 1."""
    with grpc.insecure_channel(f"127.0.0.1:{load(ListenSettings).grpc_port}") as channel:
        stub = cast(Any, health_pb2_grpc).HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=_SECONDS)
        except grpc.RpcError as error:
            sys.stderr.write(f"the read service does not answer: {cast(Any, error).code()}\n")
            return 1
    return 0 if answer.status == health_pb2.HealthCheckResponse.SERVING else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
