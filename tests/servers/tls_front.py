"""TLS in front of a server that speaks none, with a certificate of the tests' own authority."""

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.certificates import certificate_of

Converse = Callable[[socket.socket], None]


@contextmanager
def tls_front(
    converse: Converse, *, folder: Path, address: str = "127.0.0.1", port: int = 0
) -> Generator[tuple[int, Path]]:
    """Its port, and the file with its authority. Each connection, out of its TLS, is talked to on a thread of its own."""
    certificate = certificate_of(address, folder=folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server((address, port))
    clients: list[socket.socket] = []

    def serve(raw: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(raw, server_side=True) as client:
            clients.append(client)
            converse(client)

    def accept() -> None:
        with suppress(OSError):
            while True:
                raw, _ = listener.accept()
                threading.Thread(target=serve, args=(raw,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1], certificate
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for client in clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)


def passing_on(server: tuple[str, int], *, note: Callable[[bytes], None] = lambda _data: None) -> Converse:
    """Talk to a client by handing everything on; what it sends is noted."""

    def converse(client: socket.socket) -> None:
        with socket.create_connection(server) as upstream:
            back = threading.Thread(target=_pump, args=(upstream, client), daemon=True)
            back.start()
            with suppress(OSError):
                while data := client.recv(65_536):
                    note(data)
                    upstream.sendall(data)
            with suppress(OSError):
                upstream.shutdown(socket.SHUT_RDWR)
            back.join(timeout=5)

    return converse


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
