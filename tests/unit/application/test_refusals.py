"""Every refusal has a kind, a code, a status and a title, so that a new one can't surprise a client."""

from uuid import uuid4

import pytest

from functions.problems import STATUS_BY_KIND, TITLES, RequestError
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.errors import CinemaError, ErrorKind
from shared.domain.reservations.errors import SeatsAlreadyTakenError
from tests.builders.catalogue import seats
from tests.builders.functions_app import loaded_app

pytestmark = pytest.mark.unit


def kinds_of(root: type[CinemaError]) -> list[type[CinemaError]]:
    return [kind for child in root.__subclasses__() for kind in (child, *kinds_of(child))]


loaded_app()  # with it every refusal that a client may meet is known
REFUSALS = kinds_of(CinemaError)


@pytest.mark.parametrize("error", REFUSALS)
def test_a_refusal_has_a_kind_and_a_titled_code(error: type[CinemaError]) -> None:
    assert error.kind in ErrorKind
    assert error.code in TITLES


def test_every_kind_has_a_client_error_status_but_unavailable() -> None:
    assert set(STATUS_BY_KIND) == set(ErrorKind)
    assert {kind for kind, status in STATUS_BY_KIND.items() if status >= 500} == {ErrorKind.UNAVAILABLE}


@pytest.mark.parametrize("error", RequestError.__subclasses__())
def test_a_request_that_can_not_be_read_is_a_client_error(error: type[RequestError]) -> None:
    assert error.code in TITLES
    assert 400 <= error.status < 500


def test_no_two_refusals_share_a_code_but_the_special_cases_of_one() -> None:
    codes = [error.code for error in REFUSALS if "code" in vars(error)]
    assert len(codes) == len(set(codes))


def test_every_titled_code_is_used() -> None:
    errors = (*REFUSALS, *RequestError.__subclasses__())
    assert set(TITLES) == {error.code for error in errors}


def test_a_message_names_what_is_in_the_way() -> None:
    assert "A-1, A-2" in str(SeatsAlreadyTakenError(uuid4(), seats=seats("A-2", "A-1")))
    assert "B-9" in str(LayoutInUseError(seats("B-9")))
