"""The reporting sink, on every database: each event counts once, in whatever order and however often it comes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, Row, Table, select

from migrations.upgrade import upgrade_branch
from shared.application.outbox.database_threads import DatabaseThreads
from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.messages import NewMessage, OutboxMessage
from shared.application.outbox.ports import Batch, Delivery, Outage, Poison
from shared.contracts.envelope import parse_envelope
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_sink import SqlReportingSink
from shared.infrastructure.sql.reporting_tables import event_log, reservation_facts, showtime_facts
from tests.builders.outbox_messages import BoxOffice, a_message, as_read, unreadable

pytestmark = pytest.mark.contract


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url: str = (
        f"sqlite:///{tmp_path / 'reporting.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_url")
    )
    upgrade_branch("reporting", url=url)
    engine = create_database_engine(url, lock_wait_seconds=5.0, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def sink(engine: Engine) -> Iterator[SqlReportingSink]:
    with ThreadPoolExecutor(2) as executor:
        yield SqlReportingSink(
            engine, threads=DatabaseThreads(executor, answer_seconds=15.0), write_seconds=1.0
        )


def committed(*new: NewMessage) -> list[OutboxMessage]:
    """One stream's messages, as the store would read them."""
    return [as_read(message, id=1000 + place, lane=0, sequence=place) for place, message in enumerate(new, 1)]


async def deliver(sink: SqlReportingSink, messages: Sequence[OutboxMessage]) -> Delivery:
    deadline = LeaseDeadline.starting_now(lease_seconds=15.0)
    return await sink.deliver(Batch(lane=0, messages=messages), deadline=deadline)


def rows(engine: Engine, table: Table) -> Sequence[Row[Any]]:
    with engine.begin() as connection:
        return connection.execute(select(table).order_by(table.c.Id)).all()


def figures(engine: Engine) -> tuple[int, int, int, int, float]:
    (row,) = rows(engine, showtime_facts)
    return row.SeatsHeld, row.SeatsSold, row.SeatsCancelled, row.Capacity, float(row.Occupancy)


def a_day(office: BoxOffice) -> list[OutboxMessage]:
    sold, given_back, refunded, held = (office.book(seats=count) for count in (25, 2, 3, 4))
    return committed(
        office.opened(),
        sold.created,
        sold.confirmed,
        given_back.created,
        given_back.cancelled_while_held,
        refunded.created,
        refunded.confirmed,
        refunded.cancelled_when_sold,
        held.created,
    )


AFTER_THE_DAY = (4, 25, 5, 100, 0.25)


async def test_every_message_is_reported_as_delivered(sink: SqlReportingSink) -> None:
    day = a_day(BoxOffice())
    assert await deliver(sink, day) == Delivery(ids=[message.id for message in day])


async def test_the_archive_has_each_event_as_it_was_published(sink: SqlReportingSink, engine: Engine) -> None:
    day = a_day(BoxOffice())
    await deliver(sink, day)
    archived = rows(engine, event_log)
    assert [row.EventId for row in archived] == [message.event_id for message in day]
    assert [parse_envelope(row.Payload).sequence for row in archived] == list(range(1, len(day) + 1))


async def test_the_figures_of_a_showtime(sink: SqlReportingSink, engine: Engine) -> None:
    await deliver(sink, a_day(BoxOffice(capacity=100)))
    assert figures(engine) == AFTER_THE_DAY
    (row,) = rows(engine, showtime_facts)
    assert (row.MovieTitle, row.AuditoriumId, row.Status) == ("千と千尋の神隠し", "odeon-1", "Scheduled")


async def test_a_reservation_has_one_row_with_its_newest_state(
    sink: SqlReportingSink, engine: Engine
) -> None:
    booking = BoxOffice().book(seats=2)
    await deliver(sink, committed(booking.created, booking.confirmed))
    (row,) = rows(engine, reservation_facts)
    assert (row.Status, row.Version, row.Seats, row.CancelledAt) == ("Confirmed", 2, 2, None)
    assert row.ConfirmedAt == booking.confirmed.occurred_at


@pytest.mark.parametrize("seed", range(5))
async def test_duplicates_and_reorders_change_no_figure(
    sink: SqlReportingSink, engine: Engine, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 repeatable on purpose
    day = a_day(BoxOffice(capacity=100))
    repeated = chance.sample([*day, *day, *day], 3 * len(day))
    while repeated:
        size = chance.randint(1, 6)
        batch = {message.id: message for message in repeated[:size]}
        await deliver(sink, list(batch.values()))
        repeated = repeated[size:]
    assert figures(engine) == AFTER_THE_DAY
    assert len(rows(engine, event_log)) == len(day)
    assert {(row.Status, row.Seats) for row in rows(engine, reservation_facts)} == {
        ("Confirmed", 25),
        ("Cancelled", 2),
        ("Cancelled", 3),
        ("Pending", 4),
    }


async def test_seats_count_before_the_showtimes_own_event(sink: SqlReportingSink, engine: Engine) -> None:
    await deliver(sink, committed(BoxOffice().book(seats=3).created))
    assert figures(engine) == (3, 0, 0, 0, 0.0)


async def test_movies_are_archived_and_counted_nowhere(sink: SqlReportingSink, engine: Engine) -> None:
    await deliver(sink, committed(a_message()))
    assert len(rows(engine, event_log)) == 1
    assert rows(engine, showtime_facts) == []


async def test_without_time_left_nothing_is_written(sink: SqlReportingSink, engine: Engine) -> None:
    over = LeaseDeadline.starting_now(lease_seconds=0.5)
    delivery = await sink.deliver(Batch(lane=0, messages=a_day(BoxOffice())), deadline=over)
    assert delivery == Delivery(ids=[])
    assert rows(engine, event_log) == []


async def test_a_database_that_can_not_be_had_is_an_outage(tmp_path: Path) -> None:
    lost = create_database_engine(
        f"sqlite:///{tmp_path}/gone/reporting.db", lock_wait_seconds=0.1, pool_size=1
    )
    with ThreadPoolExecutor(1) as executor:
        sink = SqlReportingSink(
            lost, threads=DatabaseThreads(executor, answer_seconds=15.0), write_seconds=1.0
        )
        delivery = await deliver(sink, a_day(BoxOffice()))
    lost.dispose()
    assert delivery.ids == []
    assert delivery.failure is not None


@pytest.mark.parametrize("place", [0, 1, 4, 8])
async def test_a_message_that_can_not_be_read_is_poison_and_all_before_it_is_recorded(
    sink: SqlReportingSink, engine: Engine, place: int
) -> None:
    day = a_day(BoxOffice())
    day[place] = unreadable(day[place])
    delivery = await deliver(sink, day)
    assert isinstance(delivery.failure, Poison)
    assert delivery.failure.message_id == day[place].id
    assert delivery.ids == [message.id for message in day[:place]]
    assert len(rows(engine, event_log)) == place


async def test_a_message_whose_place_another_event_has_is_poison(
    sink: SqlReportingSink, engine: Engine
) -> None:
    office = BoxOffice()
    first, second = (committed(office.book(seats=1).created)[0] for _ in range(2))
    await deliver(sink, [first])
    delivery = await deliver(sink, [second])
    assert isinstance(delivery.failure, Poison)
    assert delivery.failure.message_id == second.id
    assert len(rows(engine, event_log)) == 1


@pytest.mark.full
async def test_what_the_database_can_not_keep_is_poison(postgres_url: str) -> None:
    """PostgreSQL has no text with a NUL in it."""
    upgrade_branch("reporting", url=postgres_url)
    database = create_database_engine(postgres_url, lock_wait_seconds=5.0, pool_size=1)
    sound, opened = committed(BoxOffice().book(seats=1).created, BoxOffice().opened())
    sick = replace(opened, payload=opened.payload.replace("千と千尋の神隠し", "\\u0000"))
    with ThreadPoolExecutor(1) as executor:
        sink = SqlReportingSink(
            database, threads=DatabaseThreads(executor, answer_seconds=15.0), write_seconds=1.0
        )
        delivery = await deliver(sink, [sound, sick])
    database.dispose()
    assert isinstance(delivery.failure, Poison)
    assert (delivery.ids, delivery.failure.message_id) == ([sound.id], sick.id)
    assert "NUL" in delivery.failure.reason


async def test_a_database_that_falls_silent_is_an_outage(engine: Engine) -> None:
    let_go = Event()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(let_go.wait, 30)  # as a statement does that gets no answer
        sink = SqlReportingSink(
            engine, threads=DatabaseThreads(executor, answer_seconds=0.2), write_seconds=1.0
        )
        delivery = await deliver(sink, a_day(BoxOffice()))
        let_go.set()
    assert delivery.ids == []
    assert isinstance(delivery.failure, Outage)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_a_moved_and_cancelled_showtime_is_reported_as_it_is_now(
    sink: SqlReportingSink, engine: Engine, order: Sequence[int]
) -> None:
    office = BoxOffice()
    opened, *_ = events = committed(office.opened(), office.moved(days=3), office.called_off(days=3))
    for place in order:
        await deliver(sink, [events[place]])
    (row,) = rows(engine, showtime_facts)
    assert (row.Status, row.Version) == ("Cancelled", 3)
    assert row.ScreeningTime == opened.occurred_at + timedelta(days=3)
