"""`cinema projection-failures …`: what a person sees, and what becomes of the events and of the views."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from cli.__main__ import app
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.projector import open_projector
from shared.contracts import events as published
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from shared.settings import ProjectorSettings
from tests.builders.published_events import ShowtimeHistory

pytestmark = pytest.mark.integration

NEWER = "cinema.reservation.created.v9"
COMMAND = "projection-failures"


@pytest.fixture(autouse=True)
def environment(settings: ProjectorSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONGO_URL", settings.mongo_url)
    monkeypatch.setenv("MONGO_DATABASE", settings.mongo_database)
    monkeypatch.setenv("REDIS_URL", settings.redis_url)
    monkeypatch.setenv("COLUMNS", "80")


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [COMMAND, *arguments], input=typed)


def says(*arguments: str, typed: str = "") -> str:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def project(settings: ProjectorSettings, events: Sequence[ReceivedEvent]) -> None:
    with open_projector(settings) as projector:
        projector(events)


def listed() -> list[dict[str, object]]:
    return json.loads(says("list", "--json"))["projectionFailures"]


@pytest.fixture
def history(settings: ProjectorSettings) -> ShowtimeHistory:
    """A showtime of which a reservation came in a version that nobody knows."""
    history = ShowtimeHistory()
    history.created()
    held = history.held("c", ("A", 1))
    body = held.body.replace(b"cinema.reservation.created.v1", NEWER.encode())
    parked = ReceivedEvent(body=body, partition="3", position=17, published=held.published)
    project(settings, [history.events[0], parked])
    return history


@pytest.fixture
def newer_release(history: ShowtimeHistory, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, after the event was parked, its version is known."""
    del history
    known = {**published.EVENT_BY_WIRE_TYPE, NEWER: published.ReservationCreated}
    monkeypatch.setattr("shared.contracts.event_data.EVENT_BY_WIRE_TYPE", known)


def claims(settings: ProjectorSettings, history: ShowtimeHistory) -> dict[str, object]:
    identity = str(history.showtime_id)
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        store = MongoViewStore(client[settings.mongo_database], generation=FIRST_GENERATION)
        return dict(store.load(ShowtimeDocument, [identity])[identity].claims)


def test_without_failures_it_says_so() -> None:
    assert says("list") == "There are no projection failures.\n"
    assert says("replay", "--all") == "0 events projected, 0 failed again.\n"


def test_a_failure_is_told_with_its_place_stream_and_reason_and_nothing_else_of_it(
    history: ShowtimeHistory,
) -> None:
    told = says("list")
    for part in ("3:17", "1×", f"showtime:{history.showtime_id} #2", NEWER, "unknown event type"):
        assert part in told
    everything = told + says("list", "--json")
    assert "customerId" not in everything
    assert max(len(line) for line in told.splitlines()) <= 80


def test_what_is_no_event_of_ours_is_printed_as_it_is(settings: ProjectorSettings) -> None:
    project(settings, [ReceivedEvent(body=b"[red]x", partition="0", position=1, published=None)])
    assert "no event of ours" in says("list")
    (failure,) = listed()
    assert (failure["streamId"], failure["type"], failure["attempts"]) == (None, None, 1)


def test_pages_lead_from_one_to_the_next(settings: ProjectorSettings) -> None:
    project(
        settings,
        [
            ReceivedEvent(body=b"%d" % number, partition="0", position=number, published=None)
            for number in range(5)
        ],
    )
    found: list[str] = []
    after = ""
    while True:
        page = json.loads(says("list", "--json", "--limit", "2", "--after", after))
        found += [failure["id"] for failure in page["projectionFailures"]]
        if page["nextAfter"] is None:
            break
        after = page["nextAfter"]
        assert f"There are more: --after {found[1]}" in says("list", "--limit", "2")
    assert (len(set(found)), found) == (5, sorted(found))


def test_what_fails_again_stays_and_the_command_ends_with_one(history: ShowtimeHistory) -> None:
    del history
    ended = run("replay", "--all")
    assert ended.exit_code == 1
    assert "0 events projected, 1 failed again." in ended.stdout
    (failure,) = listed()
    assert failure["attempts"] == 2


@pytest.mark.usefixtures("newer_release")
@pytest.mark.parametrize("by_id", [True, False])
def test_once_its_cause_is_mended_an_event_is_projected_and_gone(
    settings: ProjectorSettings, history: ShowtimeHistory, *, by_id: bool
) -> None:
    assert claims(settings, history) == {}
    chosen = str(listed()[0]["id"]) if by_id else "--all"
    assert says("replay", chosen) == "1 event projected, 0 failed again.\n"
    assert list(claims(settings, history)) == ["A-1"]
    assert listed() == []


@pytest.mark.usefixtures("newer_release")
def test_an_id_that_is_not_there_is_named_and_the_others_are_replayed(history: ShowtimeHistory) -> None:
    del history
    ended = run("replay", "nothing", str(listed()[0]["id"]))
    assert ended.exit_code == 1
    assert "1 event projected" in ended.stdout
    assert "There is no projection failure nothing" in ended.stderr


@pytest.mark.parametrize("arguments", [("replay",), ("replay", "--all", "3f"), ("list", "--limit", "0")])
def test_what_can_not_be_meant_is_refused(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("typed", ["n\n", ""])
def test_without_a_yes_nothing_is_forgotten(history: ShowtimeHistory, typed: str) -> None:
    del history
    assert run("discard", str(listed()[0]["id"]), typed=typed).exit_code == 1
    assert len(listed()) == 1


def test_what_is_discarded_is_named_and_gone(history: ShowtimeHistory) -> None:
    failure_id = str(listed()[0]["id"])
    told = says("discard", failure_id, typed="y\n")
    assert f"showtime:{history.showtime_id} #2" in told
    assert f"Forgotten: {failure_id}." in told
    assert listed() == []
