"""A cinema in its real databases, with a master, hubs and a projector that move only when a test says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast
from uuid import UUID

from pymongo import MongoClient
from redis import Redis
from sqlalchemy import Engine, inspect, text

from migrations.upgrade import upgrade
from shared.application.audit.audit import Audit, AuditLimits
from shared.application.audit.examination import AuditedParts
from shared.application.audit.findings import Finding
from shared.application.clock import SystemClock
from shared.application.customers.forget_customer import ForgetCustomer, ForgettingParts, Forgotten
from shared.application.outbox.messages import OutboxMessage
from shared.application.outbox.ports import Claim
from shared.application.outbox.routing import DOMAIN_EVENTS, REPORTING, RESERVATIONS, ROUTES
from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.customers import open_customer_desk
from shared.bootstrap.projector import open_projector
from shared.bootstrap.write_side import build_write_side, sql_write_store
from shared.contracts.documents import ReservationDocument, collection_name
from shared.domain.reservations.reservation import CustomerId
from shared.infrastructure.mongo.mongo_parked_reader import MongoParkedReader
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.sql.audit_reporting_reader import SqlReportingReader
from shared.infrastructure.sql.audit_write_reader import SqlWriteReader
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.reporting_writer import record
from shared.settings import CustomerSettings, ProjectorSettings
from tests.builders.cinema import Cinema, house_settings
from tests.fakes.audited_cinema import PARTITIONS, FakeHubReader
from tests.fakes.clock import FakeClock
from tests.servers.outbox_database import OutboxDatabase

_SEATS = 40


@dataclass
class BookedCinema:
    """`clock` is the write side's; it begins now, so that the showtime of tomorrow is not over."""

    settings: CustomerSettings
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime.now(UTC)))
    projected: int = 0
    taken: int = 0

    @classmethod
    def open(cls, *, write_url: str, reporting_url: str, mongo_url: str, redis_url: str, views: str) -> Self:
        upgrade(write_url=write_url, reporting_url=reporting_url)
        return cls(
            CustomerSettings(
                write_database_url=write_url,
                reporting_database_url=reporting_url,
                mongo_url=mongo_url,
                mongo_database=views,
                redis_url=redis_url,
                customer_patience_seconds=0.3,
            )
        )

    def __post_init__(self) -> None:
        self.outbox = OutboxDatabase(self.settings.write_database_url)
        self.outbox.prepare(partitions=dict.fromkeys(ROUTES, 0))
        self.reporting = create_database_engine(
            self.settings.reporting_database_url, lock_wait_seconds=5.0, pool_size=2
        )
        self.hubs = {sink: FakeHubReader() for sink in (DOMAIN_EVENTS, RESERVATIONS)}
        self.published: list[str] = []
        self.mongo = MongoClient[dict[str, Any]](self.settings.mongo_url)
        self.views = self.mongo[self.settings.mongo_database]
        self.redis = cast(Any, Redis).from_url(self.settings.redis_url)
        side = build_write_side(
            house_settings(self.settings.write_database_url, max_live_holds_per_customer=1_000),
            store=sql_write_store(self.outbox.engine),
            clock=self.clock,
        )
        self.cinema = Cinema(side)
        self.cinema.register_movie()
        n = _SEATS
        self.cinema.register_auditorium(A=n, B=n, C=n, D=n, E=n, F=n, G=n, H=n)
        starts_at = self.clock.now() + timedelta(days=1)
        self.showtime = self.cinema.create_showtime(starts_at=starts_at).state.showtime_id

    def close(self) -> None:
        self.outbox.close()
        self.reporting.dispose()
        self.mongo.close()
        self.redis.close()

    def hold(self, customer: CustomerId) -> UUID:
        """The customer holds a seat that nobody has had."""
        row, number = "ABCDEFGH"[self.taken // _SEATS], 1 + self.taken % _SEATS
        self.taken += 1
        return self.cinema.reserve(self.showtime, f"{row}-{number}", customer=customer).state.reservation_id

    def book_in_every_way(self, customer: CustomerId) -> tuple[UUID, UUID, UUID]:
        """A hold, a ticket, and one that was given back with a word about it."""
        held, sold, freed = self.hold(customer), self.hold(customer), self.hold(customer)
        self.cinema.confirm(sold)
        self.cinema.cancel(freed, note="My father, Jan Novák, is ill")
        return held, sold, freed

    def carry(self) -> None:
        """A master delivers everything that waits."""
        for sink in ROUTES:
            while lanes := self.outbox.lanes_with_work(sinks=[sink]).get(sink):
                for lane in lanes:
                    claim, messages = self.take(sink, lane=lane)
                    self.deliver(claim, messages)

    def take(self, sink: str, *, lane: int) -> tuple[Claim, Sequence[OutboxMessage]]:
        """A master takes a batch in hand."""
        claim = self.outbox.claim(sink=sink, lane=lane, owner="a master")
        assert claim is not None
        return claim, self.outbox.read(claim, limit=1_000).messages

    def deliver(self, claim: Claim, messages: Sequence[OutboxMessage]) -> None:
        """It delivers what it has in hand, and acknowledges it."""
        if claim.sink == REPORTING:
            with self.reporting.begin() as connection:
                record(connection, messages)
        else:
            for message in messages:
                self.hubs[claim.sink].partition_of(message.stream_id).append(message.body.encode())
            if claim.sink == DOMAIN_EVENTS:
                self.published += [message.body for message in messages]
        assert self.outbox.settle(claim, delivered=[message.id for message in messages], failed=False)

    def project(self, *, since: int | None = None) -> None:
        """The projector takes what the hub has; `since` is from where on it reads once more."""
        first = self.projected if since is None else since
        events = [received(body, position=first + at) for at, body in enumerate(self.published[first:])]
        self.projected = len(self.published)
        if events:
            with open_projector(ProjectorSettings.model_validate(self.settings.model_dump())) as project:
                project(events)

    def settle(self) -> None:
        """Everything is delivered and projected."""
        self.carry()
        self.project()

    def desk(self, **changed: object) -> Any:
        return open_customer_desk(self.settings.model_copy(update=changed))

    def forget(self, customer: UUID, *, also_live: bool = True, **changed: object) -> Forgotten:
        with self.desk(**changed) as parts:
            opened: ForgettingParts = parts
            return ForgetCustomer(opened)(customer, also_live=also_live)

    def findings(self) -> list[Finding]:
        """What an audit has to say, the hubs included."""
        audit = Audit(
            AuditedParts(
                write=SqlWriteReader(self.outbox.engine),
                reporting=SqlReportingReader(self.reporting),
                hubs=self.hubs,
                views=MongoViewReader(self.views),
                parked=MongoParkedReader(self.views),
            ),
            partitions=PARTITIONS,
            clock=SystemClock(),
            pause=lambda _: None,
            limits=AuditLimits(patience_seconds=0.0),
        )
        return audit().findings

    def naming(self, *words: object) -> list[str]:
        """See `places_naming`."""
        return places_naming(
            *words, engines=[self.outbox.engine, self.reporting], views=self.views, redis=self.redis
        )

    def documents_of(self, customer: UUID, *, generation: int = 1) -> list[str]:
        """The ids of the customer's reservations in the views."""
        collection = self.views[collection_name(ReservationDocument.view, generation=generation)]
        return sorted(stored["_id"] for stored in collection.find({"customerId": str(customer)}))

    def customer_of(self, reservation_id: UUID) -> UUID:
        query = text(
            'SELECT CAST("CustomerId" AS VARCHAR(36)) FROM "Reservations" WHERE "ReservationId" = :r'
        )
        sqlite = self.outbox.engine.dialect.name == "sqlite"
        with self.outbox.engine.begin() as connection:
            found = connection.execute(query, {"r": reservation_id.hex if sqlite else reservation_id})
            return UUID(found.scalar_one())


def received(body: str, *, position: int) -> ReceivedEvent:
    return ReceivedEvent(body=body.encode(), partition="0", position=position, published=datetime.now(UTC))


def places_naming(*words: object, engines: Sequence[Engine], views: Any, redis: Any) -> list[str]:
    """Every place that has one of these words in any notation, looked for in all that there is but the hubs."""
    wanted = [form.lower() for word in words for form in (str(word), str(word).replace("-", ""))]
    places = [place for engine in engines for place in _rows(engine)]
    places += [(name, str(stored)) for name in views.list_collection_names() for stored in views[name].find()]
    places += [("redis", str(redis.get(key))) for key in redis.keys("cinema:*:reservations:*")]
    return [place for place, content in places if any(form in content.lower() for form in wanted)]


def _rows(engine: Engine) -> list[tuple[str, str]]:
    """Every row of every table, as text."""
    found: list[tuple[str, str]] = []
    with engine.begin() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 # the names are the database's own
            found += [(table, str(tuple(row))) for row in rows]
    return found
