"""A node is killed with -9 after a booking's commit and before its answer: who asks again does not book twice."""

import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text

from migrations.upgrade import upgrade
from tests.crash.outbox.box_office import DOOMED_NODE, ORDINARY_NODE, a_node, environment_of_a_node
from tests.integration.write_side.test_http_commands import HALL, MOVIE

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    write, reporting = (f"sqlite:///{tmp_path / name}" for name in ("cinema.db", "reporting.db"))
    upgrade(write_url=write, reporting_url=reporting)
    return environment_of_a_node(write, reporting)


def test_a_client_that_lost_its_answer_gets_its_own_reservation(
    environment: dict[str, str], tmp_path: Path
) -> None:
    key = {"idempotency-key": str(uuid4())}
    with a_node(environment, tmp_path, DOOMED_NODE, "after", 1) as (client, process):
        client.put("/api/movies/tt1375666", json=MOVIE)
        client.put("/api/auditoriums/odeon-1", json=HALL)
        showtime = {
            "movieId": "tt1375666",
            "auditoriumId": "odeon-1",
            "screeningTime": "2999-12-01T19:30:00Z",
        }
        wanted: dict[str, Any] = {
            "showtimeId": client.post("/api/showtimes", json=showtime).json()["showtimeId"],
            "customerId": str(uuid4()),
            "seats": [{"row": "A", "number": 1}],
        }
        with pytest.raises(httpx.TransportError):
            client.post("/api/reservations", json=wanted, headers=key)
        assert process.wait(timeout=10) == -signal.SIGKILL
    with a_node(environment, tmp_path, ORDINARY_NODE) as (client, _):
        stranger = client.post("/api/reservations", json=wanted | {"customerId": str(uuid4())})
        again = client.post("/api/reservations", json=wanted, headers=key)
    assert stranger.json()["type"] == "/problems/seats-taken", "it was committed before the node died"
    assert again.status_code == 201
    engine = create_engine(environment["WRITE_DATABASE_URL"])
    with engine.connect() as connection:
        stored = connection.execute(text('SELECT "ReservationId" FROM "Reservations"')).scalars().all()
    engine.dispose()
    assert stored == [again.json()["reservationId"].replace("-", "")]
