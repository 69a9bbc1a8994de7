"""One suite for every view store: the fake, and that of MongoDB on the stand-in and on a real server."""

from typing import Any

import pytest
from pymongo import MongoClient

from shared.application.projections.ports import ViewStore, ViewStoreUnavailableError
from shared.contracts.documents import FIRST_GENERATION, MovieDocument, ShowtimeDocument
from shared.infrastructure.mongo.mongo_view_store import MongoViewStore
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event
from tests.contract.projections.view_database import ViewDatabase
from tests.fakes.view_store import FakeViewStore
from tests.servers.process import free_port
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.contract


@pytest.fixture
def store(view_database: ViewDatabase) -> ViewStore:
    return (
        FakeViewStore()
        if view_database is None
        else MongoViewStore(view_database, generation=FIRST_GENERATION)
    )


def a_movie(identity: str = "tt1", *, rev: int = 1, title: str = "Alien") -> MovieDocument:
    return MovieDocument(id=identity, rev=rev, title=title, runtime_minutes=117, version=rev)


def a_showtime() -> ShowtimeDocument:
    history = ShowtimeHistory()
    projection = Projection().project(
        [movie_event(1), auditorium_event(1), history.created(), history.held("c", ("A", 1))]
    )
    return projection.showtime(history.showtime_id).model_copy(update={"rev": 1})


def test_a_new_document_comes_back_as_it_was(store: ViewStore) -> None:
    showtime = a_showtime()
    assert store.save([showtime]) == set()
    assert store.load(ShowtimeDocument, [showtime.id, "unknown"]) == {showtime.id: showtime}


def test_inserting_what_is_there_loses(store: ViewStore) -> None:
    store.save([a_movie()])
    assert store.save([a_movie(title="Aliens"), a_movie("tt2")]) == {"tt1"}
    assert {movie.title for movie in store.load(MovieDocument, ["tt1", "tt2"]).values()} == {"Alien"}


def test_replacing_the_revision_before_wins_and_any_other_loses(store: ViewStore) -> None:
    store.save([a_movie()])
    assert store.save([a_movie(rev=2, title="Aliens")]) == set()
    assert store.save([a_movie(rev=2, title="Alien 3")]) == {"tt1"}
    assert store.save([a_movie(rev=4, title="Alien 4")]) == {"tt1"}
    assert store.load(MovieDocument, ["tt1"])["tt1"].title == "Aliens"


def test_replacing_what_is_not_there_loses(store: ViewStore) -> None:
    assert store.save([a_movie(rev=2)]) == {"tt1"}
    assert store.load(MovieDocument, ["tt1"]) == {}


def test_showtimes_are_found_by_what_they_embed(store: ViewStore) -> None:
    showtime = a_showtime()
    store.save([showtime])
    assert store.showtimes_of_movie("tt1375666", below_version=2) == [showtime.id]
    assert store.showtimes_of_movie("tt1375666", below_version=1) == []
    assert store.showtimes_of_movie("tt0", below_version=2) == []
    assert store.showtimes_of_auditorium("odeon-1", below_version=2) == [showtime.id]
    assert store.showtimes_of_auditorium("odeon-1", below_version=1) == []


def test_a_server_that_does_not_answer_is_an_outage() -> None:
    with MongoClient[dict[str, Any]](
        f"mongodb://127.0.0.1:{free_port()}", serverSelectionTimeoutMS=50
    ) as client:
        store = MongoViewStore(client["test"], generation=FIRST_GENERATION)
        with pytest.raises(ViewStoreUnavailableError):
            store.load(MovieDocument, ["tt1"])
        with pytest.raises(ViewStoreUnavailableError):
            store.save([a_movie()])
