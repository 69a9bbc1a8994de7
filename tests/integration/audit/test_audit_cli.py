"""`cinema audit` as a process of its own: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.integration.audit.processes import cinema
from tests.servers.audited_stack import AuditedStack

pytestmark = [
    pytest.mark.integration,
    pytest.mark.full,
]  # an audit takes seconds: the SDK opens and closes each receiver


def test_a_healthy_cinema_ends_with_zero(stack: AuditedStack, tmp_path: Path) -> None:
    ended = cinema(tmp_path, "audit", **stack.variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("All is well with 3 streams.\n")
    (row,) = (line.split() for line in ended.stdout.splitlines() if "domain-events" in line)
    # Station, checked, waiting, discarded, repeats, too old, findings.
    assert row == ["domain-events", "9", "0", "0", "0", "0", "0"]
    assert max(len(line) for line in ended.stdout.splitlines()) <= 80


def test_what_is_wrong_is_told_in_a_line_each_and_ends_with_one(stack: AuditedStack, tmp_path: Path) -> None:
    stack.change("reporting", "DELETE FROM EventLog WHERE Sequence IN (3, 4, 6)")
    stack.change("reporting", "UPDATE ShowtimeFacts SET SeatsSold = 7")
    ended = cinema(tmp_path, "audit", "--most", "1", **stack.variables)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert f"event-log: missing: {stack.stream} #3–4 #6\n" in ended.stdout
    assert f"facts: differs: {stack.stream} (SeatsSold is 7, by its events " in ended.stdout
    assert ended.stdout.endswith("2 findings, 3 streams.\n")


def test_as_json_it_says_everything(stack: AuditedStack, tmp_path: Path) -> None:
    stack.change("reporting", "DELETE FROM EventLog WHERE Sequence IN (3, 4, 6)")
    ended = cinema(tmp_path, "audit", "--json", **stack.variables)
    report = json.loads(ended.stdout)
    assert (ended.returncode, report["allIsWell"], report["streams"]) == (1, False, 3)
    assert report["stations"]["event-log"]["checked"] == 6
    assert report["findings"] == [
        {
            "kind": "missing",
            "station": "event-log",
            "streamId": stack.stream,
            "subject": "",
            "spans": [[3, 4], [6, 6]],
            "detail": "",
        }
    ]


def test_a_part_that_does_not_answer_is_told_in_one_line(stack: AuditedStack, tmp_path: Path) -> None:
    stack.emulator.kill()
    ended = cinema(tmp_path, "audit", "--json", **{**stack.variables, "AUDIT_HUB_SECONDS": "3"})
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith("domain-events can't be read: ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EventHub", ""),
        ("EventHub", "nonsense"),
        ("MONGO_URL", ""),
        ("MONGO_URL", "http://localhost"),
        ("REPORTING_DATABASE_URL", "mysql://localhost/cinema"),
        ("AUDIT_PATIENCE_SECONDS", "-1"),
        ("HUB_PROTOCOL", "kafka"),
    ],
)
def test_a_wrong_setting_ends_with_two(
    stack: AuditedStack, tmp_path: Path, variable: str, value: str
) -> None:
    ended = cinema(tmp_path, "audit", **{**stack.variables, variable: value})
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert variable in ended.stderr


def test_a_wrong_command_ends_with_two(tmp_path: Path) -> None:
    assert cinema(tmp_path, "audit", "--most", "0").returncode == 2
