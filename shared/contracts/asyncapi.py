"""The AsyncAPI 3.0 document of the event hubs: which events come on which, and what is in them."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.envelope import CONTENT_TYPE, schema_path
from shared.contracts.events import RESERVATION_WIRE_TYPES, EventData
from shared.contracts.json_schemas import ENVELOPE_PATH

DOMAIN_EVENTS = "cinema.domain.events"
RESERVATIONS = "cinema.reservations"

_INTRODUCTION = """\
Every accepted command publishes what it changed, as a CloudEvent in structured JSON mode.

Delivery is at least once. The first occurrences of a stream's events (`partitionkey`) come in the order of `sequence`; \
repeats may come late, and a consumer drops them by `sequence`. A published schema never changes: a change is a new \
type, `….v2`. Consumers ignore fields that they do not know."""


def asyncapi_document(events: Iterable[type[EventData]]) -> dict[str, Any]:
    """The document, with a message for each event. Paths of schemas are relative to the document's folder."""
    by_type = {event.wire_type: event for event in events}
    reservation_types = [wire_type for wire_type in by_type if wire_type in RESERVATION_WIRE_TYPES]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Cinema events", "version": "1.0.0", "description": _INTRODUCTION},
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "laptop": {
                "host": "localhost:5672",
                "protocol": "amqp1",
                "description": "The Event Hubs emulator that `make run` starts. In the cloud: Azure Event Hubs.",
            }
        },
        "channels": {
            "domainEvents": _channel(
                DOMAIN_EVENTS,
                by_type,
                description="All events. Within a stream `sequence` has no gaps.",
            ),
            "reservations": _channel(
                RESERVATIONS,
                reservation_types,
                description="The reservation events alone: in order, with holes in `sequence`.",
            ),
        },
        "operations": {
            "publishDomainEvents": {"action": "send", "channel": {"$ref": "#/channels/domainEvents"}},
            "publishReservations": {"action": "send", "channel": {"$ref": "#/channels/reservations"}},
        },
        "components": {"messages": {name: _message(event) for name, event in by_type.items()}},
    }


def _channel(address: str, wire_types: Iterable[str], *, description: str) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in wire_types}
    return {"address": address, "description": description, "messages": messages}


def _message(event: type[EventData]) -> dict[str, Any]:
    path = schema_path(event.wire_type)
    this_event = {
        "type": {"const": event.wire_type},
        "dataschema": {"const": path},
        "data": {"$ref": f".{path}"},
    }
    return {
        "name": event.wire_type,
        "title": event.__name__,
        "summary": event.__doc__,
        "contentType": CONTENT_TYPE,
        "payload": {"allOf": [{"$ref": f".{ENVELOPE_PATH}"}, {"type": "object", "properties": this_event}]},
    }
