"""The reports of a running stack, asked for with the line that the launcher shows."""

import csv
import os
import re
import shlex
import subprocess
import sys
from io import StringIO

import pytest

from tests.e2e.box_office import BoxOffice, eventually
from tests.e2e.stack_process import ROOT, StackProcess

pytestmark = pytest.mark.e2e


def rows_of(stack: StackProcess) -> dict[str, dict[str, str]]:
    """The showtimes' report by showtime, as CSV has it."""
    (line,) = re.findall(r"^ +\S+/cinema (.+ report showtimes)$", stack.printed, flags=re.MULTILINE)
    asked = [sys.executable, "-m", "cli", *shlex.split(line), "--csv", "-"]
    elsewhere = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    told = subprocess.run(asked, cwd=ROOT, env=elsewhere, capture_output=True, encoding="utf-8", check=True)
    return {row["showtime_id"]: row for row in csv.DictReader(StringIO(told.stdout))}


def test_a_sold_seat_is_reported(stack: StackProcess, box_office: BoxOffice) -> None:
    showtime_id = box_office.open_showtime()
    sold = box_office.reserve(showtime_id, ("A", 1), ("A", 2))
    box_office.confirm(sold["reservationId"])
    box_office.reserve(showtime_id, ("B", 1))

    def is_reported() -> bool:
        row = rows_of(stack).get(showtime_id, {})
        return (row.get("seats_sold"), row.get("seats_held"), row.get("occupancy")) == ("2", "1", "0.1")

    eventually(is_reported)
