"""A PostgreSQL server behind a proxy that lets a COMMIT through and then cuts the client off."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"COMMIT\0"  # the whole statement: READ COMMITTED, with which a transaction begins, is another


class CuttingProxy:
    """Passes everything on, until it is told to lose the answer to the next commit."""

    def __init__(self, *, real: Path, own: Path) -> None:
        self._real = real
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(own / _SOCKET))
        self._listener.listen()
        self._lose = threading.Event()
        self._clients: list[socket.socket] = []
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_the_next_commit(self) -> None:
        self._lose.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for one in (self._listener, *self._clients):
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.append(client)
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._real / _SOCKET))
                cut = threading.Event()
                for work in (self._to_server, self._to_client):
                    threading.Thread(target=work, args=(client, server, cut), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                if self._lose.is_set() and _COMMIT in data:
                    self._lose.clear()
                    cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _to_client(self, client: socket.socket, server: socket.socket, cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if cut.is_set():
                    # The server has answered, so it has committed.
                    self.cuts += 1
                    client.shutdown(socket.SHUT_RDWR)
                    break
                client.sendall(data)
        server.close()


@contextmanager
def cutting_proxy(*, real: Path, own: Path) -> Generator[CuttingProxy]:
    """A proxy in front of the server whose socket is in a folder, with a socket in another."""
    proxy = CuttingProxy(real=real, own=own)
    yield proxy
    proxy.close()
