"""One suite for finding gaps: in the fake, the stand-in, and a real server where MONGO_TEST_URL names one."""

from datetime import timedelta

import pytest

from shared.application.projections.gaps import GapPlace, GapReader
from shared.application.projections.ports import ViewStore
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument
from shared.infrastructure.mongo.mongo_view_gaps import MongoViewGaps
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.builders.published_events import NOON, an_id
from tests.contract.projections.view_database import ViewDatabase
from tests.fakes.view_store import FakeGapReader, FakeViewStore

pytestmark = pytest.mark.contract


@pytest.fixture
def views(view_database: ViewDatabase) -> tuple[ViewStore, GapReader]:
    if view_database is None:
        store = FakeViewStore()
        return store, FakeGapReader(store)
    return MongoViewStore(view_database, generation=FIRST_GENERATION), MongoViewGaps(
        view_database, generation=FIRST_GENERATION
    )


def a_showtime(name: str, *, gap_seconds: float | None, ahead: tuple[int, ...] = (4, 6)) -> ShowtimeDocument:
    """A showtime that has had a gap since so many seconds after noon, or none."""
    since = None if gap_seconds is None else NOON + timedelta(seconds=gap_seconds)
    return ShowtimeDocument(
        id=str(an_id(name)), rev=1, sequence=2, ahead=() if since is None else ahead, gap_since=since
    )


def places(reader: GapReader, *, until_seconds: float, page: int = 10) -> list[GapPlace]:
    """Every gap until then, page by page."""
    found: list[GapPlace] = []
    after: GapPlace | None = None
    while True:
        some = reader.gaps(until=NOON + timedelta(seconds=until_seconds), after=after, limit=page)
        found += [gap.place for gap in some.gaps]
        after = some.last
        if after is None:
            return found


def test_a_gap_is_told_with_what_is_missing(views: tuple[ViewStore, GapReader]) -> None:
    store, reader = views
    store.save([a_showtime("a", gap_seconds=0)])
    (gap,) = reader.gaps(until=NOON, after=None, limit=10).gaps
    assert (gap.place, gap.stream_id) == (GapPlace(NOON, str(an_id("a"))), f"showtime:{an_id('a')}")
    assert (gap.missing(most=10), gap.missing(most=1), gap.width) == ([3, 5], [3], 2)


def test_only_old_enough_gaps_are_found(views: tuple[ViewStore, GapReader]) -> None:
    store, reader = views
    store.save([a_showtime(str(n), gap_seconds=n) for n in range(3)] + [a_showtime("none", gap_seconds=None)])
    assert [place.since for place in places(reader, until_seconds=1)] == [NOON, NOON + timedelta(seconds=1)]
    assert places(reader, until_seconds=-1) == []


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_pages_have_every_gap_once_the_oldest_first(views: tuple[ViewStore, GapReader], page: int) -> None:
    store, reader = views
    showtimes = [a_showtime(f"{n}", gap_seconds=n // 3) for n in range(7)]
    store.save(showtimes)
    wanted = sorted(GapPlace(one.gap_since or NOON, one.id) for one in showtimes)
    assert places(reader, until_seconds=60, page=page) == wanted


def test_a_full_gap_is_no_more_found(views: tuple[ViewStore, GapReader]) -> None:
    store, reader = views
    store.save([a_showtime("a", gap_seconds=0)])
    store.save([a_showtime("a", gap_seconds=None).model_copy(update={"rev": 2, "sequence": 6})])
    assert places(reader, until_seconds=60) == []
