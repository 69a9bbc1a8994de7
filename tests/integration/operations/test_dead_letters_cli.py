"""`cinema dead-letters …`: what a person sees, and what becomes of the streams."""

import json

import pytest

from shared.application.outbox.dead_letters import HoldState
from tests.builders.outbox_messages import a_reservation_message, streams_of_one_lane
from tests.integration.operations.command_line import CommandLine
from tests.schemas.documented_client import DocumentedClient
from tests.servers.outbox_database import OutboxDatabase

pytestmark = pytest.mark.integration


def held(outbox: OutboxDatabase, *, times: int = 1, sink: str = "reporting") -> list[int]:
    ids: list[int] = []
    for stream in streams_of_one_lane(times):
        outbox.commit(a_reservation_message(stream))
        ids.append(outbox.hold_first(sink))
    return ids


def state_of(outbox: OutboxDatabase, hold_id: int) -> HoldState:
    return outbox.dead_letters.get(hold_id).state


def test_without_dead_letters_it_says_so(cinema: CommandLine) -> None:
    assert cinema.says("dead-letters", "list") == "There are no dead letters.\n"


def test_a_dead_letter_is_told_with_its_stream_and_reason(
    cinema: CommandLine, outbox: OutboxDatabase
) -> None:
    message = a_reservation_message()
    outbox.commit(message)
    outbox.hold_first("reporting", reason="seats: Field required")
    table = cinema.says("dead-letters", "list")
    for told in ("reporting", "showtime:0 #1", message.type, str(message.event_id), "seats: Field required"):
        assert told in table


def test_what_a_reason_says_is_printed_as_it_is(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    outbox.commit(a_reservation_message())
    outbox.hold_first("reporting", reason="[red]a[/red] [link=x]b")
    assert "[red]a[/red] [link=x]b" in cinema.says("dead-letters", "list")


def test_the_list_can_be_of_one_sink(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    held(outbox)
    assert "showtime:0" in cinema.says("dead-letters", "list", "--sink", "reporting")
    assert cinema.says("dead-letters", "list", "--sink", "reservations") == "There are no dead letters.\n"


def test_as_json_it_says_what_the_function_answers(
    cinema: CommandLine, client: DocumentedClient, outbox: OutboxDatabase
) -> None:
    held(outbox, times=2)
    printed = json.loads(cinema.says("dead-letters", "list", "--json"))
    assert printed == client.send("GET", "/api/ops/dead-letters").json


def test_redriving_resumes_those_that_are_named(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    first, second, third = held(outbox, times=3)
    told = cinema.says("dead-letters", "redrive", str(first), str(third))
    assert told.startswith(f"{first}: reporting goes on with showtime:0 from #1, 1 message waiting.\n")
    assert [state_of(outbox, one) for one in (first, second, third)] == ["Resumed", "Held", "Resumed"]


def test_redriving_what_is_not_there_fails_and_does_the_rest(
    cinema: CommandLine, outbox: OutboxDatabase
) -> None:
    (hold_id,) = held(outbox)
    result = cinema.run("dead-letters", "redrive", "999", str(hold_id))
    assert (result.exit_code, result.stderr) == (1, "There is no dead letter 999\n")
    assert state_of(outbox, hold_id) is HoldState.RESUMED


def test_all_can_be_redriven(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    ids = held(outbox, times=3)
    assert cinema.says("dead-letters", "redrive", "--all").endswith("3 dead letters resumed.\n")
    assert {state_of(outbox, one) for one in ids} == {HoldState.RESUMED}
    assert cinema.says("dead-letters", "redrive", "--all") == "0 dead letters resumed.\n"


def test_all_of_one_sink_can_be_redriven(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    (reporting,), (hub,) = held(outbox), held(outbox, sink="domain-events")
    cinema.says("dead-letters", "redrive", "--all", "--sink", "domain-events")
    assert (state_of(outbox, reporting), state_of(outbox, hub)) == ("Held", "Resumed")


@pytest.mark.parametrize(
    "arguments",
    [
        ("redrive",),
        ("redrive", "1", "--all"),
        ("redrive", "1", "--sink", "reporting"),
        ("redrive", "one"),
        ("redrive", "0"),
        ("redrive", "--all", "--sink", "kitchen"),
        ("discard",),
        ("discard", "1", "2"),
        ("list", "--sink", "kitchen"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    cinema: CommandLine, outbox: OutboxDatabase, arguments: tuple[str, ...]
) -> None:
    (hold_id,) = held(outbox)
    assert cinema.run("dead-letters", *arguments).exit_code == 2
    assert state_of(outbox, hold_id) is HoldState.HELD


def test_discarding_asks_and_names_what_is_left_out(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    message = a_reservation_message()
    outbox.commit(message)
    hold_id = outbox.hold_first("reporting")
    told = cinema.says("dead-letters", "discard", str(hold_id), typed="y\n")
    assert f"Left out for reporting: event {message.event_id}, showtime:0 #1." in told
    assert outbox.pending("reporting") == []


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_discarded(cinema: CommandLine, outbox: OutboxDatabase, typed: str) -> None:
    (hold_id,) = held(outbox)
    assert cinema.run("dead-letters", "discard", str(hold_id), typed=typed).exit_code == 1
    assert state_of(outbox, hold_id) is HoldState.HELD


def test_with_yes_it_does_not_ask(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    (hold_id,) = held(outbox)
    cinema.says("dead-letters", "discard", str(hold_id), "--yes")
    assert len(outbox.dead_letters.discards(limit=10)) == 1


def test_what_was_left_out_is_listed(cinema: CommandLine, outbox: OutboxDatabase) -> None:
    assert cinema.says("dead-letters", "discarded") == "Nothing was left out.\n"
    held_ids = held(outbox, times=2)
    for hold_id in held_ids:
        outbox.discard(hold_id)
    table = cinema.says("dead-letters", "discarded")
    assert max(len(line) for line in table.splitlines()) <= 80
    first, second = json.loads(cinema.says("dead-letters", "discarded", "--json"))["discards"]
    for gap in (first, second):
        assert f"{gap['streamId']} #1" in table
        assert gap["eventId"] in table
