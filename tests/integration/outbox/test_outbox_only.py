"""The outbox for another domain: the example of docs/take-only-the-outbox.md, as it stands there."""

import ast
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from runpy import run_path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from shared.application.outbox.master import SinkPlan
from shared.bootstrap.outbox_master import open_outbox_master
from shared.infrastructure.eventhub.hub_sink import HubSink
from shared.infrastructure.eventhub.producer_client import connect_with
from shared.settings import OutboxSettings
from tests.integration.eventhubs.emulator import Emulator
from tests.servers.hub_log import read_hub
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.running_master import until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "outbox_only.py"
DOCUMENT = ROOT / "docs" / "take-only-the-outbox.md"
PARTITIONS = 2


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    chosen: str = request.getfixturevalue("postgres_url")
    return chosen


@pytest.fixture
def shop(url: str) -> dict[str, Any]:
    """The example's names, and its table in a database that has an outbox."""
    names = run_path(str(EXAMPLE))
    database = OutboxDatabase(url)
    names["shop"].create_all(database.engine)
    return {**names, "database": database}


def run_example(url: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, EXAMPLE, url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_example_carries_an_orders_events_in_order(url: str) -> None:
    placed, paid = run_example(url)
    assert [event["type"] for event in (placed, paid)] == ["shop.order.placed.v1", "shop.order.paid.v1"]
    assert [event["sequence"] for event in (placed, paid)] == [1, 2]
    assert placed["partitionkey"] == paid["partitionkey"] == f"order:{placed['data']['orderId']}"


def test_a_second_run_carries_nothing_again(url: str) -> None:
    first, second = run_example(url), run_example(url)
    assert len({event["id"] for event in first + second}) == 4


def test_it_needs_the_outboxs_tables_and_its_own_alone(url: str) -> None:
    run_example(url)
    database = OutboxDatabase(url)
    strangers = {name for name in inspect(database.engine).get_table_names() if not name.startswith("Outbox")}
    database.close()
    assert strangers == {"Orders"}


def test_the_command_line_shows_sinks_that_it_never_heard_of(url: str) -> None:
    run_example(url)
    done = subprocess.run(
        [sys.executable, "-m", "cli", "outbox", "status", "--json"],
        cwd=ROOT,
        env={**os.environ, "WRITE_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    (sink,) = json.loads(done.stdout)["sinks"]
    assert (sink["sink"], sink["pending"]["count"], sink["delivered"]) == ("warehouse", 0, 2)


def test_an_order_that_is_rolled_back_leaves_no_event(shop: dict[str, Any]) -> None:
    database: OutboxDatabase = shop["database"]
    place_order: Callable[..., None] = shop["place_order"]

    class CardRefusedError(Exception):
        pass

    with suppress(CardRefusedError), Session(database.engine) as session, session.begin():
        place_order(session, str(uuid4()), cents=1250)
        raise CardRefusedError
    with database.engine.connect() as connection:
        orders = connection.scalar(select(func.count()).select_from(shop["orders"]))
    assert (orders, database.message_count()) == (0, 0)
    database.close()


async def test_a_hub_is_a_sink_of_other_domains_too(shop: dict[str, Any], tmp_path: Path) -> None:
    database: OutboxDatabase = shop["database"]
    order_id = str(uuid4())
    for change in (shop["place_order"], shop["pay_order"]):
        with Session(database.engine) as session, session.begin():
            change(session, order_id, cents=1250)
    settings = OutboxSettings(write_database_url=database.url)
    with Emulator.start(tmp_path / "hubs", hubs=(f"shop.orders={PARTITIONS}",)) as emulator:
        hub = HubSink(
            "warehouse",
            connect=connect_with(emulator.connection_string, hub="shop.orders"),
            partitions=PARTITIONS,
            send_seconds=settings.send_seconds,
        )
        sinks = {"warehouse": SinkPlan(sink=hub, partitions=PARTITIONS)}
        async with open_outbox_master(settings, sinks=sinks) as master:
            run = asyncio.create_task(master.run(budget_seconds=30))
            await until(lambda: not database.pending("warehouse"))
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
        await hub.aclose()
        published = read_hub(tmp_path / "hubs" / "shop.orders")
    database.close()
    assert [(event.stream_id, event.sequence) for event in published] == [
        (f"order:{order_id}", 1),
        (f"order:{order_id}", 2),
    ]


def test_the_example_is_about_forty_lines_of_code() -> None:
    assert len(lines_of_code(EXAMPLE.read_text())) <= 50


def test_the_document_shows_the_examples_functions_as_they_are() -> None:
    source = EXAMPLE.read_text()
    shown = DOCUMENT.read_text()
    functions = {
        node.name: ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    assert {name for name, text in functions.items() if text not in shown} == {"order_event"}


def test_the_document_lists_the_modules_that_the_example_imports() -> None:
    listing = (
        "import runpy, sys; runpy.run_path(sys.argv[1]);"
        "print(*sorted(m.__file__ for n, m in sys.modules.items() if n.split('.')[0] == 'shared'), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", listing, EXAMPLE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    imported = {Path(line).relative_to(ROOT).as_posix() for line in done.stdout.splitlines()}
    modules = {path for path in imported if not path.endswith("__init__.py")}
    assert modules == {line for line in DOCUMENT.read_text().splitlines() if line.startswith("shared/")}


def lines_of_code(source: str) -> list[int]:
    """The lines that are neither imports, nor text, nor empty."""
    tree = ast.parse(source)
    other: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            assert isinstance(node, ast.stmt)
            other |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), 1)
    return [number for number, line in lines if line.strip() and number not in other]
