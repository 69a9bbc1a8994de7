"""Two clients at once, through the gateway, over both nodes."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.e2e.box_office import BoxOffice
from tests.e2e.stack_process import StackProcess

pytestmark = pytest.mark.e2e


async def together(url: str, *, path: str, bodies: list[dict[str, object]]) -> list[httpx.Response]:
    """The answers to requests sent at once. What the system was too busy for is sent again, as it asks for."""

    async def send(body: dict[str, object]) -> httpx.Response:
        while True:
            answer = await client.post(path, json=body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE.value:
                return answer
            await asyncio.sleep(float(answer.headers["retry-after"]))

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client, asyncio.timeout(90):
        return await asyncio.gather(*map(send, bodies))


async def test_of_twenty_buyers_of_one_seat_exactly_one_gets_it(
    stack: StackProcess, box_office: BoxOffice
) -> None:
    showtime_id = box_office.open_showtime()
    for number in range(1, 21):
        seat = ("A", number) if number <= 10 else ("B", number - 10)
        bodies = [box_office.command(showtime_id, [seat]) for _ in range(20)]
        answers = await together(stack.url, path="/api/reservations", bodies=bodies)
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 19}
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {problem["type"] for problem in refused} == {"/problems/seats-taken"}
        assert all(problem["seats"] == [{"row": seat[0], "number": seat[1]}] for problem in refused)


async def test_overlapping_showtimes_are_refused_under_concurrency(
    stack: StackProcess, box_office: BoxOffice
) -> None:
    shown = box_office.seen(box_office.open_showtime(), sequence=1)
    body = box_office.showtime(shown["movie"]["movieId"], shown["auditorium"]["auditoriumId"], days=9)
    answers = await together(stack.url, path="/api/showtimes", bodies=[body] * 10)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    winner = next(answer.json()["showtimeId"] for answer in answers if answer.status_code == 201)
    assert {a.json()["showtimeId"] for a in answers if a.status_code == 409} == {winner}


async def test_an_on_sale_rush_sells_every_seat_once(stack: StackProcess, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    seats = [(row, number) for row in "AB" for number in range(1, 11)]
    bodies = [box_office.command(showtime_id, [seat]) for seat in seats for _ in range(3)]
    answers = await together(stack.url, path="/api/reservations", bodies=bodies)
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 40}
    last = max(answer.json()["sequence"] for answer in answers if answer.status_code == 201)
    shown = box_office.seen(showtime_id, sequence=last)
    assert shown["freeSeats"] == 0
