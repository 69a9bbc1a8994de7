"""From what happened in the domain to the message that the outbox publishes."""

from typing import Any
from uuid import uuid5

from shared.application.command_context import CommandContext
from shared.application.outbox.messages import NewMessage, message_of
from shared.application.outbox.routing import sinks_of
from shared.application.published_events import publication_of
from shared.contracts.envelope import Envelope, schema_path
from shared.domain.aggregate import DomainEvent


def to_message(event: DomainEvent[Any], *, context: CommandContext) -> NewMessage:
    """The outbox message of a domain event.

    Its id derives from the command and from the aggregate's version, of which an event has one for itself; so every
    rerun of a command makes the same ids.
    """
    publication = publication_of(event)
    version = event.state.version
    wire_type = publication.data.wire_type
    aggregate = f"{publication.aggregate_type}:{publication.aggregate_id}"
    envelope = Envelope(
        id=uuid5(context.command_id, f"{aggregate}:{version}"),
        type=wire_type,
        subject=publication.aggregate_id,
        time=event.occurred_at,
        dataschema=schema_path(wire_type),
        partitionkey=publication.stream_id,
        traceparent=context.traceparent,
        data=publication.data.model_dump(mode="json", by_alias=True),
    )
    return message_of(
        envelope,
        aggregate_type=publication.aggregate_type,
        version=version,
        sinks=sinks_of(wire_type),
    )
