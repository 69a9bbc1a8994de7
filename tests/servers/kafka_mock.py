"""librdkafka's own mock cluster: three brokers that speak Kafka's protocol on local ports, with faults on demand.

It lives in the library that confluent-kafka brings, whose Python side can start a cluster but not steer it. It keeps
no record batch's limits and checks no sequence numbers: what it is not told to refuse, it takes.
"""

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import confluent_kafka

BROKERS = (1, 2, 3)
PRODUCE = 0  # the request's number in Kafka's protocol

_PRODUCER = 0
_HANDLE = ctypes.c_void_p


class MockCluster:
    """A running mock cluster; leaving the context ends it."""

    def __init__(self) -> None:
        self._library = _library()
        error = ctypes.create_string_buffer(256)
        configuration = _HANDLE(self._library.rd_kafka_conf_new())
        for name, value in ((b"test.mock.num.brokers", b"3"), (b"log_level", b"0")):
            self._library.rd_kafka_conf_set(configuration, name, value, error, 256)
        self._client = _HANDLE(self._library.rd_kafka_new(_PRODUCER, configuration, error, 256))
        assert self._client, error.value
        self._cluster = _HANDLE(self._library.rd_kafka_handle_mock_cluster(self._client))

    @property
    def servers(self) -> str:
        """For `bootstrap.servers`."""
        return self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def create_topic(self, name: str, *, partitions: int) -> None:
        self._ask("topic_create", name.encode(), partitions, len(BROKERS))

    def refuse(self, *codes: int) -> None:
        """Answer the next Produce requests with these errors, one each, and write nothing; 0 is none."""
        errors = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, PRODUCE, len(codes), errors)

    def stop(self, brokers: Sequence[int] = BROKERS) -> None:
        """Close the connections, and refuse new ones."""
        for broker in brokers:
            self._ask("broker_set_down", broker)

    def start(self, brokers: Sequence[int] = BROKERS) -> None:
        for broker in brokers:
            self._ask("broker_set_up", broker)

    def answer_after(self, milliseconds: int) -> None:
        """Take requests at once and answer them late."""
        for broker in BROKERS:
            self._ask("broker_set_rtt", broker, milliseconds)

    def pause(self) -> None:
        """Fall silent, for as long as any test takes."""
        self.answer_after(60_000)

    def resume(self) -> None:
        self.answer_after(0)

    def move_leader(self, topic: str, partition: int, *, to: int) -> None:
        self._ask("partition_set_leader", topic.encode(), partition, to)

    def count_requests(self) -> int:
        """How many Produce requests came since `start_counting`."""
        count = ctypes.c_size_t()
        requests = self._library.rd_kafka_mock_get_requests(self._cluster, ctypes.byref(count))
        kinds = [
            self._library.rd_kafka_mock_request_api_key(_HANDLE(requests[n])) for n in range(count.value)
        ]
        self._library.rd_kafka_mock_request_destroy_array(requests, count)
        return kinds.count(PRODUCE)

    def start_counting(self) -> None:
        self._library.rd_kafka_mock_start_request_tracking(self._cluster)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.rd_kafka_destroy(self._client)

    def _ask(self, function: str, *arguments: bytes | int) -> None:
        error: int = getattr(self._library, f"rd_kafka_mock_{function}")(self._cluster, *arguments)
        assert error == 0, f"{function} failed with {error}"


@cache
def _library() -> Any:
    """The library that confluent-kafka has loaded, once more."""
    folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(folder.glob("librdkafka*.so*"))))
    for name in ("conf_new", "new", "handle_mock_cluster"):
        getattr(library, f"rd_kafka_{name}").restype = _HANDLE
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    library.rd_kafka_mock_get_requests.restype = ctypes.POINTER(_HANDLE)
    library.rd_kafka_mock_request_api_key.restype = ctypes.c_int16
    return library
