"""What the write side is measured against: the rows of one booking, inserted and nothing else, by the same kind of function."""

import json
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

import azure.functions as func
from sqlalchemy import Engine, insert

from shared.infrastructure.sql import outbox_tables, write_tables
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.idempotency_table import idempotency

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@cache
def engine() -> Engine:
    return create_database_engine(os.environ["WRITE_DATABASE_URL"], lock_wait_seconds=5.0, pool_size=16)


@app.route("api/reservations", methods=[func.HttpMethod.POST])
def insert_rows(req: func.HttpRequest) -> func.HttpResponse:
    wanted = json.loads(req.get_body())
    reservation_id, now = uuid4(), datetime.now(UTC)
    showtime_id, customer_id = UUID(wanted["showtimeId"]), UUID(wanted["customerId"])
    seats = [
        {"ReservationId": reservation_id, "Row": s["row"], "Number": s["number"]} for s in wanted["seats"]
    ]
    with engine().begin() as connection:
        connection.execute(insert(write_tables.customers).values(CustomerId=customer_id, Bookings=1))
        connection.execute(
            insert(write_tables.reservations).values(
                ReservationId=reservation_id,
                ShowtimeId=showtime_id,
                CustomerId=customer_id,
                Status="Pending",
                CreatedAt=now,
                ExpiresAt=now + timedelta(minutes=10),
                Version=1,
            )
        )
        connection.execute(insert(write_tables.reservation_seats), seats)
        connection.execute(
            insert(write_tables.seat_claims), [{**seat, "ShowtimeId": showtime_id} for seat in seats]
        )
        message_id = connection.execute(
            insert(outbox_tables.messages)
            .values(
                EventId=uuid4(),
                StreamId=f"bare:{reservation_id}",
                Sequence=1,
                Lane=1,
                AggregateType="Reservation",
                AggregateId=str(reservation_id),
                Version=1,
                Type="bare",
                Payload=json.dumps(wanted),
                OccurredAt=now,
            )
            .returning(outbox_tables.messages.c.Id)
        ).scalar_one()
        sinks = ("reporting", "domain-events", "reservations")
        connection.execute(
            insert(outbox_tables.deliveries),
            [{"Sink": sink, "Lane": 1, "MessageId": message_id} for sink in sinks],
        )
        connection.execute(
            insert(idempotency).values(
                RequestKey=str(uuid4()), Fingerprint="", Answer=json.dumps(wanted), Sequence=1, CreatedAt=now
            )
        )
    return func.HttpResponse(json.dumps({"reservationId": str(reservation_id)}), status_code=201)
