import pytest

from shared.domain.catalogue.auditorium import (
    Auditorium,
    AuditoriumChanged,
    AuditoriumId,
    AuditoriumRegistered,
)
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.errors import InvalidValueError
from tests.builders.catalogue import a_layout, an_auditorium, seats
from tests.builders.showtimes import NOON

pytestmark = pytest.mark.unit

ODEON = an_auditorium(A=10, B=10)


@pytest.mark.parametrize("slug", ["odeon-1", "1", "the-big-one", "x" * 40])
def test_a_slug_names_an_auditorium(slug: str) -> None:
    assert str(AuditoriumId(slug)) == slug


@pytest.mark.parametrize("slug", ["", "Odeon", "odeon 1", "-odeon", "odeon-", "a--b", "a\n", "ö", "x" * 41])
def test_anything_else_names_no_auditorium(slug: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        AuditoriumId(slug)
    assert error.value.problem.field == "auditorium_id"


def test_a_registered_auditorium_begins_with_version_one() -> None:
    auditorium = Auditorium.register(ODEON.auditorium_id, name=" Odeon 1", layout=ODEON.layout, at=NOON)
    assert auditorium.state == ODEON
    assert auditorium.new_events == (AuditoriumRegistered(state=ODEON, occurred_at=NOON),)


def test_a_blank_name_is_refused() -> None:
    with pytest.raises(InvalidValueError) as error:
        Auditorium.register(ODEON.auditorium_id, name=" ", layout=ODEON.layout, at=NOON)
    assert error.value.problem.field == "name"


def test_a_refit_is_an_event_with_the_next_version() -> None:
    auditorium = Auditorium.restore(ODEON)
    auditorium.change(name="Odeon 1", layout=a_layout(A=10, B=9), live_seats=(), at=NOON)
    assert auditorium.state.version == 2
    assert auditorium.new_events == (AuditoriumChanged(state=auditorium.state, occurred_at=NOON),)


def test_the_same_again_is_no_event() -> None:
    auditorium = Auditorium.restore(ODEON)
    auditorium.change(name="Odeon 1", layout=a_layout(A=10, B=10), live_seats=(), at=NOON)
    assert auditorium.new_events == ()


def test_a_refit_that_takes_away_live_seats_is_refused_and_names_them() -> None:
    auditorium = Auditorium.restore(ODEON)
    live = seats("B-10", "B-9", "A-1")
    with pytest.raises(LayoutInUseError) as error:
        auditorium.change(name="Odeon 1", layout=a_layout(A=10, B=8), live_seats=live, at=NOON)
    assert error.value.seats == seats("B-9", "B-10")
    assert auditorium.state == ODEON


def test_a_refit_that_leaves_live_seats_alone_is_fine() -> None:
    auditorium = Auditorium.restore(ODEON)
    auditorium.change(name="Odeon 1", layout=a_layout(A=10), live_seats=seats("A-1"), at=NOON)
    assert auditorium.state.layout == a_layout(A=10)
