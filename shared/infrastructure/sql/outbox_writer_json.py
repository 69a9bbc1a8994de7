"""The messages of one command as one JSON parameter, for the databases that a round trip separates from us."""

import json
from collections.abc import Sequence

from shared.application.outbox.lanes import lane_of
from shared.application.outbox.messages import NewMessage
from shared.contracts.wire import sortable_rfc3339
from shared.infrastructure.sql.completion import Completion


def append_parameters(messages: Sequence[NewMessage], completion: Completion | None) -> dict[str, str]:
    """What the statement that appends, and completes if there is a completion, is given."""
    return {"messages": messages_as_json(messages), **(completion.parameters() if completion else {})}


def messages_as_json(messages: Sequence[NewMessage]) -> str:
    """An array of objects; `ordinal` is the place in the command, from 0."""
    return json.dumps(
        [
            {
                "ordinal": ordinal,
                "event_id": str(message.event_id),
                "stream_id": message.stream_id,
                "lane": lane_of(message.stream_id),
                "aggregate_type": message.aggregate_type,
                "aggregate_id": message.aggregate_id,
                "version": message.version,
                "type": message.type,
                "payload": message.payload,
                "trace_parent": message.traceparent,
                "occurred_at": sortable_rfc3339(message.occurred_at),
                "sinks": message.sinks,
            }
            for ordinal, message in enumerate(messages)
        ],
        ensure_ascii=False,
    )
