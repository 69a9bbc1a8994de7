import pytest

from tests.builders.published_events import auditorium_event, movie_event
from tests.fakes.audited_cinema import AuditedCinema
from tests.unit.audit.small_cinema import a_history


@pytest.fixture
def cinema() -> AuditedCinema:
    return AuditedCinema([movie_event(1), auditorium_event(1), *a_history().events, movie_event(2)])
