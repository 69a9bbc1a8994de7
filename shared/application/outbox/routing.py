"""The cinema's sinks, and which events concern each. The rest of the outbox takes sinks by name, and knows none."""

from collections.abc import Callable

from shared.contracts.events import RESERVATION_WIRE_TYPES

REPORTING = "reporting"
DOMAIN_EVENTS = "domain-events"
RESERVATIONS = "reservations"


def _every_type(_wire_type: str) -> bool:
    return True


ROUTES: dict[str, Callable[[str], bool]] = {
    REPORTING: _every_type,
    DOMAIN_EVENTS: _every_type,
    RESERVATIONS: RESERVATION_WIRE_TYPES.__contains__,
}
"""Each sink by its name, with the test of an event's wire type that says whether it concerns the sink."""


def sinks_of(wire_type: str) -> tuple[str, ...]:
    """The sinks that an event of this wire type concerns."""
    return tuple(sink for sink, concerns in ROUTES.items() if concerns(wire_type))
