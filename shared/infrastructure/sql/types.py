"""Column types that keep what they are given on SQL Server, PostgreSQL and SQLite.

SQLAlchemy's own defaults would lose characters outside a code page (VARCHAR), milliseconds (DATETIME) and the
difference between upper and lower case in ids (a case-insensitive collation) on SQL Server.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, Unicode, Uuid
from sqlalchemy.dialects import mssql, postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["UtcDateTime", "Uuid", "human_text", "id_text", "identity_type", "payload_text"]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC with microseconds; a naive one is refused, since it names no moment."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """DATETIME2(6) on SQL Server, TIMESTAMPTZ on PostgreSQL, sortable text on SQLite."""
        if dialect.name == "mssql":
            return dialect.type_descriptor(mssql.DATETIME2(precision=6))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC, and without the zone where the database has no type with one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def human_text(length: int) -> Unicode:
    """Text that people write, up to `length` characters."""
    return Unicode(length)


def payload_text() -> TypeEngine[str]:
    """Text without a limit: NVARCHAR(max) on SQL Server, where SQLAlchemy would say NTEXT."""
    return postgresql.TEXT().with_variant(mssql.NVARCHAR(), "mssql")


def id_text(length: int) -> TypeEngine[str]:
    """An id or a code of ASCII characters, compared and sorted byte by byte, as Python does it."""
    return (
        String(length)
        .with_variant(String(length, collation="Latin1_General_100_BIN2"), "mssql")
        .with_variant(String(length, collation="C"), "postgresql")
    )


def identity_type() -> TypeEngine[int]:
    """A 64-bit number that the database gives out; SQLite gives them out for INTEGER alone."""
    return BigInteger().with_variant(Integer(), "sqlite")
