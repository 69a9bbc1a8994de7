"""What may enter the outbox, and how it leaves it."""

import json
from dataclasses import replace

import pytest

from shared.application.outbox.messages import (
    MAX_PAYLOAD_BYTES,
    EventTooLargeError,
    NoSinkError,
    PayloadNotJsonError,
    check_publishable,
)
from tests.builders.outbox_messages import a_message, as_read

pytestmark = pytest.mark.unit


def payload_of(size: int, *, letter: str = "x") -> str:
    """A JSON object of exactly this many bytes in UTF-8."""
    frame = len('{"a":""}')
    return json.dumps({"a": letter * ((size - frame) // len(letter.encode()))}, ensure_ascii=False).replace(
        ": ", ":"
    )


def test_a_payload_at_the_limit_is_accepted() -> None:
    message = replace(a_message(), payload=payload_of(MAX_PAYLOAD_BYTES))
    check_publishable(message)
    assert len(message.payload) == MAX_PAYLOAD_BYTES


def test_a_payload_over_the_limit_is_refused_with_its_size() -> None:
    message = replace(a_message(), payload=payload_of(MAX_PAYLOAD_BYTES + 1))
    with pytest.raises(EventTooLargeError) as refusal:
        check_publishable(message)
    assert (refusal.value.event_id, refusal.value.size) == (message.event_id, MAX_PAYLOAD_BYTES + 1)


def test_bytes_count_and_not_characters() -> None:
    message = replace(a_message(), payload=payload_of(MAX_PAYLOAD_BYTES + 30, letter="千"))
    assert len(message.payload) < MAX_PAYLOAD_BYTES
    with pytest.raises(EventTooLargeError):
        check_publishable(message)


@pytest.mark.parametrize("payload", ["", "{", '["a"]', '"a"', "{}}", '{"a":1} ', "{}", "null"])
def test_what_is_not_a_json_object_is_refused(payload: str) -> None:
    with pytest.raises(PayloadNotJsonError):
        check_publishable(replace(a_message(), payload=payload))


def test_what_concerns_no_sink_is_refused() -> None:
    with pytest.raises(NoSinkError):
        check_publishable(replace(a_message(), sinks=()))


def test_the_published_body_is_the_payload_with_its_sequence() -> None:
    new = a_message()
    message = as_read(new, id=9, lane=1, sequence=7)
    assert json.loads(message.body) == {**json.loads(new.payload), "sequence": 7}
