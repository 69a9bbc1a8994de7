"""A replica set as the driver sees it, of which all members are one server: proxies that say who they are, and fail as told.

Each proxy notes what came over the wire, and hands it on without the transaction number. So the server behind does not
recognise a write that the driver sends again, and does it twice: the worst that can come of a lost answer.
"""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pymongo.uri_parser import parse_uri

from local.mongo.wire import parse, render
from tests.servers.mongo_messages import received, request

_HELLO = frozenset({"hello", "isMaster", "ismaster"})

Command = dict[str, Any]
Fault = Literal["lose the answer", "never answer"] | Command


def refusal(code: int, name: str) -> Command:
    """A refusal as a member sends it whose state has changed: with the label by which the driver knows that it may try again."""
    labels = ["RetryableWriteError"]
    return {"ok": 0.0, "code": code, "codeName": name, "errmsg": name, "errorLabels": labels}


NOT_PRIMARY = refusal(10107, "NotWritablePrimary")
SHUTTING_DOWN = refusal(11600, "InterruptedAtShutdown")


@dataclass
class Member:
    """One member. Everything but `role` and `behind` is the proxy's own."""

    server: tuple[str, int]
    role: Literal["primary", "secondary"]
    behind: timedelta = timedelta(0)
    """How far its data is behind those of the primary, by its own word."""
    seen: list[Command] = field(default_factory=list[Command])
    hosts: Callable[[], list[str]] = list[str]
    _faults: list[tuple[str, Fault]] = field(default_factory=list[tuple[str, Fault]])
    _sockets: list[socket.socket] = field(default_factory=list[socket.socket])

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets.append(self._listener)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def fail(self, command: str, fault: Fault) -> None:
        """Do this to the next command of that name: lose its answer once it is done, never answer, or answer so without doing it."""
        self._faults.append((command, fault))

    def named(self, *names: str) -> list[Command]:
        """What came of these commands, in order."""
        return [command for command in self.seen if next(iter(command)) in names]

    def undone(self) -> int:
        """How many of the faults asked for have met no command yet."""
        return len(self._faults)

    def close(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self.server)
                self._sockets += [client, server]
                threading.Thread(target=self._converse, args=(client, server), daemon=True).start()

    def _converse(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError), client, server:
            while True:
                header, body = received(client)
                message = parse(header, body)
                name = next(iter(message.command))
                if name in _HELLO:
                    client.sendall(render(self._hello(), to=message))
                    continue
                self.seen.append(message.command)
                fault = self._fault(name)
                if isinstance(fault, dict):
                    client.sendall(render(fault, to=message))
                    continue
                if fault == "never answer":
                    continue
                forwarded = {name: value for name, value in message.command.items() if name != "txnNumber"}
                server.sendall(request(forwarded, request_id=message.request_id))
                answer = b"".join(received(server))
                if fault is not None:
                    return
                client.sendall(answer)

    def _fault(self, name: str) -> Fault | None:
        if self.role == "secondary" and name in {"insert", "update", "delete", "createIndexes"}:
            return NOT_PRIMARY
        for position, (command, fault) in enumerate(self._faults):
            if command == name:
                del self._faults[position]
                return fault
        return None

    def _hello(self) -> Command:
        now = datetime.now(UTC)
        return {
            "helloOk": True,
            "setName": "cinema",
            "hosts": self.hosts(),
            "me": self.address,
            "isWritablePrimary": self.role == "primary",
            "ismaster": self.role == "primary",
            "secondary": self.role == "secondary",
            "lastWrite": {"lastWriteDate": now - self.behind},
            "localTime": now,
            "maxBsonObjectSize": 16 * 1024 * 1024,
            "maxMessageSizeBytes": 48 * 1024 * 1024,
            "maxWriteBatchSize": 100_000,
            "logicalSessionTimeoutMinutes": 30,
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "ok": 1.0,
        }


@dataclass(frozen=True)
class ReplicaSet:
    """A primary and a secondary."""

    primary: Member
    secondary: Member

    @property
    def url(self) -> str:
        return f"mongodb://{self.primary.address},{self.secondary.address}/?replicaSet=cinema"


@contextmanager
def replica_set(url: str) -> Generator[ReplicaSet]:
    """A replica set over a server."""
    server: tuple[str, int] = parse_uri(url)["nodelist"][0]
    members = ReplicaSet(Member(server, "primary"), Member(server, "secondary"))
    for member in (members.primary, members.secondary):
        member.hosts = lambda: [members.primary.address, members.secondary.address]
    try:
        yield members
    finally:
        members.primary.close()
        members.secondary.close()
