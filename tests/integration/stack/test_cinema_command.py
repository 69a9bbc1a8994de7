"""The line with which people ask the `cinema` command about their stack."""

import json
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack.cinema_command import cinema_command, settings_file, write_settings_file
from local.stack.parts import functions_settings
from local.stack.settings import StackSettings
from migrations.upgrade import upgrade_branch

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
VARIABLES = ("CINEMA_PORT_OFFSET", "CINEMA_STATE_DIR", "WRITE_DATABASE_URL", "REPORTING_DATABASE_URL")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def written(settings: StackSettings) -> Path:
    settings.state_directory.mkdir(parents=True, exist_ok=True)
    write_settings_file(settings, functions_settings(settings))
    return settings_file(settings)


def test_the_ordinary_stack_needs_no_settings_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    line = shlex.split(cinema_command(StackSettings(), "report", "showtimes"))
    assert line[1:] == ["report", "showtimes"]
    databases = {
        name: url for name, url in functions_settings(StackSettings()).items() if "DATABASE_URL" in name
    }
    usual = json.loads((ROOT / "local.settings.json").read_text())["Values"]
    assert {name: url.replace(f"{ROOT}/", "") for name, url in databases.items()} == {
        name: usual[name] for name in databases
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"cinema_port_offset": 1_000},
        {"cinema_state_dir": Path("elsewhere")},
        {"write_database_url": "postgresql://localhost/cinema"},
        {"reporting_database_url": "postgresql://localhost/reporting"},
    ],
)
def test_another_stack_is_named(settings: dict[str, object]) -> None:
    stack = StackSettings.model_validate(settings)
    named = Path(shlex.split(cinema_command(stack, "report"))[2])
    assert named.absolute() == settings_file(stack)


def test_the_file_is_its_owners_alone_even_where_there_was_another(tmp_path: Path) -> None:
    settings = StackSettings(
        cinema_state_dir=tmp_path, write_database_url="postgresql://cinema:secret@db/cinema"
    )
    settings_file(settings).write_text("{}")
    file = written(settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["Values"] == functions_settings(settings)
    assert list(tmp_path.iterdir()) == [file]


def test_the_line_reports_from_the_stacks_own_database(tmp_path: Path) -> None:
    settings = StackSettings(cinema_state_dir=tmp_path / "a state")
    (settings.state_directory / "databases").mkdir(parents=True)
    written(settings)
    upgrade_branch("reporting", url=functions_settings(settings)["REPORTING_DATABASE_URL"])
    program, *arguments = shlex.split(cinema_command(settings, "report", "showtimes"))
    assert program.endswith("cinema")
    told = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "Showtimes, UTC time\nNothing.\n"
