"""EventLog page by page."""

from pathlib import Path

import pytest

from shared.application.rebuild.ports import BEGINNING, LogPlace
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.event_archive import SqlEventArchive
from tests.integration.rebuild.rebuilt_cinema import RebuiltCinema

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_all_pages_together_are_every_event_once_stream_by_stream(
    mongo_url: str, redis_url: str, tmp_path: Path, limit: int
) -> None:
    cinema = RebuiltCinema(tmp_path, mongo_url, redis_url, f"pages_{limit}")
    cinema.furnish(showtimes=3, bookings=2)
    engine = create_database_engine(cinema.reporting_url, lock_wait_seconds=5.0, pool_size=1)
    pages = SqlEventArchive(engine)
    place, found = BEGINNING, list[LogPlace]()
    while events := pages.page(after=place, limit=limit):
        found += [LogPlace(event.partition, event.position) for event in events]
        assert len(events) < 2 * limit or limit == 1
        place = found[-1]
    assert len(found) == pages.about() == 2 + 3 * 5
    assert found == sorted(set(found))
    engine.dispose()
    cinema.close()
