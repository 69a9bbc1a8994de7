"""Every query of the product and the index that serves it: by MongoDB's rules anywhere, by its own word where there is one.

FerretDB's `explain` names no index, whatever there is; it says only whether it left a filter to SQLite, which it does for one
`_id`. So on FerretDB the rules are all there is.
"""

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from readsvc.mongo_reads import lists, newest
from readsvc.page_token import Position
from readsvc.queries import Period, ReservationsQuery, ShowtimesQuery
from readsvc.settings import ReadServiceSettings
from readsvc.view_store import ViewStore
from shared.application.projections.failures import ProjectionFailure
from shared.application.projections.gaps import GapPlace
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import FIRST_GENERATION, MovieDocument, ShowtimeDocument
from shared.contracts.generations import META_COLLECTION
from shared.infrastructure.mongo.indexes import ensure_indexes
from shared.infrastructure.mongo.mongo_failure_parking import COLLECTION, MongoFailureParking
from shared.infrastructure.mongo.mongo_view_gaps import MongoViewGaps
from shared.infrastructure.mongo.mongo_view_progress import MongoViewProgress
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.mongo.mongo_view_removal import MongoViewRemoval
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.builders.view_documents import START, a_showtime
from tests.integration.mongo_server.index_rules import IndexKey, serves
from tests.servers.ferretdb import BUILD_SECONDS
from tests.servers.mongo import MongoServer

pytestmark = pytest.mark.integration

Views = Database[dict[str, Any]]
PERIOD = Period(start=START, end=START + timedelta(days=1))
AFTER = Position("2099-12-01T20:00:00.000000Z", "one")
BY_START, BY_MOVIE, BY_ID = "screeningTime_1__id_1", "movie.movieId_1_screeningTime_1__id_1", "_id_"
BY_CUSTOMER = "customerId_1_createdAt_-1__id_-1"
BY_GAP = "gapSince_1__id_1"
PARKED = ProjectionFailure(
    id="a",
    received=ReceivedEvent(body=b"", partition="0", position=0, published=None),
    reason="",
    parked=START,
    attempts=1,
    tried=START,
)


def a_page(**fields: Any) -> Callable[[ViewStore], Awaitable[object]]:
    values: dict[str, Any] = {"period": PERIOD, "movie_id": None, "page_size": 9, "after": None} | fields
    return lambda store: store.page_of_showtimes(ShowtimesQuery(filters="", **values))


def a_page_of_reservations(after: Position | None = None) -> Callable[[ViewStore], Awaitable[object]]:
    query = ReservationsQuery(customer_id="me", page_size=9, after=after)
    return lambda store: store.page_of_reservations(query)


def a_movie(rev: int) -> MovieDocument:
    return MovieDocument(id="tt1", rev=rev, title="Alien", runtime_minutes=117, version=rev)


READ_SERVICE: dict[str, tuple[Callable[[ViewStore], Awaitable[object]], str]] = {
    "a document": (lambda store: store.find(ShowtimeDocument.view, "one", generation=1), BY_ID),
    "which generations there are": (lambda store: store.generations(), BY_ID),
    "the showtimes of a day": (a_page(), BY_START),
    "all to come": (a_page(period=Period(start=START)), BY_START),
    "another page of a day": (a_page(after=AFTER), BY_START),
    "a movie's showtimes": (a_page(movie_id="tt1"), BY_MOVIE),
    "another page of a movie's": (a_page(movie_id="tt1", after=AFTER), BY_MOVIE),
    "a customer's reservations": (a_page_of_reservations(), BY_CUSTOMER),
    "another page of a customer's": (a_page_of_reservations(AFTER), BY_CUSTOMER),
    "the showtimes of a page of reservations": (lambda store: store.showtimes(["one", "two"]), BY_ID),
}
PROJECTOR_AND_AUDIT: dict[str, tuple[Callable[[Views], object], str]] = {
    "some documents": (
        lambda views: MongoViewStore(views, generation=FIRST_GENERATION).load(
            ShowtimeDocument, ["one", "two"]
        ),
        BY_ID,
    ),
    "a guarded replace": (
        lambda views: MongoViewStore(views, generation=FIRST_GENERATION).save([a_movie(2)]),
        BY_ID,
    ),
    "those that embed a movie": (
        lambda views: MongoViewStore(views, generation=FIRST_GENERATION).showtimes_of_movie(
            "tt1", below_version=2
        ),
        BY_MOVIE,
    ),
    "those that embed an auditorium": (
        lambda views: MongoViewStore(views, generation=FIRST_GENERATION).showtimes_of_auditorium(
            "odeon-1", below_version=2
        ),
        "auditorium.auditoriumId_1",
    ),
    "the audit's documents": (lambda views: MongoViewReader(views).load(ShowtimeDocument, ["one"]), BY_ID),
    "the audit's walk": (
        lambda views: MongoViewReader(views).ids_after(ShowtimeDocument, "", limit=9),
        BY_ID,
    ),
    "gaps": (
        lambda views: MongoViewGaps(views, generation=FIRST_GENERATION).gaps(
            until=START, after=None, limit=9
        ),
        BY_GAP,
    ),
    "another page of gaps": (
        lambda views: MongoViewGaps(views, generation=FIRST_GENERATION).gaps(
            until=START, after=GapPlace(START, "one"), limit=9
        ),
        BY_GAP,
    ),
    "parked events": (lambda views: MongoFailureParking(views).list(after="a", limit=9), BY_ID),
    "another attempt at a parked event": (
        lambda views: MongoFailureParking(views).failed_again(PARKED, reason="", at=START),
        BY_ID,
    ),
    "what is parked no more": (lambda views: MongoFailureParking(views).remove(["a", "b"]), BY_ID),
    "how many are parked": (lambda views: MongoViewProgress(views).parked(), BY_ID),
    "how far showtimes have got": (lambda views: MongoViewProgress(views).newest_sequences(["one"]), BY_ID),
    "a removal": (lambda views: MongoViewRemoval(views).remove("showtimes", "nobody"), BY_ID),
}


class Asked(CommandListener):
    """Notes what the driver asked the server for, as find commands."""

    def __init__(self) -> None:
        self.finds: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = dict(event.command)
        statements = [*command.get("updates", []), *command.get("deletes", [])]
        if event.command_name == "find":
            wanted = {name: command[name] for name in ("find", "filter", "sort", "limit") if name in command}
            self.finds.append(wanted)
        self.finds += [{"find": command[event.command_name], "filter": each["q"]} for each in statements]

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.fixture
def views(mongo_database: Views) -> Views:
    ensure_indexes(mongo_database, generation=FIRST_GENERATION)
    one = a_showtime(showtime_id="one").model_dump(mode="json", by_alias=True)
    mongo_database["showtimes_1"].insert_one(one)
    mongo_database[META_COLLECTION].insert_one({"_id": "something else"})
    mongo_database[COLLECTION].insert_one({"_id": "A"})
    mongo_database["movies_1"].insert_one(a_movie(1).model_dump(mode="json", by_alias=True))
    return mongo_database


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def watched(views: Views, mongo_server: MongoServer, asked: Asked) -> Iterator[Views]:
    """The same database, by a client that is listened to."""
    with MongoClient[dict[str, Any]](mongo_server.url, event_listeners=[asked]) as client:
        yield client[views.name]


def test_creating_the_indexes_again_changes_nothing(mongo_database: Views) -> None:
    created: list[list[str]] = []
    for _ in range(2):
        ensure_indexes(mongo_database, generation=FIRST_GENERATION)
        created.append(sorted(each["name"] for each in mongo_database["showtimes_1"].list_indexes()))
    assert created[0] == created[1]
    assert {BY_ID, BY_START, BY_MOVIE} <= set(created[0])


@pytest.mark.parametrize("name", PROJECTOR_AND_AUDIT)
def test_a_query_of_the_projector_or_the_audit_has_its_index(
    views: Views, watched: Views, asked: Asked, mongo_server: MongoServer, name: str
) -> None:
    ask, index = PROJECTOR_AND_AUDIT[name]
    ask(watched)
    assert_served(asked.finds, index=index, views=views, server=mongo_server)


@pytest.mark.parametrize("name", READ_SERVICE)
async def test_a_query_of_the_read_service_has_its_index(
    views: Views, asked: Asked, mongo_server: MongoServer, name: str
) -> None:
    ask, index = READ_SERVICE[name]
    values = {"mongo_url": mongo_server.url, "redis_url": "", "mongo_database": views.name}
    settings = ReadServiceSettings.model_validate(values)
    async with AsyncMongoClient[dict[str, Any]](mongo_server.url, event_listeners=[asked]) as client:
        store = ViewStore(newest=newest(client, settings), lists=lists(client, settings))
        await store.live.look()
        asked.finds.clear()
        await ask(store)
    assert_served(asked.finds, index=index, views=views, server=mongo_server)


def assert_served(finds: list[dict[str, Any]], *, index: str, views: Views, server: MongoServer) -> None:
    assert finds
    for find in finds:
        keys = {each["name"]: list(each["key"].items()) for each in views[find["find"]].list_indexes()}
        assert serves(keys[index], query=find["filter"], sort=list(find.get("sort", {}).items())), find
        if server.kind == "MongoDB":
            assert_planned(explained(views, find), index=index)


def explained(views: Views, find: dict[str, Any]) -> dict[str, Any]:
    """The plan; one engine of MongoDB's has it a level lower than the other."""
    answer = views.command("explain", find, verbosity="queryPlanner")
    plan = answer["queryPlanner"]["winningPlan"]
    return plan.get("queryPlan", plan)


def assert_planned(plan: dict[str, Any], *, index: str) -> None:
    """It reads this index and no collection, and sorts nothing. A look-up of one `_id` has a stage of its own."""
    stages = list(stages_of(plan))
    names = {stage["stage"] for stage in stages}
    assert not names & {"COLLSCAN", "SORT"}, plan
    if not names & {"IDHACK", "EXPRESS_IXSCAN"}:
        assert {stage["indexName"] for stage in stages if stage["stage"] == "IXSCAN"} == {index}, plan


def stages_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A stage and those below it; one has its single input in a field, another its inputs in a list."""
    yield plan
    inputs: list[dict[str, Any]] = [*plan.get("inputStages", []), *filter(None, [plan.get("inputStage")])]
    for below in inputs:
        yield from stages_of(below)


@pytest.mark.full
@pytest.mark.timeout(BUILD_SECONDS + 120)
def test_ferretdb_tells_of_a_look_up_by_id_and_of_no_index(real_mongo: MongoServer) -> None:
    if real_mongo.kind != "FerretDB":
        pytest.skip("the server that MONGO_TEST_URL names explains its plans itself")
    with real_mongo.database() as database:
        ensure_indexes(database, generation=FIRST_GENERATION)
        database["showtimes_1"].insert_one({"_id": "one", "screeningTime": "2026"})

        def left_to_sqlite(query: dict[str, Any]) -> bool:
            answer = database.command("explain", {"find": "showtimes_1", "filter": query})
            assert "SEARCH" not in str(answer["queryPlanner"])
            return answer["filterPushdown"]

        assert left_to_sqlite({"_id": "one"})
        assert not left_to_sqlite({"_id": {"$in": ["one"]}})
        assert not left_to_sqlite({"screeningTime": {"$gte": "2026"}})


DAY_THEN_ID: IndexKey = [("day", 1), ("_id", 1)]
A_DAY = {"day": {"$gte": "a", "$lt": "b"}}


@pytest.mark.parametrize(
    ("index", "query", "sort", "served"),
    [
        (DAY_THEN_ID, A_DAY, DAY_THEN_ID, True),
        (DAY_THEN_ID, A_DAY, [("day", -1), ("_id", -1)], True),
        (DAY_THEN_ID, A_DAY, [("day", 1), ("_id", -1)], False),
        (DAY_THEN_ID, A_DAY, [("_id", 1)], False),
        (DAY_THEN_ID, {"day": "a"}, [("_id", 1)], True),
        (DAY_THEN_ID, {"day": {"$in": ["a", "b"]}}, [("_id", 1)], False),
        (DAY_THEN_ID, {"movie": "m"}, DAY_THEN_ID, False),
        (DAY_THEN_ID, {"$or": [{"day": "a"}]}, [], False),
        ([("movie", 1), *DAY_THEN_ID], A_DAY, DAY_THEN_ID, False),
        ([("movie", 1), *DAY_THEN_ID], {"movie": "m", **A_DAY}, DAY_THEN_ID, True),
        ([("movie", 1), *DAY_THEN_ID], {"movie": "m", **A_DAY, "$or": [A_DAY]}, DAY_THEN_ID, True),
    ],
)
def test_the_rules_know_an_index_that_serves_from_one_that_does_not(
    index: IndexKey, query: dict[str, Any], sort: IndexKey, *, served: bool
) -> None:
    assert serves(index, query=query, sort=sort) is served


def test_a_plan_that_sorts_or_reads_everything_is_known_as_such() -> None:
    scan = {"stage": "IXSCAN", "indexName": BY_START}
    assert_planned({"stage": "LIMIT", "inputStage": {"stage": "FETCH", "inputStage": scan}}, index=BY_START)
    assert_planned({"stage": "IDHACK"}, index=BY_ID)
    for wrong in (
        {"stage": "SORT", "inputStage": scan},
        {"stage": "COLLSCAN"},
        scan | {"indexName": BY_MOVIE},
    ):
        with pytest.raises(AssertionError):
            assert_planned(wrong, index=BY_START)
