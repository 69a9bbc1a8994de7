"""Timer functions on the local host."""

import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.e2e.box_office import eventually
from tests.integration.functions_host.host_process import running_host, write_app

pytestmark = pytest.mark.integration

APP = """
@app.timer_trigger(arg_name="timer", schedule="%WHEN%")
async def tick(timer: func.TimerRequest) -> None:
    with (here / "ticks").open("a") as ticks:
        ticks.write("start\\n")
        await asyncio.sleep(1.2)
        ticks.write("end\\n")
    raise ValueError("a failing run")
"""


def test_a_timer_runs_one_at_a_time_and_goes_on_after_a_failure(tmp_path: Path) -> None:
    with running_host(write_app(tmp_path, APP, settings={"WHEN": "* * * * * *"})) as host:
        eventually(lambda: len(host.written("ticks")) >= 6)
    lines = host.written("ticks")
    assert lines[:6] == ["start", "end"] * 3
    assert "Exception while executing function: Functions.tick" in host.output


def test_a_stop_waits_for_the_running_function(tmp_path: Path) -> None:
    with running_host(write_app(tmp_path, APP, settings={"WHEN": "* * * * * *"})) as host:
        eventually(lambda: host.written("ticks") != [])
    lines = host.written("ticks")
    assert lines.count("start") == lines.count("end")


RARE = """
@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *", MORE)
def nightly(timer: func.TimerRequest) -> None:
    status = timer.schedule_status
    with (here / "runs").open("a") as runs:
        runs.write(f"{timer.past_due} {status.get('Last', '')} {status.get('Next', '')}\\n")

@app.route("a")
def a(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("a")
"""
NIGHT = timedelta(days=1)


def a_status(root: Path, *, last: datetime) -> None:
    """What an earlier host kept of the timer."""
    (root / "state/timers").mkdir(parents=True)
    moments = {"Last": last, "Next": last + NIGHT, "LastUpdated": last}
    status = {name: moment.isoformat() for name, moment in moments.items()}
    (root / "state/timers/nightly.json").write_text(json.dumps(status))


def kept_status(root: Path) -> dict[str, datetime]:
    stored: dict[str, str] = json.loads((root / "state/timers/nightly.json").read_text())
    return {name: datetime.fromisoformat(moment) for name, moment in stored.items()}


def last_three() -> datetime:
    """Three in the morning, some days ago."""
    return datetime.now(UTC).replace(hour=3, minute=0, second=0, microsecond=0) - 3 * NIGHT


def test_runs_missed_while_no_host_ran_become_one_run_at_the_start_that_is_past_due(tmp_path: Path) -> None:
    last = last_three()
    a_status(tmp_path, last=last)
    root = write_app(tmp_path, RARE.replace("MORE", ""))
    with running_host(root) as host:
        eventually(lambda: kept_status(root)["Last"] > last)
    assert host.written("runs") == [f"True {last.isoformat()} {(last + NIGHT).isoformat()}"]
    with running_host(root) as again:
        httpx.post(f"{again.url}/admin/functions/nightly", json={}, trust_env=False, timeout=20)
        eventually(lambda: len(again.written("runs")) > 1)
    assert [run.split()[0] for run in again.written("runs")] == ["True", "False"], "it was due again"
    assert kept_status(root)["Next"] > datetime.now(UTC)


def test_a_timer_without_a_monitor_knows_of_no_earlier_run(tmp_path: Path) -> None:
    a_status(tmp_path, last=last_three())
    source = RARE.replace("MORE", "use_monitor=False, run_on_startup=True")
    with running_host(write_app(tmp_path, source)) as host:
        eventually(lambda: host.written("runs") != [])
    assert host.written("runs") == ["False  "]


def test_the_first_start_keeps_when_a_timer_is_due_and_runs_nothing(tmp_path: Path) -> None:
    root = write_app(tmp_path, RARE.replace("MORE", ""))
    with running_host(root) as host:
        eventually((root / "state/timers/nightly.json").exists)
    kept = kept_status(root)
    assert host.written("runs") == []
    assert kept["LastUpdated"] < kept["Next"] <= kept["LastUpdated"] + NIGHT


HOLDS = """
@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *", use_monitor=False, run_on_startup=True)
async def holds(timer: func.TimerRequest) -> None:
    (here / "runs").open("a").write("run\\n")
    await asyncio.Event().wait()
"""


def test_a_timer_fires_in_one_of_two_hosts_and_in_the_other_when_that_is_gone(tmp_path: Path) -> None:
    root = write_app(tmp_path, HOLDS)
    with running_host(root) as first:
        eventually(lambda: first.written("runs") == ["run"])
        with running_host(root) as second:
            assert second.written("runs") == ["run"]
            first.process.kill()
            eventually(lambda: second.written("runs") == ["run", "run"])
            second.process.kill()


def test_ctrl_c_ends_the_host_though_a_function_goes_on_for_ever(tmp_path: Path) -> None:
    with running_host(write_app(tmp_path, HOLDS)) as host:
        eventually(lambda: host.written("runs") == ["run"])
        host.process.send_signal(signal.SIGINT)
        assert host.process.wait(timeout=30) == 0


def test_a_function_that_runs_for_too_long_ends_the_host_which_names_it(tmp_path: Path) -> None:
    root = write_app(tmp_path, HOLDS, host={"functionTimeout": "00:00:01"})
    with running_host(root) as host:
        assert host.process.wait(timeout=30) == 1
    assert "The host ends: Functions.holds ran for longer than functionTimeout, 1 s" in host.output


def test_a_timer_that_returns_something_fails(tmp_path: Path) -> None:
    source = HOLDS.replace("await asyncio.Event().wait()", "return 1")
    with running_host(write_app(tmp_path, source)) as host:
        eventually(lambda: "holds returned int, it must return nothing" in host.output)
