"""Where the command line has its settings from: the environment, else a file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.settings_file import apply_settings_file
from shared.settings import SettingsError

pytestmark = pytest.mark.unit

URL = "REPORTING_DATABASE_URL"


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """What is taken over from a file is gone after the test; nothing is set before it."""
    before = dict(os.environ)
    os.environ.pop(URL, None)
    yield
    os.environ.clear()
    os.environ.update(before)


def a_file(folder: Path, text: str, *, name: str = "settings.json") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_files_values_become_settings(tmp_path: Path) -> None:
    apply_settings_file(a_file(tmp_path, '{"IsEncrypted": false, "Values": {"REPORTING_DATABASE_URL": "a"}}'))
    assert os.environ[URL] == "a"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    os.environ[URL] = "mine"
    apply_settings_file(a_file(tmp_path, '{"Values": {"REPORTING_DATABASE_URL": "a"}}'))
    assert os.environ[URL] == "mine"


def test_an_empty_variable_is_none(tmp_path: Path) -> None:
    os.environ[URL] = ""
    apply_settings_file(a_file(tmp_path, '{"Values": {"REPORTING_DATABASE_URL": "a"}}'))
    assert os.environ[URL] == "a"


def test_the_file_of_the_functions_is_read_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_file(tmp_path, '{"Values": {"REPORTING_DATABASE_URL": "a"}}', name="local.settings.json")
    monkeypatch.chdir(tmp_path)
    apply_settings_file(None)
    assert os.environ[URL] == "a"


def test_without_any_file_the_environment_is_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    apply_settings_file(None)
    assert URL not in os.environ


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"missing\.json can't be read"):
        apply_settings_file(tmp_path / "missing.json")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"Settings": {}}', '{"Values": []}', '{"Values": {"SECRET": {"key": "hunter2"}}}'],
)
def test_what_is_no_settings_file_is_told_in_one_line_without_its_values(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"settings\.json is no settings file") as caught:
        apply_settings_file(a_file(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_text_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="can't be read"):
        apply_settings_file(file)
