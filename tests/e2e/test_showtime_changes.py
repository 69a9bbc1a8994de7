"""A moved and a cancelled showtime travel to the read side; the stack's own timer lets the seats go."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.e2e.box_office import BoxOffice, status_of

pytestmark = pytest.mark.e2e


def test_a_moved_showtime_is_shown_and_listed_at_its_new_time(
    box_office: BoxOffice, client: httpx.Client
) -> None:
    showtime_id = box_office.open_showtime(days=2)
    reservation = box_office.reserve(showtime_id, ("A", 1))
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    moved = client.put(f"/api/showtimes/{showtime_id}", json={"screeningTime": start.isoformat()})
    assert moved.status_code == httpx.codes.OK, moved.text
    shown = box_office.seen(showtime_id, sequence=moved.json()["sequence"])
    assert shown["screeningTime"] == moved.json()["screeningTime"]
    assert status_of(shown, ("A", 1)) == "Held"
    seen = box_office.seen_reservation(reservation["reservationId"], sequence=reservation["sequence"])
    assert seen["screeningTime"] == moved.json()["screeningTime"]
    listed = client.get(
        "/api/showtimes", params={"date": start.date().isoformat(), "movie_id": shown["movie"]["movieId"]}
    )
    assert [one["showtimeId"] for one in listed.json()["showtimes"]] == [showtime_id]


def test_a_cancelled_showtime_is_shown_as_such_and_lets_its_seats_go(
    box_office: BoxOffice, client: httpx.Client
) -> None:
    showtime_id = box_office.open_showtime()
    held = box_office.reserve(showtime_id, ("A", 1))["reservationId"]
    sold = box_office.reserve(showtime_id, ("A", 2))["reservationId"]
    box_office.confirm(sold)
    cancelled = client.post(f"/api/showtimes/{showtime_id}/cancel", json={"reason": "no power"})
    assert cancelled.status_code == httpx.codes.OK, cancelled.text
    sequence = cancelled.json()["sequence"]
    assert box_office.seen(showtime_id, sequence=sequence)["status"] == "Cancelled"
    shown = box_office.seen(showtime_id, sequence=sequence + 2)
    assert (shown["freeSeats"], shown["status"]) == (20, "Cancelled")
    for reservation_id in (held, sold):
        assert box_office.seen_reservation(reservation_id, sequence=sequence + 2)["status"] == "Cancelled"
