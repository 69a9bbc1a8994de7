"""The connection dies while a command commits: the rerun finds what was committed, and tells the customer so."""

from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from shared.domain.reservations.errors import SeatsAlreadyTakenError
from shared.infrastructure.sql.command_ledger import SqlCommandLedger
from shared.infrastructure.sql.write_tables import reservations
from tests.builders.cinema import Cinema
from tests.fakes.clock import FakeClock
from tests.integration.write_side.conftest import side_on
from tests.servers.cutting_proxy import cutting_proxy
from tests.servers.write_database import WriteDatabase

pytestmark = [pytest.mark.integration, pytest.mark.full]


def test_the_customer_gets_the_reservation_and_not_that_the_seats_are_taken(
    postgres_url: str, clock: FakeClock, tmp_path: Path
) -> None:
    url = make_url(postgres_url)
    with cutting_proxy(real=Path(str(url.query["host"])), own=tmp_path) as proxy:
        behind = url.set(query={"host": str(tmp_path)}).render_as_string(hide_password=False)
        database = WriteDatabase(behind)
        cinema = Cinema(side_on(database, clock))
        showtime_id = cinema.open_showtime()
        proxy.lose_the_next_commit()
        held = cinema.reserve(showtime_id, "A-1", "A-2")
        assert proxy.cuts == 1, "the fault did not happen"
        stored = database.rows(select(reservations.c.ReservationId))
        database.close()
    assert [row.ReservationId for row in stored] == [held.state.reservation_id]
    assert (held.created, held.sequence) == (True, 2)


def test_without_the_ledger_the_customer_is_told_that_the_seats_are_taken(
    postgres_url: str, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""

    def know_nothing(_self: object) -> None:
        return None

    monkeypatch.setattr(SqlCommandLedger, "recall", know_nothing)
    url = make_url(postgres_url)
    with cutting_proxy(real=Path(str(url.query["host"])), own=tmp_path) as proxy:
        database = WriteDatabase(url.set(query={"host": str(tmp_path)}).render_as_string(hide_password=False))
        cinema = Cinema(side_on(database, clock))
        showtime_id = cinema.open_showtime()
        proxy.lose_the_next_commit()
        with pytest.raises(SeatsAlreadyTakenError):
            cinema.reserve(showtime_id, "A-1", "A-2")
        database.close()
