"""What `make run` shows, as it is read: on one screen, and in a file."""

import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from local.stack.child import Child
from local.stack.journey import Journey
from local.stack.part import Part
from local.stack.parts import stack_parts
from local.stack.screen import Screen
from local.stack.settings import StackSettings

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
COLUMNS, ROWS = 80, 40
SENT = datetime(2026, 12, 1, 20, tzinfo=UTC)
JOURNEY = Journey(
    showtime_id="7cb6d67c-5d91-4916-bad3-0eb33726e8a9",
    reservation_id="060551b3-9ebc-4dc7-ac72-8ac53454cd28",
    customer_id="a2547a57-2e44-4022-8598-85a5d1adb0b1",
    seats=(("A", 1), ("A", 2)),
    next_seat=("A", 3),
    sent=SENT,
    committed=SENT + timedelta(milliseconds=14),
    published=SENT + timedelta(milliseconds=61),
    projected=SENT + timedelta(milliseconds=90),
    visible=SENT + timedelta(milliseconds=101),
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackSettings:
    monkeypatch.chdir(ROOT)
    return StackSettings(cinema_state_dir=tmp_path)


async def test_a_start_fits_on_one_screen_of_80_by_40(
    settings: StackSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen()
    screen.title("Starting")
    async with httpx.AsyncClient() as client:
        for part in stack_parts(settings, client=client):
            screen.ready(part, seconds=12.3)
    screen.title("A booking's way")
    screen.line("the showtimes of an earlier run are on sale")
    screen.line("of one of them, seats A1 and A2 were booked")
    screen.journey(JOURNEY)
    screen.invitation(StackSettings(), journey=JOURNEY)
    screen.running(logs=StackSettings().state_directory / "logs")
    told = capsys.readouterr().out.splitlines()
    assert max(map(len, told)) <= COLUMNS
    assert len(told) < ROWS  # one row is left for the cursor


async def test_a_restart_is_told_in_three_short_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    child = await Child.spawn(
        Part(name="read service", command=("/bin/sh", "-c", "seq 100; exit 3")), log=tmp_path / "it.log"
    )
    await child.ended()
    screen = Screen()
    screen.died(child, reason=child.end())
    screen.restarted(child, seconds=2.34)
    died, log, back = capsys.readouterr().out.splitlines()
    assert died.endswith("✗ read service exited with code 3, is restarted")
    assert log.strip() == "log: it.log"
    assert back.endswith(f"✓ read service is back after 2.3 s (pid {child.pid})")
    assert max(map(len, (died, log, back))) <= COLUMNS


def test_without_a_terminal_there_are_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    screen.title("Starting")
    screen.ready(Part(name="redis", command=("redis",)), seconds=0.1)
    screen.invitation(StackSettings(), journey=JOURNEY)
    screen.error("what [bold]went[/bold] wrong")
    told, failed = capsys.readouterr()
    assert "[bold]went[/bold]" in failed
    assert not [c for c in told + failed if unicodedata.category(c) == "Cc" and c != "\n"]
