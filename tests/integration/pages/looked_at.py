"""The operators' page over looks that a test makes up. They are of the contract's own types, so that a page that reads them reads real ones."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, Locator, Page, Route, expect

from functions.pages_http import MEDIA_TYPES
from shared.application.outbox.operations_documents import (
    DeadLettersDocument,
    LaneBackoffDocument,
    LaneLeaseDocument,
    OldestPendingDocument,
    SinkStatusDocument,
    TallyDocument,
)
from shared.application.outbox.routing import ROUTES
from shared.application.pipeline.pipeline_documents import (
    CacheDocument,
    PipelineDocument,
    ProjectorDocument,
    ViewGapsDocument,
)

WEB = Path(__file__).parents[3] / "web"
URL = "http://operations.test"
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
EVENT = UUID(int=7)
NONE = TallyDocument(count=0, exact=True)


def a_sink(
    name: str = "reporting",
    *,
    pending: int = 0,
    exact: bool = True,
    oldest_seconds: float | None = None,
    holds: int = 0,
    delivered: int = 0,
    work_in: Sequence[int] = (),
    held_in: Sequence[int] = (),
    leases: Sequence[LaneLeaseDocument] = (),
    backoffs: Sequence[LaneBackoffDocument] = (),
) -> SinkStatusDocument:
    """A sink for which nothing waits, unless it is said."""
    oldest = (
        None
        if oldest_seconds is None
        else OldestPendingDocument(
            message_id=1, event_id=EVENT, stream_id="showtime:0", age_seconds=oldest_seconds
        )
    )
    return SinkStatusDocument(
        sink=name,
        pending=TallyDocument(count=pending, exact=exact),
        oldest=oldest,
        held=NONE,
        holds=TallyDocument(count=holds, exact=True),
        delivered=delivered,
        lanes_with_work=len(work_in),
        lanes=64,
        work_in=tuple(work_in),
        held_in=tuple(held_in),
        leases=tuple(leases),
        backoffs=tuple(backoffs),
    )


def a_projector(
    *, lag_seconds: float = 0.0, gap_seconds: float | None = None, parked: int = 0
) -> ProjectorDocument:
    """A projector that has done everything, unless it is said."""
    gaps = NONE if gap_seconds is None else TallyDocument(count=2, exact=True)
    oldest = None if gap_seconds is None else NOON - timedelta(seconds=gap_seconds)
    return ProjectorDocument(
        lag_seconds=lag_seconds,
        behind=int(lag_seconds > 0),
        looked_at=400,
        partitions=(),
        gaps=ViewGapsDocument(showtimes=gaps, oldest=oldest),
        parked=TallyDocument(count=parked, exact=True),
    )


def a_look(
    *sinks: SinkStatusDocument,
    after_seconds: float = 0.0,
    projector: ProjectorDocument | None = None,
    hits: int = 0,
    misses: int = 0,
) -> PipelineDocument:
    """A look so long after noon; sinks that are not given have nothing to do."""
    given = {sink.sink: sink for sink in sinks}
    return PipelineDocument(
        at=NOON + timedelta(seconds=after_seconds),
        sinks=tuple(given.get(name, a_sink(name)) for name in ROUTES),
        projector=projector or a_projector(),
        cache=CacheDocument(hits=hits, misses=misses, hit_rate=None),
        unreadable={},
    )


class LookedAtPage:
    """The page in a browser, which is answered with one look after the other, and with the last again and again."""

    def __init__(self, page: Page, looks: Sequence[PipelineDocument]) -> None:
        self.page = page
        self._looks = list(looks)
        page.route(f"{URL}/**", self._file)
        page.route(f"{URL}/api/ops/pipeline", self._look)
        page.route(f"{URL}/api/ops/dead-letters*", self._letters)
        page.goto(f"{URL}/ops")
        expect(page.locator("#freshness")).to_contain_text("last answer")

    def station(self, key: str) -> Locator:
        return self.page.locator(f'[data-station="{key}"]')

    def expect_state(self, key: str, state: str) -> None:
        expect(self.station(key)).to_have_attribute("data-state", state)

    def sink(self, name: str) -> Locator:
        return self.page.locator(f'[data-sink="{name}"]')

    def _look(self, route: Route) -> None:
        look = self._looks[0] if len(self._looks) == 1 else self._looks.pop(0)
        route.fulfill(body=look.model_dump_json(by_alias=True), content_type="application/json")

    @staticmethod
    def _letters(route: Route) -> None:
        none = DeadLettersDocument(dead_letters=(), next_after=None)
        route.fulfill(body=none.model_dump_json(by_alias=True), content_type="application/json")

    @staticmethod
    def _file(route: Route) -> None:
        name = route.request.url.removeprefix(f"{URL}/").partition("?")[0]
        path = WEB / ("operations.html" if name == "ops" else name)
        route.fulfill(path=path, content_type=MEDIA_TYPES.get(path.suffix, "text/html"))


@contextmanager
def page_over(browser: Browser, *looks: PipelineDocument) -> Generator[LookedAtPage]:
    """A page that is given these looks, one each second."""
    context = browser.new_context()
    try:
        yield LookedAtPage(context.new_page(), looks)
    finally:
        context.close()
