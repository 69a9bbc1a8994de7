"""Event Hub triggers: partitions in parallel, batches of one strictly in turn, a checkpoint after each.

As in Azure the checkpoint advances after a failed invocation too, once the retry policy has given up; a batch in hand
when the host stops is not checkpointed and comes again.
"""

import asyncio
import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import azure.functions as func
from azure.eventhub import LoadBalancingStrategy, parse_connection_string
from azure.eventhub.aio import EventHubConsumerClient
from azure.functions.meta import Datum

from local.functions_host.app import LoadedFunction
from local.functions_host.checkpoints import FileCheckpointStore
from local.functions_host.configuration import HostConfiguration, expand, setting
from local.functions_host.errors import HostError
from local.functions_host.invocation import Invoker
from local.functions_host.retry_policy import RetryPolicy

_LOG = logging.getLogger("Host.Triggers.EventHubs")
_DECODER = cast(Any, func.get_binding_registry()).get("eventHubTrigger")
_CLAIM_EVERY_SECONDS = 1.0
_IDLE_SECONDS = 5.0


class EventHubTrigger:
    """Reads one hub for one function."""

    def __init__(
        self, function: LoadedFunction, *, configuration: HostConfiguration, invoker: Invoker, state: Path
    ) -> None:
        """Read the function's binding.

        Raises:
            HostError: a setting is missing, or something is not implemented here.
        """
        self._function = function
        self._configuration = configuration
        self._invoker = invoker
        self._retry = RetryPolicy.of(function.retry, function=function.name)
        self._store = FileCheckpointStore(state)
        self._stopping = False
        binding = function.binding
        self._connection = _connection_string(str(binding["connection"]), function=function.name)
        entity = parse_connection_string(self._connection).eventhub_name
        self._hub = entity or expand(str(binding["eventHubName"]), what=function.name)
        self._group = expand(str(binding.get("consumerGroup") or "$Default"), what=function.name)
        cardinality = binding.get("cardinality")  # Azure takes none for "one"
        self._many = str(getattr(cardinality, "value", cardinality)).lower() == "many"

    @property
    def name(self) -> str:
        """The function's name."""
        return self._function.name

    async def run(self) -> None:
        """Read for ever; while the hub does not answer, try again."""
        client = EventHubConsumerClient.from_connection_string(
            self._connection,
            consumer_group=self._group,
            eventhub_name=self._hub,
            checkpoint_store=self._store,
            load_balancing_interval=_CLAIM_EVERY_SECONDS,
            load_balancing_strategy=LoadBalancingStrategy.GREEDY,
            retry_backoff_max=_CLAIM_EVERY_SECONDS,
        )
        try:
            async with client:
                await cast(Any, client).receive_batch(
                    self._take,
                    max_batch_size=self._configuration.max_event_batch_size if self._many else 1,
                    max_wait_time=_IDLE_SECONDS,
                    prefetch=self._configuration.prefetch_count,
                    starting_position="-1" if self._configuration.from_start else "@latest",
                    on_error=self._report,
                )
        finally:
            self._store.close()

    def stop(self) -> None:
        """Checkpoint nothing from now on."""
        self._stopping = True

    async def start_by_hand(self, given: str) -> None:
        """Call the function with a batch of one event, which no hub has seen."""
        event = SimpleNamespace(
            body=[given.encode()],
            sequence_number=0,
            offset="0",
            partition_key=None,
            enqueued_time=datetime.now(UTC),
            properties={},
        )
        await self._invoke([event], partition="0")

    async def _report(self, context: Any, error: Exception) -> None:
        where = f"partition {context.partition_id}" if context else "the hub"
        _LOG.warning("%s: %s of %s can't be read: %s", self._function.name, where, self._hub, error)

    async def _take(self, context: Any, events: list[Any]) -> None:
        if not events:
            return
        await self._invoke(events, partition=context.partition_id)
        if not self._stopping:
            await context.update_checkpoint(events[-1])

    async def _invoke(self, events: list[Any], *, partition: str) -> None:
        argument = self._decode(events, partition=partition)
        reason = f"(null) partition {partition} events {len(events)}"
        identity, attempt = str(uuid4()), 0
        while not self._stopping:
            retry = None if self._retry is None else (attempt, self._retry.times)
            try:
                await self._invoker.invoke(
                    self._function, argument, reason=reason, invocation_id=identity, retry=retry
                )
            except Exception:  # noqa: BLE001 # logged by the invoker; an exception here would close the partition
                delay = None if self._retry is None else self._retry.delay(attempt)
                if delay is None:
                    return
                attempt += 1
                await asyncio.sleep(delay)
            else:
                return

    def _decode(self, events: list[Any], *, partition: str) -> Any:
        bodies = [b"".join(event.body) for event in events]
        system = [_system_properties(event) for event in events]
        properties = [_texts(event.properties) for event in events]
        place = {"PartitionId": partition, "EventHubName": self._hub, "ConsumerGroup": self._group}
        if not self._many:
            return _DECODER.decode(
                Datum(bodies[0], "bytes"), trigger_metadata=_single(system[0], properties[0], place)
            )
        metadata = {
            "PartitionContext": Datum(json.dumps(place), "json"),
            "SequenceNumberArray": Datum(
                SimpleNamespace(sint64=[event.sequence_number for event in events]), "collection_sint64"
            ),
            "OffsetArray": Datum(
                SimpleNamespace(string=[event.offset for event in events]), "collection_string"
            ),
            "PropertiesArray": Datum(json.dumps(properties), "json"),
            "SystemPropertiesArray": Datum(json.dumps(system), "json"),
        }
        return _DECODER.decode(
            Datum(SimpleNamespace(bytes=bodies), "collection_bytes"), trigger_metadata=metadata
        )


def _single(system: dict[str, Any], properties: dict[str, Any], place: dict[str, str]) -> dict[str, Datum]:
    return {
        "PartitionContext": Datum(json.dumps(place), "json"),
        "SequenceNumber": Datum(system["SequenceNumber"], "int"),
        "Offset": Datum(system["Offset"], "string"),
        "EnqueuedTimeUtc": Datum(json.dumps(system["EnqueuedTimeUtc"]), "json"),
        "Properties": Datum(json.dumps(properties), "json"),
        "SystemProperties": Datum(json.dumps(system), "json"),
    }


def _system_properties(event: Any) -> dict[str, Any]:
    key = event.partition_key
    return {
        "SequenceNumber": event.sequence_number,
        "Offset": event.offset,
        "PartitionKey": key.decode() if isinstance(key, bytes) else key,
        "EnqueuedTimeUtc": event.enqueued_time.isoformat().replace("+00:00", "Z"),
    }


def _texts(properties: dict[Any, Any] | None) -> dict[str, Any]:
    def text(value: Any) -> Any:
        return value.decode(errors="replace") if isinstance(value, bytes) else value

    return {str(text(name)): text(value) for name, value in (properties or {}).items()}


def _connection_string(name: str, *, function: str) -> str:
    """The connection string behind a binding's `connection`.

    Raises:
        HostError: there is no such setting, or it is an identity's, which needs Azure.
    """
    name = expand(name, what=function)
    value = setting(name)
    if value:
        return value
    if setting(f"{name}__fullyQualifiedNamespace"):
        raise HostError(
            f"{function}: {name} is an identity-based connection, which the local host does not implement"
        )
    raise HostError(f"{function}: the connection setting {name} is missing")
