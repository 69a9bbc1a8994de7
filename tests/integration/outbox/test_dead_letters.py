"""From a message that the reporting database refuses to a mended one, by the real master and the operators' functions."""

from typing import Any

import pytest
from sqlalchemy import select, update

from shared.application.outbox.messages import NewMessage
from shared.bootstrap.operations import operations_on
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.outbox_tables import messages
from shared.infrastructure.sql.reporting_tables import event_log
from shared.settings import MasterSettings
from tests.builders.outbox_messages import BoxOffice, unreadable
from tests.integration.eventhubs.emulator import Emulator
from tests.schemas.documented_client import DocumentedClient
from tests.servers.hub_log import read_hub, sequences_by_stream
from tests.servers.outbox_database import OutboxDatabase
from tests.servers.running_master import running_master, until

pytestmark = pytest.mark.integration

LETTERS = "/api/ops/dead-letters"


@pytest.fixture
def client(database: OutboxDatabase, monkeypatch: pytest.MonkeyPatch) -> DocumentedClient:
    return DocumentedClient.operating(
        operations_on(database.engine, max_body_bytes=1_000), monkeypatch=monkeypatch
    )


def mend(database: OutboxDatabase, message: NewMessage) -> None:
    """What a person does: make the stored event one that its type allows."""
    with database.engine.begin() as connection:
        connection.execute(
            update(messages).where(messages.c.EventId == message.event_id).values(Payload=message.payload)
        )


def reported(settings: MasterSettings, stream_id: str) -> list[int]:
    """The sequences of a stream's events that the reporting database has, in the order of their arrival."""
    engine = create_database_engine(settings.reporting_database_url, lock_wait_seconds=5.0, pool_size=1)
    query = select(event_log.c.Sequence).where(event_log.c.StreamId == stream_id).order_by(event_log.c.Id)
    with engine.connect() as connection:
        sequences = list(connection.scalars(query))
    engine.dispose()
    return sequences


def letters(client: DocumentedClient) -> list[dict[str, Any]]:
    return client.send("GET", LETTERS).json["deadLetters"]


def one_sick_event(database: OutboxDatabase) -> tuple[BoxOffice, NewMessage]:
    """A showtime with four events of which the second can't be read, and that second as it should be."""
    office = BoxOffice()
    first, second = office.book(seats=1), office.book(seats=2)
    database.commit(office.opened(), unreadable(first.created), first.confirmed, second.created)
    return office, first.created


async def test_a_mended_message_is_redriven_and_its_stream_arrives_in_order(
    settings: MasterSettings, database: OutboxDatabase, client: DocumentedClient, emulator: Emulator
) -> None:
    office, sound = one_sick_event(database)
    async with running_master(settings):
        await until(lambda: database.in_lanes("reporting") == [] and len(letters(client)) == 1)
        (letter,) = letters(client)
        assert (letter["sink"], letter["streamId"], letter["sequence"]) == ("reporting", office.stream_id, 2)
        assert (letter["eventId"], letter["state"]) == (str(sound.event_id), "Held")
        assert reported(settings, office.stream_id) == [1]
        await until(lambda: not database.pending("domain-events"))
        mend(database, sound)
        assert client.post(f"{LETTERS}/{letter['id']}/redrive").status == 200
        await until(lambda: not letters(client))
        assert client.post(f"{LETTERS}/{letter['id']}/redrive").status == 404
    assert reported(settings, office.stream_id) == [1, 2, 3, 4]
    hub = sequences_by_stream(read_hub(emulator.data / "cinema.domain.events"))
    assert hub == {office.stream_id: [1, 2, 3, 4]}


async def test_a_message_that_is_not_mended_is_refused_again_under_the_same_id(
    settings: MasterSettings, database: OutboxDatabase, client: DocumentedClient
) -> None:
    office, _ = one_sick_event(database)
    async with running_master(settings):
        await until(lambda: len(letters(client)) == 1)
        (letter,) = letters(client)
        client.post(f"{LETTERS}/{letter['id']}/redrive")
        await until(lambda: [one["state"] for one in letters(client)] == ["Held"])
    assert [(one["id"], one["sequence"]) for one in letters(client)] == [(letter["id"], 2)]
    assert reported(settings, office.stream_id) == [1]


async def test_a_discarded_message_is_a_gap_with_a_name_and_the_stream_goes_on(
    settings: MasterSettings, database: OutboxDatabase, client: DocumentedClient
) -> None:
    office, sick = one_sick_event(database)
    async with running_master(settings):
        await until(lambda: len(letters(client)) == 1)
        (letter,) = letters(client)
        gap = client.post(f"{LETTERS}/{letter['id']}/discard", {"eventId": letter["eventId"]}).json
        assert (gap["sink"], gap["sequence"], gap["eventId"]) == ("reporting", 2, str(sick.event_id))
        await until(lambda: not letters(client) and not database.pending("reporting"))
    assert reported(settings, office.stream_id) == [1, 3, 4]
