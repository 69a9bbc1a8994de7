"""`cinema report …` as a process of its own: exit codes, what is on which stream, and where settings come from."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


def cinema(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    """The exit code, and what is on standard output and on standard error."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    ended = subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr


def settings_file(path: Path, **values: str) -> Path:
    path.write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    return path


@pytest.mark.usefixtures("two_showtimes")
def test_a_report_is_on_standard_output_alone(url: str, tmp_path: Path) -> None:
    code, told, complaints = cinema(tmp_path, "report", "showtimes", REPORTING_DATABASE_URL=url)
    assert (code, complaints) == (0, "")
    assert "千と千尋" in told


@pytest.mark.usefixtures("two_showtimes")
def test_csv_is_utf_8_whatever_the_terminal_is(url: str, tmp_path: Path) -> None:
    asked = ("report", "movies", "--csv", "-")
    code, told, _ = cinema(tmp_path, *asked, REPORTING_DATABASE_URL=url, PYTHONIOENCODING="latin-1")
    assert code == 0
    assert "千と千尋の神隠し" in told


@pytest.mark.usefixtures("database")
def test_without_matplotlib_it_says_how_to_get_it(url: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError('no', name='matplotlib')")
    asked = ("report", "movies", "--plot", "movies.png")
    told = cinema(
        tmp_path, *asked, REPORTING_DATABASE_URL=url, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)])
    )
    assert told == (2, "", "pictures need matplotlib, which is missing: pip install '.[plots]'\n")
    assert not (tmp_path / "movies.png").exists()


@pytest.mark.usefixtures("database")
def test_a_table_needs_no_matplotlib(url: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlib.py").write_text("raise ModuleNotFoundError('no', name='matplotlib')")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    assert cinema(tmp_path, "report", "movies", REPORTING_DATABASE_URL=url, PYTHONPATH=path)[0] == 0


def test_no_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    code, told, complaints = cinema(tmp_path, "report", "hours", REPORTING_DATABASE_URL="sqlite:///none.db")
    assert (code, told, complaints.count("\n")) == (1, "", 1)
    assert complaints.startswith(
        "the reporting database is not migrated, run the migrations: there is no file"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_answer_is_told_in_one_line(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    code, told, complaints = cinema(tmp_path, "report", "hours", REPORTING_DATABASE_URL=url)
    assert (code, told, complaints.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REPORTING_DATABASE_URL", ""), ("REPORTING_DATABASE_URL", "x"), ("CINEMA_TIME_ZONE", "Mars/Base")],
)
def test_a_wrong_setting_is_named(url: str, tmp_path: Path, variable: str, value: str) -> None:
    settings = {"REPORTING_DATABASE_URL": url, variable: value}
    code, told, complaints = cinema(tmp_path, "report", "hours", **settings)
    assert (code, told, complaints.count("\n")) == (2, "", 1)
    assert variable in complaints


@pytest.mark.usefixtures("two_showtimes")
def test_settings_come_from_the_environment_then_from_the_file_that_is_named_then_from_the_folders(
    url: str, tmp_path: Path
) -> None:
    asked = ("report", "showtimes", "--csv", "-")
    settings_file(tmp_path / "local.settings.json", REPORTING_DATABASE_URL=url, CINEMA_TIME_ZONE="Asia/Tokyo")
    named = settings_file(
        tmp_path / "other.json", REPORTING_DATABASE_URL=url, CINEMA_TIME_ZONE="Asia/Kathmandu"
    )
    of_the_folder = cinema(tmp_path, *asked)
    of_the_file = cinema(tmp_path, "--settings", str(named), *asked)
    of_the_variable = cinema(tmp_path, *asked, CINEMA_SETTINGS=str(named))
    of_the_environment = cinema(tmp_path, "--settings", str(named), *asked, CINEMA_TIME_ZONE="UTC")
    assert "T21:00:00.123456+09:00" in of_the_folder[1]
    assert "T17:45:00.123456+05:45" in of_the_file[1]
    assert of_the_variable == of_the_file
    assert "T12:00:00.123456+00:00" in of_the_environment[1]


def test_a_file_that_is_no_settings_file_is_told_in_one_line(tmp_path: Path) -> None:
    named = tmp_path / "settings.json"
    named.write_text('{"Values": {"MASTER_COUNT": 1}}')
    code, told, complaints = cinema(tmp_path, "--settings", str(named), "report", "hours")
    assert (code, told, complaints.count("\n")) == (2, "", 1)
    assert f"{named} is no settings file" in complaints
