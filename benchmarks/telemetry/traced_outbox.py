"""A filled outbox whose events belong to traces that are recorded, each to one of its own."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

from benchmarks.drain.databases import SqliteFilled, Urls

_TRACE_EACH = text(
    "UPDATE OutboxMessages SET TraceParent ="
    " '00-' || lower(hex(randomblob(16))) || '-' || lower(hex(randomblob(8))) || '-01'"
)


@contextmanager
def traced_outbox(*, pending: int) -> Generator[SqliteFilled]:
    with tempfile.TemporaryDirectory(prefix="telemetry-") as folder:
        urls = Urls(write=f"sqlite:///{folder}/write.db", reporting=f"sqlite:///{folder}/reporting.db")
        filled = SqliteFilled(urls, pending=pending, processed=0)
        engine = create_engine(urls.write)
        with engine.begin() as connection:
            connection.execute(_TRACE_EACH)
        engine.dispose()
        yield filled
