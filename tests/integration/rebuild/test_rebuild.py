"""`cinema rebuild` on the stand-ins: under traffic, killed, refused, finished and given up."""

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from tests.integration.rebuild.rebuilt_cinema import RebuiltCinema
from tests.servers.read_service import ReadService, eventually, read_service

pytestmark = pytest.mark.integration


@pytest.fixture
def cinema(mongo_url: str, redis_url: str, tmp_path: Path) -> Iterator[RebuiltCinema]:
    cinema = RebuiltCinema(tmp_path, mongo_url, redis_url, f"test_{uuid4().hex}")
    yield cinema
    cinema.mongo.drop_database(cinema.mongo_database)
    cinema.close()


def ask(service: ReadService, cinema: RebuiltCinema, stop: Event) -> int:
    """One client: reads what it has just heard of, and then without a condition. Each answer is as new as the last."""
    asked, seen = 0, dict(cinema.projected)
    while not stop.is_set():
        for showtime in list(seen):
            wanted = cinema.projected[showtime]
            sure = service.get_showtime(showtime, min_sequence=wanted).sequence
            assert sure >= max(wanted, seen[showtime])
            any_answer = service.get_showtime(showtime).sequence
            assert any_answer >= sure
            seen[showtime] = any_answer
            asked += 1
    return asked


@pytest.mark.timeout(180)
def test_under_traffic_no_read_fails_and_none_is_stale(cinema: RebuiltCinema) -> None:
    cinema.furnish(showtimes=3, bookings=100)
    stop = Event()
    with (
        read_service(
            mongo_url=cinema.mongo_url, redis_url=cinema.redis_url, MONGO_DATABASE=cinema.mongo_database
        ) as service,
        cinema.traffic(),
        ThreadPoolExecutor(2) as pool,
    ):
        clients: list[Future[int]] = [pool.submit(ask, service, cinema, stop) for _ in range(2)]
        ended, out, err = cinema.rebuild()
        assert (ended, out) == (0, "Generation 2 is live.\n"), err
        eventually(lambda: cinema.generations.live == 2)
        stop.set()
        assert all(client.result() > 10 for client in clients)
    assert {name.rpartition("_")[2] for name in cinema.collections} == {"2"}
    for history in cinema.histories:
        stored = cinema.database["showtimes_2"].find_one({"_id": str(history.showtime_id)})
        assert stored is not None
        assert (stored["sequence"], stored["ahead"]) == (len(history.events), [])


@pytest.mark.timeout(180)
def test_killed_in_the_middle_it_is_run_again_and_goes_on(cinema: RebuiltCinema) -> None:
    cinema.furnish(showtimes=20, bookings=20)
    process = cinema.start(REBUILD_BATCH_EVENTS=2)
    eventually(lambda: cinema.progress.copied >= 50, seconds=60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    killed = cinema.progress
    assert (cinema.generations.live, killed.complete) == (1, False)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(cinema.rebuild, "--no-wait")
        eventually(lambda: cinema.progress.owner != killed.owner, seconds=60)
        refused, _, why = cinema.rebuild()
        assert (refused, why.splitlines()[-1]) == (1, "another rebuild is at work on generation 2")
        ended, out, err = second.result()
    assert (ended, out.splitlines()[0]) == (0, "Generation 2 is live."), err
    assert cinema.progress.copied == 822  # a catalogue of two, and twenty times forty-one
    assert cinema.documents(2) == cinema.documents(1)
    assert len(cinema.documents(2)) == 20 + 400


@pytest.mark.full
@pytest.mark.timeout(120)
def test_the_former_views_are_dropped_by_a_later_run(cinema: RebuiltCinema) -> None:
    cinema.furnish(showtimes=1, bookings=2)
    _, out, _ = cinema.rebuild("--no-wait")
    assert out.splitlines()[1].startswith("Generation 1 is kept up to date until ")

    def finished() -> bool:
        ended, said, err = cinema.rebuild("--finish")
        assert ended == 0, err
        return said == "Generation 2 is live.\n"

    eventually(finished, seconds=60)
    assert {name.rpartition("_")[2] for name in cinema.collections} == {"2"}


@pytest.mark.full
@pytest.mark.timeout(120)
def test_what_eventlog_lacks_is_named_and_the_half_built_views_can_be_given_up(
    cinema: RebuiltCinema,
) -> None:
    cinema.furnish(showtimes=1, bookings=2)
    lost = cinema.lose(cinema.histories[0], sequence=3)
    ended, out, err = cinema.rebuild(REBUILD_PATIENCE_SECONDS=1)
    assert (ended, out) == (1, "")
    assert f"EventLog lacks events of 1 streams that the live views have: {lost}." in " ".join(err.split())
    assert cinema.generations.live == 1
    ended, out, err = cinema.rebuild("--abandon")
    assert (ended, out) == (0, "Generation 1 is live.\n"), err
    assert {name.rpartition("_")[2] for name in cinema.collections} == {"1"}
    ended, _, err = cinema.rebuild("--abandon")
    assert (ended, err.splitlines()[-1]) == (1, "no generation is being built")
