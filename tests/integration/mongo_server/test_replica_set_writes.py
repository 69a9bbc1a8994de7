"""What the projector asks of a replica set, and what it makes of a lost answer, a step-down and a majority that is not there."""

import pytest

from shared.application.projections.ports import ViewStoreUnavailableError
from shared.bootstrap.views import patient_mongo, views_to_examine
from shared.contracts.documents import MovieDocument
from shared.infrastructure.mongo.mongo_view_reader import MongoViewReader
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.integration.mongo_server.patient_store import PATIENCE_MS
from tests.servers.replica_set import NOT_PRIMARY, SHUTTING_DOWN, Command, ReplicaSet

pytestmark = pytest.mark.integration

NO_MAJORITY = {
    "ok": 1.0,
    "n": 1,
    "nModified": 1,
    "writeConcernError": {"code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting timed out"},
}


def a_movie(*, rev: int = 1, title: str = "Alien") -> MovieDocument:
    return MovieDocument(id="tt1", rev=rev, title=title, runtime_minutes=117, version=rev)


def title(store: MongoViewStore) -> str:
    return store.load(MovieDocument, ["tt1"])["tt1"].title


def test_a_write_waits_for_a_majority_and_for_that_not_for_ever(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    store.save([a_movie()])
    store.save([a_movie(rev=2)])
    asked = [command["writeConcern"] for command in members.primary.named("insert", "update")]
    assert asked == [{"w": "majority", "wtimeout": PATIENCE_MS // 2}] * 2


def test_a_guard_is_compared_with_what_the_primary_has_now(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    store.load(MovieDocument, ["tt1"])
    (find,) = members.primary.named("find")
    assert (find["readConcern"], members.secondary.seen) == ({"level": "local"}, [])
    assert "$readPreference" not in find


def test_who_examines_the_views_sees_what_a_failover_can_not_take_back(members: ReplicaSet) -> None:
    with patient_mongo(members.url, patience_ms=PATIENCE_MS) as client:
        MongoViewReader(views_to_examine(client, "test")).load(MovieDocument, ["tt1"])
    finds = members.primary.named("find")
    assert finds
    assert [find["readConcern"] for find in finds] == [{"level": "majority"}] * len(finds)


def test_a_replace_whose_answer_is_lost_has_won_all_the_same(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    """The driver sends it again, and the second time its guard finds the document that it has itself replaced."""
    store.save([a_movie()])
    members.primary.fail("update", "lose the answer")
    assert store.save([a_movie(rev=2, title="Aliens")]) == set()
    assert title(store) == "Aliens"
    assert_sent_twice(members.primary.named("update"))


def test_an_insert_whose_answer_is_lost_has_won_all_the_same(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    members.primary.fail("insert", "lose the answer")
    assert store.save([a_movie()]) == set()
    assert_sent_twice(members.primary.named("insert"))


def test_who_lost_a_race_and_its_answer_has_still_lost(store: MongoViewStore, members: ReplicaSet) -> None:
    store.save([a_movie()])
    store.save([a_movie(rev=2, title="Aliens")])
    members.primary.fail("update", "lose the answer")
    assert store.save([a_movie(rev=2, title="Alien 3")]) == {"tt1"}
    assert title(store) == "Aliens"


def test_a_write_that_is_never_answered_is_sent_again(store: MongoViewStore, members: ReplicaSet) -> None:
    """The driver by itself would wait for ever: who answers its heartbeats is well."""
    members.primary.fail("insert", "never answer")
    assert store.save([a_movie()]) == set()
    assert_sent_twice(members.primary.named("insert"))


@pytest.mark.parametrize("refusal", [NOT_PRIMARY, SHUTTING_DOWN])
def test_a_step_down_that_is_over_soon_is_not_noticed(
    store: MongoViewStore, members: ReplicaSet, refusal: Command
) -> None:
    members.primary.fail("insert", refusal)
    assert store.save([a_movie()]) == set()
    assert_sent_twice(members.primary.named("insert"))


def test_a_set_without_a_primary_is_an_outage_and_its_new_primary_ends_it(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    store.save([a_movie()])
    members.primary.role = "secondary"
    with pytest.raises(ViewStoreUnavailableError):
        store.save([a_movie(rev=2, title="Aliens")])
    members.secondary.role = "primary"
    assert store.save([a_movie(rev=2, title="Aliens")]) == set()
    assert title(store) == "Aliens"


def test_a_write_that_no_majority_has_in_time_is_an_outage(
    store: MongoViewStore, members: ReplicaSet
) -> None:
    store.save([a_movie()])
    members.primary.fail("update", NO_MAJORITY)
    with pytest.raises(ViewStoreUnavailableError, match="waiting timed out"):
        store.save([a_movie(rev=2)])


def assert_sent_twice(commands: list[Command]) -> None:
    """As one write: a server that knows its own writes again does it once."""
    first, second = commands
    assert first["txnNumber"] == second["txnNumber"]
    assert first["lsid"] == second["lsid"]
