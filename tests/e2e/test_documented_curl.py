"""The curl examples of docs/clients.md, run as they stand there, against the whole stack."""

import json
import shutil
from uuid import uuid4

import pytest

from tests.e2e.box_office import BoxOffice
from tests.e2e.stack_process import StackProcess
from tests.servers.documented import examples, run, running

pytestmark = pytest.mark.e2e


def test_a_booking_by_curl_is_seen_by_curl(stack: StackProcess, box_office: BoxOffice) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl can't be had: there is none here")
    book, *queries, confirm, watch = examples("curl")
    ports = {5005: stack.ports.gateway}
    showtime_id, customer_id = box_office.open_showtime(), str(uuid4())
    variables: dict[str, object] = {"SHOWTIME": showtime_id, "CUSTOMER": customer_id, "KEY": str(uuid4())}
    booked = json.loads(run(book, ports=ports, variables=variables))
    assert json.loads(run(book, ports=ports, variables=variables)) == booked
    variables |= {"RESERVATION": booked["reservationId"], "SEQUENCE": booked["sequence"]}
    reservation, showtime, reservations, _ = (
        json.loads(run(query, ports=ports, variables=variables)) for query in queries
    )
    assert reservation["status"] == "Pending"
    assert showtime["freeSeats"] == 19
    assert [found["reservationId"] for found in reservations["reservations"]] == [booked["reservationId"]]
    assert json.loads(run(confirm, ports=ports, variables=variables))["status"] == "Confirmed"
    with running(watch, ports=ports, variables=variables) as process:
        assert process.stdout is not None
        assert json.loads(next(line for line in process.stdout if line.startswith("data:"))[5:])["totalSeats"]
