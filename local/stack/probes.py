"""Readiness probes. A failing connection means "not yet", never an error."""

import socket

import httpx

from local.stack.part import Listener, Probe, StackError
from local.stack.settings import HOST

_PROBE_SECONDS = 2.0


def accepts_tcp(port: int) -> Probe:
    """Ready once the port accepts a connection."""

    async def probe() -> bool:
        return _accepts(port)

    return probe


def answers_http(url: str, *, client: httpx.AsyncClient, telling: str = "") -> Probe:
    """Ready once the URL answers with success, and its answer tells of something."""
    port = httpx.URL(url).port

    async def probe() -> bool:
        if port is not None and not _accepts(port):  # an HTTP client needs a millisecond to find that out
            return False
        try:
            response = await client.get(url, timeout=_PROBE_SECONDS)
        except httpx.HTTPError:
            return False
        return response.is_success and telling in response.text

    return probe


def _accepts(port: int) -> bool:
    """Whether somebody on this machine takes a connection: the kernel answers at once, so that nobody waits."""
    with socket.socket() as caller:
        return caller.connect_ex((HOST, port)) == 0


def refuse_taken_port(listener: Listener, *, part: str) -> None:
    """Check that nobody listens where a part wants to.

    Raises:
        StackError: the port is taken; the message names it and the setting that moves all ports.
    """
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, listener.port))
        except OSError as error:
            raise StackError(
                f"Port {listener.port}, which {part} needs ({listener.purpose}), is taken by another process. "
                "Stop that process, or move every port of this stack: CINEMA_PORT_OFFSET=1000 make run"
            ) from error
