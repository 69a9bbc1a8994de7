"""Events encoded by hand are what the SDK would have encoded, byte for byte, and fill a batch as far."""

from typing import Any, cast

import pytest
from azure.eventhub import EventData, EventDataBatch
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.envelope import CONTENT_TYPE
from shared.infrastructure.eventhub.event_packing import add_event, encoded_event

pytestmark = pytest.mark.unit


def batch(*, size: int = 1 << 20) -> EventDataBatch:
    return EventDataBatch(max_size_in_bytes=size)


def cloud_event(body: str) -> EventData:
    event = EventData(body)
    event.content_type = CONTENT_TYPE
    return event


def encoded_by_sdk(body: str) -> bytes:
    packed = batch()
    packed.add(cloud_event(body))
    return bytes(cast(Any, packed)._message.data[0])


@pytest.mark.parametrize("length", [0, 1, 202, 203, 204, 255, 256, 257, 65_535, 65_536, 900_000])
def test_an_event_is_encoded_as_the_sdk_does(length: int) -> None:
    assert encoded_event("x" * length) == encoded_by_sdk("x" * length)


@given(st.text())
def test_so_is_any_text(body: str) -> None:
    assert encoded_event(body) == encoded_by_sdk(body)


@given(st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=20), st.integers(100, 2_000))
def test_a_batch_takes_as_many_as_it_would_from_the_sdk(lengths: list[int], limit: int) -> None:
    ours, theirs = batch(size=limit), batch(size=limit)
    for length in lengths:
        assert add_event(ours, "x" * length) == taken_by_sdk(theirs, "x" * length)
        assert (len(ours), ours.size_in_bytes) == (len(theirs), theirs.size_in_bytes)


def taken_by_sdk(packed: EventDataBatch, body: str) -> bool:
    try:
        packed.add(cloud_event(body))
    except ValueError:
        return False
    return True
