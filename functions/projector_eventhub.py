"""The projector's trigger: batches of `cinema.domain.events`, one partition's strictly in turn.

The batch is retried for ever while a store is down, since the checkpoint would otherwise move on past it; what can never be
projected is parked by the use case and does not raise.
"""

import typing

import azure.functions as func

from shared.application.projections.received_events import ReceivedEvent

bp = func.Blueprint()


@bp.function_name("projector")
@bp.event_hub_message_trigger(
    arg_name="events",
    event_hub_name="%DOMAIN_EVENTS_HUB%",
    connection="EventHub",
    consumer_group="%PROJECTOR_CONSUMER_GROUP%",
    cardinality=func.Cardinality.MANY,
    data_type=func.DataType.BINARY,
)
@bp.retry(
    strategy="exponential_backoff",
    max_retry_count="-1",
    minimum_interval="00:00:01",
    maximum_interval="00:00:30",
)
def project(events: typing.List[func.EventHubEvent]) -> None:
    """Project one batch into the views and the cache."""
    from shared.bootstrap.projector import projector  # noqa: PLC0415 # its drivers load only where it runs

    partition = _partition(events[0])
    projector()(
        [
            ReceivedEvent(
                body=event.get_body(),
                partition=partition,
                position=event.sequence_number or 0,
                published=event.enqueued_time,
            )
            for event in events
        ]
    )


def _partition(event: func.EventHubEvent) -> str:
    """The partition of a batch; every event carries the whole batch's metadata."""
    metadata: typing.Mapping[str, typing.Any] = event.metadata or {}
    context: typing.Mapping[str, str] = metadata.get("PartitionContext", {})
    return context.get("PartitionId", "")
