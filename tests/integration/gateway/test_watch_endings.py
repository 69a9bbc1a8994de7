"""How streams through the gateway end: the client goes, the read service leaves, dies, or was never there."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.builders.view_documents import a_showtime
from tests.integration.gateway.event_stream import events, gateway_before, sold, watching
from tests.servers.process import free_port
from tests.servers.read_service import Views, eventually, read_service

pytestmark = pytest.mark.integration


def test_a_client_that_goes_away_is_watched_for_no_longer(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    showtime = a_showtime()
    views.project(showtime)
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url) as service,
        gateway_before(service.port, folder=tmp_path) as client,
    ):
        before = views.channels()
        with watching(client, showtime.id) as answer:
            stream = events(answer)
            next(stream)
            assert views.channels() == before + 1
        eventually(lambda: views.channels() == before)


def test_a_read_service_that_leaves_ends_its_streams_cleanly(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    """Without an error of the connection, and with nothing that is no event: the client comes back with its id."""
    showtime = a_showtime()
    views.project(showtime)
    with (
        read_service(mongo_url=mongo_url, redis_url=redis_url, LAME_DUCK_SECONDS=0) as service,
        gateway_before(service.port, folder=tmp_path) as client,
        watching(client, showtime.id) as answer,
    ):
        stream = events(answer)
        assert next(stream)["id"] == "1"
        service.process.terminate()
        assert list(stream) == []
        assert service.process.wait(timeout=20) == 0


def test_a_first_watch_without_a_read_service_is_told_to_come_again(tmp_path: Path) -> None:
    with gateway_before(free_port(), folder=tmp_path) as client:
        refused = client.get(f"/api/showtimes/{uuid4()}/watch")
    assert (refused.status_code, refused.json()["code"]) == (503, 14)
    assert refused.headers["content-type"] == "application/json"
    assert int(refused.headers["retry-after"]) > 0


def test_every_change_is_told_once_over_several_deaths_of_the_read_service(
    mongo_url: str, redis_url: str, views: Views, tmp_path: Path
) -> None:
    showtime = a_showtime()
    views.project(showtime)
    seats = ["A-1", "A-2", "A-3", "B-1", "B-2"]
    port, told, last = free_port(), list[str](), "1"
    with gateway_before(port, folder=tmp_path) as client:
        for sequence, seat in enumerate(seats, start=2):
            with (
                read_service(mongo_url=mongo_url, redis_url=redis_url, port=port) as service,
                watching(client, showtime.id, headers={"last-event-id": last}) as answer,
            ):
                stream = events(answer)
                next(stream)
                showtime = sold(showtime, seat, sequence=sequence)
                views.project(showtime)
                event = next(stream)
                told += [f"{changed['row']}-{changed['number']}" for changed in event["data"]["seats"]]
                last = event["id"]
                service.process.kill()
                with pytest.raises(httpx.RemoteProtocolError):
                    list(stream)
    assert (told, last) == (seats, "6")
