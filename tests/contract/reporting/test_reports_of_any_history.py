"""Whatever has happened, and in whatever order and however often its events come: each report says what a model says."""

from dataclasses import replace
from datetime import UTC
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.application.outbox.messages import OutboxMessage
from shared.application.reporting.ports import ReportScope
from shared.application.reporting.rows import ShowtimeSales
from tests.contract.reporting.histories import ZONES, History, histories, scopes
from tests.servers.reporting_database import ReportingDatabase, committed

pytestmark = pytest.mark.contract


def batches(messages: list[OutboxMessage], *, chance: Random) -> list[list[OutboxMessage]]:
    """All messages, some of them several times, shuffled over batches."""
    repeated = messages + chance.choices(messages, k=len(messages))
    chance.shuffle(repeated)
    cuts = sorted(chance.sample(range(len(repeated)), k=min(4, len(repeated))))
    pieces = [repeated[start:end] for start, end in zip([0, *cuts], [*cuts, len(repeated)], strict=True)]
    return [list({message.id: message for message in piece}.values()) for piece in pieces if piece]


def in_utc(sales: ShowtimeSales) -> ShowtimeSales:
    """A time in an hour that comes twice equals no time of another zone, not even the same moment (PEP 495)."""
    return replace(sales, screening_time=sales.screening_time.astimezone(UTC))


@settings(
    max_examples=30,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=histories,
    scope=scopes,
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    chance=st.randoms(use_true_random=False),
)
def test_every_report_says_what_has_happened(
    database: ReportingDatabase, history: History, scope: ReportScope, zone: ZoneInfo, chance: Random
) -> None:
    database.empty()
    database.deliver(*batches(committed(history.events()), chance=chance))
    reports = database.reports(zone)
    for asked in (ReportScope(), scope):
        assert [in_utc(each) for each in reports.showtimes(asked)] == history.showtimes(asked, zone=zone)
        assert list(reports.movies(asked)) == history.movies(asked, zone=zone)
        assert reports.conversion(asked) == history.conversion(asked, zone=zone)
        assert list(reports.hours(asked)) == history.hours(asked, zone=zone)
