"""What views are kept in: the MongoDB stand-in and Valkey, as processes of their own."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import NamedTuple

from local.stack.embedded import redis_program
from tests.servers.process import free_port, module, running


class ViewServers(NamedTuple):
    """Where they are."""

    mongo_url: str
    redis_url: str


@contextmanager
def view_servers() -> Generator[ViewServers]:
    """Both, with nothing in them."""
    mongo, redis = free_port(), free_port()
    with (
        tempfile.TemporaryDirectory(prefix="views-") as folder,
        running(*module("local.mongo", "--port", mongo, "--data", folder), port=mongo),
        running(*_valkey(redis, folder=folder), port=redis),
    ):
        yield ViewServers(f"mongodb://127.0.0.1:{mongo}", f"redis://127.0.0.1:{redis}/0")


def _valkey(port: int, *, folder: str) -> tuple[str, ...]:
    listen = ("--port", str(port), "--bind", "127.0.0.1", "--loglevel", "warning")
    return (str(redis_program()), *listen, "--save", "", "--dir", folder)
