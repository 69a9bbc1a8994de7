"""The retention as the timer function runs it, wired from the environment."""

import logging
from collections.abc import Iterator
from pathlib import Path

import azure.functions as func
import pytest

from functions.outbox_retention_timer import bp
from shared.bootstrap.outbox_retention import outbox_retention
from shared.settings import RetentionSettings, SettingsError, load
from tests.fakes.outbox_history import Past
from tests.servers.outbox_history import HistoryDatabase

pytestmark = pytest.mark.integration


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HistoryDatabase]:
    database = HistoryDatabase(f"sqlite:///{tmp_path / 'cinema.db'}")
    monkeypatch.setenv("WRITE_DATABASE_URL", f"sqlite:///{tmp_path / 'cinema.db'}")
    outbox_retention.cache_clear()
    yield database
    outbox_retention.cache_clear()
    database.close()


def fire() -> None:
    app = func.FunctionApp()
    app.register_functions(bp)
    (function,) = app.get_functions()
    function.get_user_function()(None)


def test_three_days_are_kept_unless_a_setting_says_otherwise(
    history: HistoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, newer, newest = history.commit(Past(hours=73), Past(hours=71), Past(hours=0))
    fire()
    assert history.remaining() == [newer, newest]
    monkeypatch.setenv("OUTBOX_RETENTION_HOURS", "70")
    outbox_retention.cache_clear()
    fire()
    assert history.remaining() == [newest]


def test_a_run_says_what_it_has_done(history: HistoryDatabase, caplog: pytest.LogCaptureFixture) -> None:
    history.commit(Past(), Past(waiting=["reporting"]))
    with caplog.at_level(logging.INFO):
        fire()
    assert "outbox_messages_forgotten forgotten=1 kept=1 finished=True" in caplog.text


@pytest.mark.parametrize("hours", ["0", "-1", "for ever"])
def test_what_is_no_number_of_hours_is_refused(monkeypatch: pytest.MonkeyPatch, hours: str) -> None:
    monkeypatch.setenv("WRITE_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("OUTBOX_RETENTION_HOURS", hours)
    with pytest.raises(SettingsError, match="OUTBOX_RETENTION_HOURS"):
        load(RetentionSettings)
