"""`cinema outbox status`, and what every command says when it can't be carried out."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.builders.outbox_messages import a_message, a_reservation_message
from tests.integration.operations.command_line import CommandLine
from tests.schemas.documented_client import DocumentedClient
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
CINEMA = [sys.executable, "-m", "cli"]


def row_of(table: str, sink: str) -> list[str]:
    (row,) = (line.split() for line in table.splitlines() if line.strip().startswith(sink))
    return row


def variables(**settings: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **settings}


def failure(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """The exit code and the words on standard error of a real process; nothing is printed beside them."""
    ended = subprocess.run(
        [*CINEMA, *arguments],
        cwd=folder,
        env=variables(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


def test_what_waits_is_told_sink_by_sink(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    ids = outbox.commit(a_message(), a_reservation_message())
    lane = outbox.lanes_with_work(sinks=["reservations"])["reservations"][0]
    claim = outbox.claim(sink="reservations", lane=lane, owner="one")
    assert claim is not None
    outbox.settle(claim, delivered=ids[1:], failed=False)
    table = cinema.says("outbox", "status")
    # Sink, pending, oldest, lanes with work, held, dead letters, delivered, per second.
    assert row_of(table, "reporting") == ["reporting", "2", "0.0s", "2", "0", "0", "0", "–"]
    assert row_of(table, "reservations") == ["reservations", "0", "–", "0", "0", "0", "1", "–"]


def test_a_lane_at_work_is_told_with_its_owner(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    outbox.commit(a_reservation_message())
    lane = outbox.lanes_with_work(sinks=["reporting"])["reporting"][0]
    assert outbox.claim(sink="reporting", lane=lane, owner="node-1:42:abc")
    assert f"{lane}  leased by node-1:42:abc" in cinema.says("outbox", "status")


def test_everything_fits_eighty_columns(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    outbox.commit(*(a_reservation_message() for _ in range(1_200)))
    with outbox.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE OutboxLanes SET Delivered = 123456")
    outbox.hold_first("reporting", reason="a word after the other " * 40)
    told = cinema.says("outbox", "status") + cinema.says("dead-letters", "list")
    assert max(len(line) for line in told.splitlines()) <= 80
    assert "…" not in cinema.says("outbox", "status")


def test_as_json_it_says_what_the_function_answers(
    cinema: CommandLine, client: DocumentedClient, outbox: OutboxDatabase
) -> None:
    outbox.commit(a_message(), a_reservation_message())
    printed, answered = (
        json.loads(cinema.says("outbox", "status", "--json")),
        client.send("GET", "/api/ops/outbox").json,
    )
    assert without_moments(printed) == without_moments(answered)


def without_moments(status: dict[str, Any]) -> list[Any]:
    return [{**sink, "oldest": sink["oldest"]["messageId"]} for sink in status["sinks"]]


def test_watching_goes_on_until_it_is_interrupted(outbox: OutboxDatabase, tmp_path: Path) -> None:
    with subprocess.Popen(
        [*CINEMA, "outbox", "status", "--watch", "0.1", "--json"],
        cwd=tmp_path,
        env=variables(WRITE_DATABASE_URL=outbox.url, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        looks = [json.loads(watching.stdout.readline())["at"] for _ in range(3)]
        watching.send_signal(signal.SIGINT)
        _, complaints = watching.communicate(timeout=30)
    assert looks == sorted(set(looks))
    assert (watching.returncode, complaints) == (0, "")


def test_a_database_that_was_not_migrated_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    code, words = failure(tmp_path, "outbox", "status", WRITE_DATABASE_URL="sqlite:///empty.db")
    assert (code, words.count("\n")) == (1, 1)
    assert words.startswith("the write database is not migrated, run the migrations: no such table")


def test_no_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    code, words = failure(tmp_path, "dead-letters", "list", WRITE_DATABASE_URL="sqlite:///cinema.db")
    assert (code, words.count("\n")) == (1, 1)
    assert "there is no file cinema.db" in words
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    code, words = failure(tmp_path, "outbox", "status", WRITE_DATABASE_URL=url)
    assert (code, words.count("\n")) == (1, 1)


@pytest.mark.parametrize("url", ["", "mysql://localhost/cinema", "cinema.db"])
def test_a_wrong_setting_is_named(tmp_path: Path, url: str) -> None:
    code, words = failure(tmp_path, "outbox", "status", WRITE_DATABASE_URL=url)
    assert (code, words.count("\n")) == (2, 1)
    assert "WRITE_DATABASE_URL" in words


def test_a_dead_letter_that_is_not_there_is_told_in_one_line(outbox: OutboxDatabase, tmp_path: Path) -> None:
    asked = ("dead-letters", "discard", "7", "--yes")
    assert failure(tmp_path, *asked, WRITE_DATABASE_URL=outbox.url) == (1, "There is no dead letter 7\n")
