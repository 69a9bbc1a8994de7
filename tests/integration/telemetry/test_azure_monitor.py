"""The exporter to Azure Monitor, to an ingestion endpoint of our own. Azure's own has never been spoken to."""

from typing import Any, cast
from uuid import uuid4

import grpc
import pytest

from readsvc.generated.cinema.read.v1 import cinema_query_pb2 as pb
from readsvc.generated.cinema.read.v1 import cinema_query_pb2_grpc as pb_grpc
from tests.e2e.box_office import eventually
from tests.servers.ingestion_endpoint import INSTRUMENTATION_KEY, ingestion_endpoint
from tests.servers.read_service import read_service

pytestmark = pytest.mark.integration

TRACE_ID, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_query_is_a_request_with_its_record_and_its_measure(mongo_url: str, redis_url: str) -> None:
    with (
        ingestion_endpoint() as ingested,
        read_service(
            mongo_url=mongo_url, redis_url=redis_url, port=None, LOG_LEVEL="DEBUG", **ingested.environment
        ) as service,
    ):
        stub = cast(Any, pb_grpc).CinemaQueryStub(service.channel)
        request = pb.GetShowtimeRequest(showtime_id=str(uuid4()))
        with pytest.raises(grpc.RpcError):
            stub.GetShowtime(request, metadata=(("traceparent", f"00-{TRACE_ID}-{CALLER}-01"),), timeout=10)

        def messages() -> list[dict[str, Any]]:
            return ingested.of_type("MessageData")

        def measured() -> set[str]:
            told = ingested.of_type("MetricData")
            return {metric["name"] for one in told for metric in one["data"]["baseData"]["metrics"]}

        eventually(lambda: bool(ingested.of_type("RequestData")))
        eventually(lambda: any("query_refused" in one["data"]["baseData"]["message"] for one in messages()))
        eventually(lambda: "cinema.query.duration" in measured())
    (told,) = ingested.of_type("RequestData")
    assert told["iKey"] == INSTRUMENTATION_KEY
    assert told["tags"]["ai.operation.id"] == TRACE_ID
    assert told["tags"]["ai.operation.parentId"] == CALLER
    assert told["tags"]["ai.cloud.role"] == "cinema.cinema-read-service"
    refused = next(one for one in messages() if "query_refused" in one["data"]["baseData"]["message"])
    assert refused["tags"]["ai.operation.id"] == TRACE_ID
