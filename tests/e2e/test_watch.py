"""Somebody watches the seats while another books."""

import httpx
import pytest

from tests.e2e.box_office import BoxOffice
from tests.servers.server_sent_events import ServerSentEvent, watching

pytestmark = pytest.mark.e2e


def test_each_step_of_a_booking_is_seen_by_who_watches(client: httpx.Client, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    box_office.seen(showtime_id, sequence=1)
    with watching(client, showtime_id) as stream:

        def seen_from(command: dict[str, int]) -> ServerSentEvent:
            return next(event for event in stream if event.data["toSequence"] >= command["sequence"])

        assert len(next(stream).seats) == 20
        reservation = box_office.reserve(showtime_id, ("A", 1), ("A", 2))
        assert seen_from(reservation).seats == {"A-1": "Held", "A-2": "Held"}
        confirmed = box_office.confirm(reservation["reservationId"])
        assert seen_from(confirmed).seats == {"A-1": "Sold", "A-2": "Sold"}
        cancelled = box_office.cancel(reservation["reservationId"])
        last = seen_from(cancelled)
        assert (last.seats, last.data["freeSeats"]) == ({"A-1": "Free", "A-2": "Free"}, 20)


def test_a_customer_finds_what_was_booked(client: httpx.Client, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    booked = [box_office.reserve(showtime_id, ("A", number)) for number in (1, 2)]
    for reservation in booked:
        box_office.seen_reservation(reservation["reservationId"], sequence=booked[-1]["sequence"])
        listed = client.get("/api/reservations", params={"customer_id": reservation["customerId"]}).json()
        [found] = listed["reservations"]
        assert (found["reservationId"], found["movieTitle"]) == (reservation["reservationId"], "Alien")
