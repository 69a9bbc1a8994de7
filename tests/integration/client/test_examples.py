"""The examples of docs/clients.md, run as they stand there."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from readsvc.protos.generate import ROOT
from shared.contracts.documents import ReservationDocument, SeatClaim, ShowtimeDocument
from tests.builders.view_documents import a_reservation, a_showtime
from tests.servers.documented import examples, run, running
from tests.servers.grpcurl import BUILD_SECONDS, grpcurl_folder
from tests.servers.read_service import ReadService, Views

pytestmark = pytest.mark.integration

SNIPPET = """
import asyncio, sys
from cinema_client import CinemaClient

async def main(showtime_id, customer_id):
{snippet}

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def showtime(views: Views) -> ShowtimeDocument:
    shown = a_showtime(sequence=7)
    views.project(shown)
    return shown


@pytest.fixture
def reservation(views: Views, showtime: ShowtimeDocument) -> ReservationDocument:
    booked = a_reservation(showtime_id=showtime.id)
    views.project(booked)
    return booked


@pytest.fixture
def variables(showtime: ShowtimeDocument, reservation: ReservationDocument) -> dict[str, str]:
    """What the examples call what they are about."""
    return {
        "SHOWTIME": showtime.id, "RESERVATION": reservation.id, "CUSTOMER": reservation.customer_id,
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
    }  # fmt: skip


@pytest.fixture
def ports(service: ReadService) -> Mapping[int, int]:
    return {50051: service.port}


def hold_a_seat(views: Views, showtime: ShowtimeDocument) -> None:
    claims = {"A-1": SeatClaim(status="Held", reservation_id=str(uuid4()), seq=8)}
    views.project(showtime.model_copy(update={"claims": claims, "sequence": 8, "rev": 2}))


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return (line.rstrip() for line in process.stdout)


def test_the_python_example_shows_the_seats_and_each_change(
    showtime: ShowtimeDocument, views: Views, variables: dict[str, str], ports: Mapping[int, int]
) -> None:
    [example] = [found for found in examples("Python") if found.startswith("python ")]
    python = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with running(example, ports=ports, variables=variables | python) as process:
        said = lines(process)
        assert next(said) == "Inception, Odeon 1, 2099-12-01T19:30:00Z"
        assert next(said) == "A:___ B:__ 5 of 5 free"
        hold_a_seat(views, showtime)
        assert next(said) == "A:?__ B:__ 4 of 5 free"


def test_the_lines_about_the_python_client_do_what_they_say(
    variables: dict[str, str], ports: Mapping[int, int]
) -> None:
    [snippet] = [found for found in examples("Python") if found.startswith("async ")]
    program = SNIPPET.format(snippet=textwrap.indent(snippet, "    ")).replace("'", '"')
    example = f"{sys.executable} -u -c '{program}' $SHOWTIME $CUSTOMER"
    with running(example, ports=ports, variables=variables) as process:
        said = lines(process)
        assert [next(said), next(said)] == ["Inception Pending", "5"]


@pytest.mark.full
def test_the_node_example_shows_the_seats_and_each_change(
    showtime: ShowtimeDocument, views: Views, variables: dict[str, str], ports: Mapping[int, int]
) -> None:
    if shutil.which("npm") is None:
        pytest.skip("Node can't be had: there is no npm here")
    install, example = "\n".join(examples("Node")).splitlines()
    run(install, ports={}, variables={})
    with running(example, ports=ports, variables=variables) as process:
        said = lines(process)
        assert next(said) == "Inception, Odeon 1, 5 of 5 free"
        assert next(said) == "_____ 5 free"
        hold_a_seat(views, showtime)
        assert next(said) == "?____ 4 free"


@pytest.mark.full
@pytest.mark.timeout(BUILD_SECONDS + 120)
def test_the_grpcurl_examples_are_answered(
    variables: dict[str, str], showtime: ShowtimeDocument, ports: Mapping[int, int]
) -> None:
    described, *queries, watch = examples("grpcurl")
    path = grpcurl_folder()
    assert "rpc WatchShowtime" in run(described, ports=ports, variables={}, path=path)
    answers = [json.loads(run(query, ports=ports, variables=variables, path=path)) for query in queries]
    listed, shown, reservation, reservations, health = answers
    assert 1 <= len(listed["showtimes"]) <= 2
    assert (shown["showtime_id"], shown["sequence"]) == (showtime.id, 7)
    assert reservation["movie_title"] == "Inception"
    assert [found["reservation_id"] for found in reservations["reservations"]] == [variables["RESERVATION"]]
    assert health == {"status": "SERVING"}
    with running(watch, ports=ports, variables=variables, path=path) as process:
        assert '  "to_sequence": 7,' in lines(process)
