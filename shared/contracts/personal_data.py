"""What is personal in a published event, and the text of an event without it.

A reservation's event names its customer (`data.customerId`), and one that was cancelled may have what somebody wrote
beside it (`data.note`). Nothing else in an event, and no other event, is about a customer.

A text is parsed and written again as its writer wrote it: compact JSON in the same order of members, so that every byte
is as before but for these two fields.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from shared.contracts.events import RESERVATION_WIRE_TYPES

_CUSTOMER = "customerId"
_NOTE = "note"

_OF_RESERVATIONS = tuple(f'"type":"{wire_type}"'.encode() for wire_type in sorted(RESERVATION_WIRE_TYPES))
# Within a JSON string a quote has a backslash before it, so that neither pattern can match inside of one.
_CUSTOMER_FIELD = re.compile(rb'"customerId":"[^"\\]*"')
_NOTE_FIELD = re.compile(rb'"note":"(?:[^"\\]|\\.)*"', re.DOTALL)


def is_about(event: str | bytes, customer_id: UUID) -> bool:
    """Whether an event's text, with or without its sequence, is an event of this customer's."""
    data = _data_of(_parsed(event))
    return data is not None and _is_customer(data.get(_CUSTOMER), customer_id)


def has_note(event: str | bytes) -> bool:
    """Whether somebody has written something beside an event."""
    data = _data_of(_parsed(event))
    return data is not None and data.get(_NOTE) is not None


def with_pseudonym(event: str | bytes, *, customer_id: UUID, pseudonym: UUID) -> str:
    """The same event with another id for this customer, and without a note.

    Raises:
        ValueError: it is no event of this customer's.
    """
    envelope = _parsed(event)
    data = _data_of(envelope)
    if envelope is None or data is None or not _is_customer(data.get(_CUSTOMER), customer_id):
        raise ValueError("not an event of this customer")
    fresh = {**data, _CUSTOMER: str(pseudonym)}
    if _NOTE in fresh:
        fresh[_NOTE] = None
    return json.dumps({**envelope, "data": fresh}, ensure_ascii=False, separators=(",", ":"))


def without_personal_data(event: bytes) -> bytes:
    """What of a published event stays the same when its customer is forgotten, byte for byte: what copies are compared by."""
    if not any(of_type in event for of_type in _OF_RESERVATIONS):
        return event
    return _NOTE_FIELD.sub(b'"note":null', _CUSTOMER_FIELD.sub(b'"customerId":""', event))


def _parsed(event: str | bytes) -> dict[str, Any] | None:
    try:
        found: object = json.loads(event)
    except ValueError:
        return None
    return cast(dict[str, Any], found) if isinstance(found, dict) else None


def _data_of(envelope: Mapping[str, Any] | None) -> dict[str, Any] | None:
    data: object = envelope.get("data") if envelope else None
    return cast(dict[str, Any], data) if isinstance(data, dict) else None


def _is_customer(value: object, customer_id: UUID) -> bool:
    return isinstance(value, str) and value.lower() == str(customer_id)
