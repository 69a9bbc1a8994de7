"""A booking travels from an HTTP command to the read side's answer."""

import httpx
import pytest

from tests.e2e.box_office import BoxOffice, status_of

pytestmark = pytest.mark.e2e


def test_a_booked_seat_becomes_visible_as_held(box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    reservation = box_office.reserve(showtime_id, ("A", 1), ("A", 2))
    showtime = box_office.seen(showtime_id, sequence=reservation["sequence"])
    assert (status_of(showtime, ("A", 1)), status_of(showtime, ("A", 2))) == ("Held", "Held")
    assert (showtime["freeSeats"], showtime["totalSeats"]) == (18, 20)
    assert showtime["movie"]["title"] == "Alien"


def test_a_confirmed_seat_becomes_visible_as_sold(box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    reservation = box_office.reserve(showtime_id, ("A", 1))
    confirmed = box_office.confirm(reservation["reservationId"])
    assert confirmed["status"] == "Confirmed"
    showtime = box_office.seen(showtime_id, sequence=confirmed["sequence"])
    assert status_of(showtime, ("A", 1)) == "Sold"
    seen = box_office.seen_reservation(reservation["reservationId"], sequence=confirmed["sequence"])
    assert (seen["status"], seen["movieTitle"]) == ("Confirmed", "Alien")


def test_a_cancelled_seat_becomes_visible_as_free_and_can_be_booked_again(box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    reservation = box_office.reserve(showtime_id, ("A", 1))
    cancelled = box_office.cancel(reservation["reservationId"])
    showtime = box_office.seen(showtime_id, sequence=cancelled["sequence"])
    assert (status_of(showtime, ("A", 1)), showtime["freeSeats"]) == ("Free", 20)
    again = box_office.reserve(showtime_id, ("A", 1))
    assert status_of(box_office.seen(showtime_id, sequence=again["sequence"]), ("A", 1)) == "Held"


def test_the_location_of_a_new_reservation_never_answers_not_found(client: httpx.Client) -> None:
    box_office = BoxOffice(client)
    showtime_id = box_office.open_showtime()
    for number in range(1, 11):
        created = client.post("/api/reservations", json=box_office.command(showtime_id, [("A", number)]))
        seen = client.get(created.headers["location"])
        assert seen.status_code == httpx.codes.OK, seen.text
        assert seen.json()["reservationId"] == created.json()["reservationId"]


def test_a_showtime_is_listed_on_its_day(box_office: BoxOffice, client: httpx.Client) -> None:
    showtime_id = box_office.open_showtime(days=5)
    shown = box_office.seen(showtime_id, sequence=1)
    day = shown["screeningTime"][:10]
    listed = client.get(
        "/api/showtimes", params={"date": day, "movie_id": shown["movie"]["movieId"], "page_size": 200}
    )
    assert [s["showtimeId"] for s in listed.json()["showtimes"]] == [showtime_id]
    assert "seats" not in listed.json()["showtimes"][0]


def test_repeating_a_command_changes_nothing(box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    reservation_id = box_office.reserve(showtime_id, ("A", 1))["reservationId"]
    first, second = box_office.confirm(reservation_id), box_office.confirm(reservation_id)
    assert (first["version"], first["sequence"]) == (second["version"], second["sequence"])
