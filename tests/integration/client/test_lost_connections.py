"""A watch of the real read service, over a connection that a test takes away."""

import asyncio
from contextlib import aclosing
from uuid import uuid4

import pytest

from cinema_client import CinemaClient, SeatMap
from shared.contracts.documents import SeatClaim
from tests.builders.view_documents import a_showtime
from tests.servers.fault_proxy import Fault, FaultProxy
from tests.servers.read_service import ReadService, Views

pytestmark = pytest.mark.integration


async def struck(proxy: FaultProxy) -> None:
    async with asyncio.timeout(20):
        while not proxy.struck:
            await asyncio.sleep(0.02)


def taken(seat_map: SeatMap) -> dict[str, str]:
    return {f"{row}{number}": status for (row, number), status in seat_map.seats.items() if status != "Free"}


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.REFUSED, Fault.SILENT])
async def test_what_happened_meanwhile_is_in_the_next_map(
    service: ReadService, views: Views, fault: Fault
) -> None:
    showtime = a_showtime(sequence=2, claims={"A-1": "Held"})
    claims = showtime.claims | {"B-2": SeatClaim(status="Sold", reservation_id=str(uuid4()), seq=3)}
    views.project(showtime)
    async with (
        FaultProxy.before(service.port) as proxy,
        CinemaClient(f"localhost:{proxy.port}") as cinema,
        aclosing(cinema.watch(showtime.id, silence=1)) as maps,
    ):
        assert taken(await anext(maps)) == {"A1": "Held"}
        await proxy.make(fault)
        views.project(showtime.model_copy(update={"claims": claims, "sequence": 3, "rev": 2}))
        following = asyncio.create_task(anext(maps))
        await struck(proxy)
        await proxy.make(Fault.NONE)
        seat_map = await following
    assert (taken(seat_map), seat_map.sequence) == ({"A1": "Held", "B2": "Sold"}, 3)
