"""A million events, and the emulator's memory does not grow with them."""

from pathlib import Path

import pytest

from shared.infrastructure.eventhub.event_packing import add_event
from shared.infrastructure.eventhub.namespace import named_by
from shared.infrastructure.eventhub.producer_client import ProducerClient, connect_with
from tests.integration.eventhubs.emulator import HUB, Emulator
from tests.integration.eventhubs.test_real_client import receive

pytestmark = [pytest.mark.integration, pytest.mark.full, pytest.mark.timeout(1_200)]

FIRST, ALL = 100_000, 1_000_000
BODY = "x" * 200
GROWTH_AT_MOST = 1.25
"""An index entry of 16 bytes for each event would make it about 1.4, what is kept whole far more."""


def resident_bytes(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


async def send_many(client: ProducerClient, count: int) -> None:
    """In batches as full as the hub takes them, packed as the outbox packs them."""
    left = count
    while left:
        batch = await client.create_batch(partition_id="0")
        while left and add_event(batch, BODY):
            left -= 1
        await client.send_batch(batch)


async def test_a_million_events_take_no_more_memory_than_a_tenth_of_them(tmp_path: Path) -> None:
    with Emulator.start(tmp_path) as emulator:
        client = connect_with(named_by(emulator.connection_string), hub=HUB)()
        await send_many(client, FIRST)
        before = resident_bytes(emulator.process.pid)
        await send_many(client, ALL - FIRST)
        after = resident_bytes(emulator.process.pid)
        await client.close()
        events = await receive(emulator, count=10, partition_id="0", starting_position=ALL - 11)
    assert [event.sequence_number for event in events] == list(range(ALL - 10, ALL))
    assert after / before < GROWTH_AT_MOST
