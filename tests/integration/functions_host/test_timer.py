"""Timer functions on the local host."""

from pathlib import Path

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
