"""The steps of the master's work at which a process can die, and what makes it die there.

Steps that are statements are met by listening to every SQLAlchemy engine; a delivery by a sink around the real one.
"""

import asyncio
import os
import random
import signal
from collections.abc import Callable
from typing import Any

from azure.eventhub.aio import EventHubProducerClient
from sqlalchemy import Engine, event

from shared.application.outbox.lease_deadline import LeaseDeadline
from shared.application.outbox.ports import Batch, Delivery, Sink
from shared.application.outbox.routing import DOMAIN_EVENTS, REPORTING, RESERVATIONS

FATES = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}

_LONGEST_ANSWER_SECONDS = 0.004
"""About as long as the hub takes to acknowledge a batch, so that death falls before and after it."""


class Doom:
    """Strikes at the n-th occasion, once."""

    def __init__(self, fate: signal.Signals, *, number: int) -> None:
        self._fate = fate
        self._left = number

    def occasion(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._fate)


Decorate = Callable[[str, Sink], Sink]
Moment = Callable[[Doom], Decorate]


class _DoomedSink:
    def __init__(self, sink: Sink, doom: Doom, *, before: bool) -> None:
        self._sink = sink
        self._doom = doom
        self._before = before

    async def open(self) -> bool:
        return await self._sink.open()

    async def deliver(self, batch: Batch, *, deadline: LeaseDeadline) -> Delivery:
        if self._before:
            self._doom.occasion()
        delivery = await self._sink.deliver(batch, deadline=deadline)
        if not self._before and delivery.ids:
            self._doom.occasion()
        return delivery


def _delivery(sink_name: str, *, before: bool) -> Moment:
    def moment(doom: Doom) -> Decorate:
        def decorate(name: str, sink: Sink) -> Sink:
            return _DoomedSink(sink, doom, before=before) if name == sink_name else sink

        return decorate

    return moment


def _statement(text: str, *, and_also: str = "", before: bool = False) -> Moment:
    """When a statement that begins with a text is about to be sent, or has been executed and not yet committed."""

    def moment(doom: Doom) -> Decorate:
        def strike(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement.startswith(text) and and_also in statement:
                doom.occasion()

        event.listen(Engine, "before_cursor_execute" if before else "after_cursor_execute", strike)
        return _undecorated

    return moment


def _amid_a_send(doom: Doom) -> Decorate:
    """When a batch is on its way to a hub, and its acknowledgement perhaps on its way back."""
    send = EventHubProducerClient.send_batch

    async def send_and_strike(client: EventHubProducerClient, *arguments: Any, **options: Any) -> None:
        sending = asyncio.ensure_future(send(client, *arguments, **options))
        await asyncio.wait([sending], timeout=random.uniform(0.0, _LONGEST_ANSWER_SECONDS))  # noqa: S311 any moment will do
        doom.occasion()
        await sending

    EventHubProducerClient.send_batch = send_and_strike  # pyright: ignore[reportAttributeAccessIssue] the fault
    return _undecorated


def _undecorated(_name: str, sink: Sink) -> Sink:
    return sink


MOMENTS: dict[str, Moment] = {
    "before a claim": _statement('SELECT "OutboxLanes"."Owner"', before=True),
    "amid a claim": _statement('UPDATE "OutboxLanes" SET "Owner"', and_also='"Epoch"='),
    "after a claim": _statement('SELECT "OutboxHolds"."Id" AS hold_id', before=True),
    "after a read": _delivery(DOMAIN_EVENTS, before=True),
    "amid a delivery to a hub": _amid_a_send,
    "amid a delivery to reporting": _statement('INSERT INTO "EventLog"'),
    "after a delivery to domain-events": _delivery(DOMAIN_EVENTS, before=False),
    "after a delivery to reservations": _delivery(RESERVATIONS, before=False),
    "after a delivery to reporting": _delivery(REPORTING, before=False),
    "amid an acknowledgement": _statement('DELETE FROM "OutboxDeliveries"'),
    "amid a hold": _statement('INSERT INTO "OutboxHolds"'),
    "amid putting messages aside": _statement('UPDATE "OutboxDeliveries"'),
    "amid the end of a hold": _statement('DELETE FROM "OutboxHolds"'),
}
