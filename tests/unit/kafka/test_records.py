"""How many messages travel together."""

import pytest

from shared.infrastructure.kafka.records import LARGEST_BATCH_BYTES, leading_batch, record_of
from tests.builders.hub_batches import committed
from tests.builders.outbox_messages import a_message

pytestmark = pytest.mark.unit


def test_a_batch_ends_before_the_message_that_would_fill_it_over() -> None:
    messages = committed(*(a_message(title="x" * 400_000) for _ in range(5)))
    assert leading_batch(messages, most=5) == [record_of(message) for message in messages[:2]]


def test_a_batch_has_at_most_as_many_messages_as_are_asked_for() -> None:
    messages = committed(a_message(), a_message(), a_message())
    assert leading_batch(messages, most=1) == [record_of(messages[0])]


def test_a_message_over_the_limit_goes_alone_so_that_it_alone_is_refused() -> None:
    messages = committed(a_message(title="x" * LARGEST_BATCH_BYTES), a_message())
    assert leading_batch(messages, most=2) == [record_of(messages[0])]


def test_size_is_counted_in_bytes() -> None:
    messages = committed(*(a_message(title="千" * 150_000) for _ in range(3)))
    assert len(leading_batch(messages, most=3)) == 2
