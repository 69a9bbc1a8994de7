"""Filled databases to drain: filled once, and copied for every round."""

import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from benchmarks.drain import workload
from benchmarks.drain.outbox import fill
from tests.servers.postgres import throw_away_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """A write database and its reporting database."""

    write: str
    reporting: str


class Filled(ABC):
    """Databases with events that wait for every sink, and with others that every sink has had long since."""

    def __init__(self, original: Urls, *, pending: int, processed: int) -> None:
        fill(
            original.write,
            original.reporting,
            processed=workload.messages(processed, first=pending),
            pending=workload.messages(pending),
        )
        self.pending = pending
        self._original = original

    @contextmanager
    def copy(self) -> Generator[Urls]:
        """The databases as they were filled, until the end of the context."""
        with ExitStack() as stack:
            write, reporting = (
                stack.enter_context(self._copied(url))
                for url in (self._original.write, self._original.reporting)
            )
            yield Urls(write=write, reporting=reporting)

    @abstractmethod
    def _copied(self, url: str) -> AbstractContextManager[str]: ...


class SqliteFilled(Filled):
    """Two files."""

    @contextmanager
    def _copied(self, url: str) -> Generator[str]:
        original = Path(make_url(url).database or "")
        copy = original.with_name(f"{uuid4().hex}.db")
        shutil.copyfile(original, copy)
        os.sync()  # or else the round's own commits would wait while the copy is written to the disk
        yield f"sqlite:///{copy}"
        for path in original.parent.glob(f"{copy.name}*"):
            path.unlink()


class PostgresqlFilled(Filled):
    """Two databases of a server, which makes a copy of its own accord."""

    @contextmanager
    def _copied(self, url: str) -> Generator[str]:
        original, copy = make_url(url), f"copy_{uuid4().hex}"
        self._administer(f'CREATE DATABASE "{copy}" TEMPLATE "{original.database}"')
        yield original.set(database=copy).render_as_string(hide_password=False)
        self._administer(f'DROP DATABASE "{copy}" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        engine = create_engine(
            make_url(self._original.write).set(database="postgres"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def sqlite_filled(*, pending: int, processed: int = 0) -> Generator[Filled]:
    with tempfile.TemporaryDirectory(prefix="drain-") as folder:
        urls = Urls(write=f"sqlite:///{folder}/write.db", reporting=f"sqlite:///{folder}/reporting.db")
        yield SqliteFilled(urls, pending=pending, processed=processed)


@contextmanager
def postgresql_filled(*, pending: int, processed: int = 0) -> Generator[Filled]:
    with throw_away_database() as write, throw_away_database() as reporting:
        yield PostgresqlFilled(Urls(write=write, reporting=reporting), pending=pending, processed=processed)
