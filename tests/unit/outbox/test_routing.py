"""Which sinks and which lane an event goes to."""

import pytest

from shared.application.outbox.lanes import LANES, lane_of
from shared.application.outbox.routing import ROUTES, sinks_of
from shared.contracts.events import PUBLISHED_EVENTS, EventData, ReservationState

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("stream_id", "lane"),
    [
        ("movie:tt1375666", 1),
        ("auditorium:odeon-1", 33),
        ("showtime:00000000-0000-0000-0000-000000000000", 16),
    ],
)
def test_a_streams_lane_never_changes(stream_id: str, lane: int) -> None:
    """Stored rows carry the lane: these numbers are part of the data."""
    assert lane_of(stream_id) == lane


def test_streams_spread_over_all_lanes() -> None:
    assert {lane_of(f"showtime:{number}") for number in range(2_000)} == set(range(LANES))


@pytest.mark.parametrize("event", PUBLISHED_EVENTS)
def test_the_reservations_hub_gets_reservation_events_alone(event: type[EventData]) -> None:
    expected = set(ROUTES) if issubclass(event, ReservationState) else set(ROUTES) - {"reservations"}
    assert set(sinks_of(event.wire_type)) == expected
