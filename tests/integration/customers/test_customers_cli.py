"""`cinema customers …`: what it asks, prints and refuses, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app
from shared.application.customers.erasure import LiveBookingsError
from tests.builders.reservations import a_customer
from tests.integration.customers.booked_cinema import BookedCinema

pytestmark = [pytest.mark.integration, pytest.mark.parametrize("booked", ["sqlite"], indirect=True)]
Run = Callable[..., Result]


@pytest.fixture
def run(booked: BookedCinema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line with the settings of the cinema, in a folder without settings files."""
    monkeypatch.chdir(tmp_path)
    for name, value in booked.settings.model_dump().items():
        monkeypatch.setenv(name.upper(), str(value))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object, typed: str = "") -> Result:
        return CliRunner().invoke(app, ["customers", *map(str, arguments)], input=typed)

    return run


def a_past_customer(booked: BookedCinema) -> UUID:
    """One whose only booking was given back."""
    customer = a_customer()
    booked.cinema.cancel(booked.hold(customer))
    booked.settle()
    return customer


@pytest.mark.parametrize("command", ["where", "forget"])
def test_what_is_no_uuid_is_refused(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    ended = run(command, "Jan Novák")
    assert ended.exit_code == 2
    assert "Invalid value for '{CUSTOMER}'" in ended.stderr or "Invalid value for 'CUSTOMER'" in ended.stderr


@pytest.mark.parametrize("arguments", [("where",), ("forget",)])
def test_of_an_unknown_customer_nothing_is_held_and_nothing_is_asked(
    run: Run, arguments: tuple[str, ...]
) -> None:
    customer = uuid4()
    ended = run(*arguments, customer)
    assert (ended.exit_code, ended.stdout) == (0, f"Nothing holds the customer {customer}.\n")


def test_it_tells_where_a_customer_is_named(booked: BookedCinema, run: Run) -> None:
    customer = a_past_customer(booked)
    told = json.loads(run("where", customer, "--json").stdout)
    assert told == {
        "customerId": str(customer),
        "total": 10,
        "underWay": False,
        "stations": {
            "customers": 1,
            "reservations": 1,
            "answers": 2,
            "outbox": 2,
            "event-log": 2,
            "views": 1,
            "projection-failures": 0,
            "cache": 1,
        },
    }
    rows = dict(line.split() for line in run("where", customer).stdout.splitlines() if len(line.split()) == 2)
    assert (rows["outbox"], rows["views"], rows["projection-failures"]) == ("2", "1", "0")


def test_who_does_not_confirm_changes_nothing(booked: BookedCinema, run: Run) -> None:
    customer = a_past_customer(booked)
    assert run("forget", customer, typed="n\n").exit_code == 1
    assert booked.naming(customer) != []


def test_once_confirmed_the_customer_is_forgotten_for_good(booked: BookedCinema, run: Run) -> None:
    customer = a_past_customer(booked)
    ended = run("forget", customer, typed="y\n")
    assert ended.exit_code == 0
    assert "Forgotten, in 2 rounds." in ended.stdout
    assert booked.naming(customer) == []
    assert run("forget", customer).stdout == f"Nothing holds the customer {customer}.\n"


def test_as_json_it_says_what_was_rewritten_and_not_by_what(booked: BookedCinema, run: Run) -> None:
    customer = a_past_customer(booked)
    ended = run("forget", customer, "--yes", "--json")
    told = json.loads(ended.stdout)
    assert told == {
        "customerId": str(customer),
        "rewritten": {"reservations": 1, "answers": 2, "outbox": 2, "event-log": 2, "views": 1},
        "rounds": 2,
    }


def test_bookings_that_are_not_over_are_refused_by_name(booked: BookedCinema, run: Run) -> None:
    customer = a_customer()
    held = booked.hold(customer)
    booked.settle()
    ended = run("forget", customer, "--yes")
    assert isinstance(ended.exception, LiveBookingsError)
    assert str(held) in str(ended.exception)
    assert "--also-live" in str(ended.exception)
    assert run("forget", customer, "--yes", "--also-live").exit_code == 0
    assert booked.naming(customer) == []


def test_one_that_is_under_way_is_told_of(booked: BookedCinema, run: Run) -> None:
    customer = a_customer()
    booked.cinema.cancel(booked.hold(customer))
    ended = run("forget", customer, "--yes")
    assert "still wait" in str(ended.exception)
    assert json.loads(run("where", customer, "--json").stdout)["underWay"]
    assert "run `cinema customers forget` again" in run("where", customer).stdout
    booked.settle()
    assert run("forget", customer, "--yes").exit_code == 0
    assert booked.naming(customer) == []
