"""A session: the links of a channel, their attaching, flowing and detaching."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from local.eventhubs.addresses import (
    UnsupportedAddressError,
    first_sequence,
    parse_receive_address,
    parse_send_address,
)
from local.eventhubs.broker import Broker, UnknownEntityError
from local.eventhubs.faults import Faults, ServerBusyError
from local.eventhubs.frames import (
    ATTACH,
    DETACH,
    DISPOSITION,
    FLOW,
    TRANSFER,
    Frame,
    MalformedFrameError,
    accepted_frame,
    attach_frame,
    detach_frame,
    flow_frame,
    rejected_frame,
)
from local.eventhubs.log import LogReader
from local.eventhubs.messages import parse_request
from local.eventhubs.nodes import NODES, answer_request
from local.eventhubs.receivers import (
    AnswerSource,
    EventSource,
    Outlet,
    Ownership,
    OwnershipLostError,
    Reader,
    SendingLink,
    Source,
)
from local.eventhubs.senders import (
    CREDIT,
    MAX_MESSAGE_BYTES,
    Delivery,
    MessageTooLargeError,
    ReceivingLink,
    store,
)

WINDOW = 1 << 30
_EPOCH = b"com.microsoft:epoch"


class Session:
    """One channel of a connection. Handles are the peer's; ours are the same numbers."""

    def __init__(
        self, outlet: Outlet, *, channel: int, broker: Broker, ownership: Ownership, faults: Faults
    ) -> None:
        self._outlet = outlet
        self._channel = channel
        self._broker = broker
        self._ownership = ownership
        self._faults = faults
        self._delivery_ids = itertools.count()
        self._transfers = 0
        self._receiving: dict[int, ReceivingLink] = {}
        self._sending: dict[int, tuple[SendingLink, Source]] = {}
        self._answers: dict[bytes, AnswerSource] = {}
        self._leaving: dict[int, Callable[[], None]] = {}

    def handle(self, frame: Frame) -> None:
        """Act on a frame of this session.

        Raises:
            MalformedFrameError: a frame that means nothing here.
        """
        match frame.code:
            case code if code == ATTACH:
                self._attach(frame.fields)
            case code if code == FLOW:
                self._flow(frame.fields)
            case code if code == TRANSFER:
                self._transfer(frame.fields)
            case code if code == DETACH:
                self._detach(frame.fields)
            case code if code == DISPOSITION:
                pass  # what we send is settled already
            case code:
                raise MalformedFrameError(f"performative {code} has no place in a session")

    def close(self) -> None:
        """Forget every link."""
        for handle in (*self._sending, *self._receiving):
            self._drop(handle)

    def _attach(self, fields: list[Any]) -> None:
        name, handle, peer_receives = fields[0], fields[1], fields[2]
        source, target = _address(fields, 5), _address(fields, 6)
        self._outlet.write(
            attach_frame(
                channel=self._channel,
                name=name,
                handle=handle,
                receiving=not peer_receives,
                source=source,
                target=target,
                max_message_size=MAX_MESSAGE_BYTES,
            )
        )
        try:
            if peer_receives:
                self._attach_receiver(fields, handle=handle, address=source)
            else:
                self._attach_sender(handle=handle, address=target)
        except UnknownEntityError as error:
            self._refuse(handle, condition=b"amqp:not-found", description=str(error))
        except UnsupportedAddressError as error:
            self._refuse(handle, condition=b"amqp:not-implemented", description=str(error))
        except OwnershipLostError as error:
            self._refuse(handle, condition=b"amqp:link:stolen", description=str(error))

    def _attach_sender(self, *, handle: int, address: bytes) -> None:
        if address in NODES:
            take = partial(self._take_request, address)
        else:
            place = parse_send_address(address)
            hub = self._broker.hub(place.hub)
            chosen = None if place.partition is None else hub.partition(place.partition)
            take = self._faults.before(hub.name, partial(store, hub=hub, partition=chosen))
        self._receiving[handle] = ReceivingLink(take)
        self._grant_credit(handle)

    def _attach_receiver(self, fields: list[Any], *, handle: int, address: bytes) -> None:
        link = SendingLink(self._outlet, self._channel, handle, partial(next, self._delivery_ids))
        if address in NODES:
            answers = AnswerSource(link)
            self._answers[address] = answers
            self._sending[handle] = (link, answers)
            return
        place = parse_receive_address(address)
        hub = self._broker.hub(place.hub)
        hub.require_group(place.group)
        partition = hub.partition(place.partition)
        position = first_sequence(_filters(fields), log=partition.log)
        self._enter((hub.name, place.group.lower(), place.partition), level=_epoch(fields), handle=handle)
        self._sending[handle] = (
            link,
            EventSource(link, partition, LogReader(partition.log, sequence=position)),
        )

    def _enter(self, place: tuple[str, str, str], *, level: int | None, handle: int) -> None:
        reader = Reader(level, partial(self._dismiss, handle))
        self._ownership.enter(place, reader)
        self._leaving[handle] = partial(self._ownership.leave, place, reader)

    def _dismiss(self, handle: int, reason: str) -> None:
        self._refuse(handle, condition=b"amqp:link:stolen", description=reason)

    def _refuse(self, handle: int, *, condition: bytes, description: str) -> None:
        self._drop(handle)
        self._outlet.write(
            detach_frame(channel=self._channel, handle=handle, condition=condition, description=description)
        )

    def _flow(self, fields: list[Any]) -> None:
        handle = _at(fields, 4)
        if handle is None or handle not in self._sending:
            return
        link, source = self._sending[handle]
        link.grant(peer_delivered=_at(fields, 5) or 0, credit=_at(fields, 6) or 0)
        source.pump()
        if _at(fields, 8):
            self._drained(link)

    def _drained(self, link: SendingLink) -> None:
        """The peer asked to drain: use up the credit that nothing was there for, and say so (AMQP 1.0, 2.6.7)."""
        link.delivered += link.credit
        link.credit = 0
        self._outlet.write(
            flow_frame(
                channel=self._channel,
                handle=link.handle,
                next_incoming=self._transfers,
                window=WINDOW,
                delivered=link.delivered,
                credit=0,
            )
        )

    def _grant_credit(self, handle: int) -> None:
        link = self._receiving[handle]
        link.credit = CREDIT
        self._outlet.write(
            flow_frame(
                channel=self._channel,
                handle=handle,
                next_incoming=self._transfers,
                window=WINDOW,
                delivered=link.delivered,
                credit=CREDIT,
            )
        )

    def _transfer(self, fields: list[Any]) -> None:
        self._transfers += 1
        handle = fields[0]
        link = self._receiving.get(handle)
        if link is None:
            return  # refused or detached while the peer was sending
        try:
            delivery = link.transfer(
                bytes(fields[-1]),
                delivery_id=_at(fields[:-1], 1),
                message_format=_at(fields[:-1], 3),
                more=bool(_at(fields[:-1], 5)),
            )
        except MessageTooLargeError as error:
            self._refuse(handle, condition=b"amqp:link:message-size-exceeded", description=str(error))
            return
        if delivery is not None:
            self._settle(handle, link=link, delivery=delivery, settled=bool(_at(fields[:-1], 4)))

    def _settle(self, handle: int, *, link: ReceivingLink, delivery: Delivery, settled: bool) -> None:
        """Store first, accept afterwards: an accepted event is on disk."""
        try:
            link.take(delivery)
        except ServerBusyError as error:
            self._reject(delivery, condition=b"com.microsoft:server-busy", description=str(error))
            return
        except ConnectionError:
            raise  # a test asked for it; it is no trouble with the disk
        except OSError as error:
            self._reject(delivery, condition=b"amqp:internal-error", description=str(error))
            return
        if not settled:
            self._outlet.write(accepted_frame(channel=self._channel, delivery_id=delivery.delivery_id))
        if link.credit < CREDIT // 2:
            self._grant_credit(handle)

    def _reject(self, delivery: Delivery, *, condition: bytes, description: str) -> None:
        self._outlet.write(
            rejected_frame(
                channel=self._channel,
                delivery_id=delivery.delivery_id,
                condition=condition,
                description=description,
            )
        )

    def _take_request(self, node: bytes, delivery: Delivery) -> None:
        answer = answer_request(node, parse_request(delivery.payload), broker=self._broker)
        if node in self._answers:
            self._answers[node].put(answer)

    def _detach(self, fields: list[Any]) -> None:
        handle = fields[0]
        known = handle in self._sending or handle in self._receiving
        self._drop(handle)
        if known:
            self._outlet.write(detach_frame(channel=self._channel, handle=handle))

    def _drop(self, handle: int) -> None:
        self._receiving.pop(handle, None)
        sending = self._sending.pop(handle, None)
        if sending is not None:
            sending[1].close()
        leave = self._leaving.pop(handle, None)
        if leave is not None:
            leave()


def _at(fields: list[Any], index: int) -> Any:
    """A field, or None where the peer left trailing ones out."""
    return fields[index] if index < len(fields) else None


def _address(fields: list[Any], index: int) -> bytes:
    terminus = _at(fields, index)
    return bytes(terminus[0] or b"") if terminus else b""


def _filters(fields: list[Any]) -> dict[bytes, Any] | None:
    source: list[Any] = fields[5]
    return _at(source, 7)


def _epoch(fields: list[Any]) -> int | None:
    properties: dict[bytes, Any] = _at(fields, 13) or {}
    return properties.get(_EPOCH)
