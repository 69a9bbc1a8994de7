"""The outbox without the cinema: orders of a shop and their events, carried to a sink of one's own.

    python docs/examples/outbox_only.py sqlite:///shop.db

PostgreSQL (`postgresql://…`) and SQL Server (`mssql+pyodbc://…`) need another URL and nothing else.
"""

import asyncio
import sys
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, update
from sqlalchemy.orm import Session

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.master import SinkPlan
from shared.application.outbox.messages import NewMessage, message_of
from shared.application.outbox.ports import Batch, Delivery
from shared.bootstrap.outbox_master import open_outbox_master
from shared.contracts.envelope import Envelope
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.metadata import write_metadata
from shared.infrastructure.sql.outbox_tables import OUTBOX_TABLES
from shared.infrastructure.sql.outbox_writer import append_messages, open_stream
from shared.settings import OutboxSettings

shop = MetaData()
orders = Table(
    "Orders",
    shop,
    Column("OrderId", String(36), primary_key=True),
    Column("Cents", Integer, nullable=False),
    Column("Status", String(16), nullable=False),
)


def order_event(order_id: str, kind: str, *, version: int, cents: int) -> NewMessage:
    """What happened to an order, for the warehouse. An order is a stream: its events keep their order."""
    envelope = Envelope(
        id=uuid4(),
        source="/shop",
        type=f"shop.order.{kind}.v1",
        subject=order_id,
        time=datetime.now(UTC),
        dataschema=f"/schemas/shop.order.{kind}.v1.json",
        partitionkey=f"order:{order_id}",
        data={"orderId": order_id, "cents": cents, "version": version},
    )
    return message_of(envelope, aggregate_type="order", version=version, sinks=("warehouse",))


def place_order(session: Session, order_id: str, *, cents: int) -> None:
    """The row and its event, in the caller's transaction: both are committed, or neither."""
    session.execute(insert(orders).values(OrderId=order_id, Cents=cents, Status="placed"))
    open_stream(session, f"order:{order_id}")
    append_messages(session, messages=[order_event(order_id, "placed", version=1, cents=cents)])


def pay_order(session: Session, order_id: str, *, cents: int) -> None:
    """The same for a later change; appending comes last, since it locks the stream."""
    session.execute(update(orders).where(orders.c.OrderId == order_id).values(Status="paid"))
    append_messages(session, messages=[order_event(order_id, "paid", version=2, cents=cents)])


class Warehouse:
    """A sink: it has an event for good once it is printed. One that sends would ask the deadline first."""

    async def open(self) -> bool:
        """There is nothing to connect to."""
        return True

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:  # noqa: ARG002 see above
        """Take a batch of a lane, each stream's messages in order."""
        for message in batch.messages:
            print(message.body, flush=True)  # noqa: T201 this is the delivery
        return Delivery(ids=[message.id for message in batch.messages])


async def main(url: str) -> None:
    """Place and pay an order, then carry what waits for a second."""
    engine = create_database_engine(url, lock_wait_seconds=5, pool_size=2)
    shop.create_all(engine)
    write_metadata.create_all(engine, tables=OUTBOX_TABLES)
    order_id = str(uuid4())
    for change in (place_order, pay_order):
        with Session(engine) as session, session.begin():
            change(session, order_id, cents=1250)
    engine.dispose()
    sinks = {"warehouse": SinkPlan(sink=Warehouse())}
    async with open_outbox_master(OutboxSettings(write_database_url=url), sinks=sinks) as master:
        await master.run(budget_seconds=1)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
