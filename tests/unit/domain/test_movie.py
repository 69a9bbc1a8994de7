import pytest

from shared.domain.catalogue.movie import LONGEST_TITLE, Movie, MovieChanged, MovieId, MovieRegistered
from shared.domain.errors import InvalidValueError
from tests.builders.catalogue import INCEPTION
from tests.builders.showtimes import NOON

pytestmark = pytest.mark.unit


def a_movie(*, title: str = "Inception", runtime_minutes: int = 148) -> Movie:
    return Movie.register(INCEPTION.movie_id, title=title, runtime_minutes=runtime_minutes, at=NOON)


def refused_field(error: pytest.ExceptionInfo[InvalidValueError]) -> str:
    return error.value.problem.field


@pytest.mark.parametrize("text", ["tt1375666", "tt13756661"])
def test_an_imdb_id_names_a_movie(text: str) -> None:
    assert str(MovieId(text)) == text


@pytest.mark.parametrize(
    "text", ["", "tt", "tt137566", "tt137566611", "TT1375666", "tt137566x", "tt1375666\n", "tt137566٣"]
)
def test_anything_else_names_no_movie(text: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        MovieId(text)
    assert refused_field(error) == "movie_id"


def test_a_registered_movie_begins_with_version_one() -> None:
    movie = a_movie()
    assert movie.state == INCEPTION
    assert movie.new_events == (MovieRegistered(state=INCEPTION, occurred_at=NOON),)
    assert movie.stored_version == 0


def test_the_space_around_a_title_does_not_count() -> None:
    assert a_movie(title="  Inception ").state.title == "Inception"


def test_a_title_may_be_written_in_any_script() -> None:
    assert a_movie(title="千と千尋の神隠し").state.title == "千と千尋の神隠し"


@pytest.mark.parametrize(
    "title",
    ["", "   ", "\u200b", "a\x00b", "a\nb", "a\u2028b", "a\ud800b", "x" * (LONGEST_TITLE + 1)],
)
def test_a_title_that_nobody_could_read_is_refused(title: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        a_movie(title=title)
    assert refused_field(error) == "title"


@pytest.mark.parametrize("minutes", [-1, 0, 24 * 60 + 1, 10**30])
def test_a_movie_runs_for_a_minute_to_a_day(minutes: int) -> None:
    with pytest.raises(InvalidValueError) as error:
        a_movie(runtime_minutes=minutes)
    assert refused_field(error) == "runtime_minutes"


def test_a_correction_is_an_event_with_the_next_version() -> None:
    movie = Movie.restore(INCEPTION)
    movie.change(title="Inception (2010)", runtime_minutes=150, at=NOON)
    assert (movie.state.title, movie.state.runtime_minutes, movie.state.version) == (
        "Inception (2010)",
        150,
        2,
    )
    assert movie.new_events == (MovieChanged(state=movie.state, occurred_at=NOON),)
    assert movie.stored_version == 1


def test_a_correction_that_changes_nothing_is_no_event() -> None:
    movie = Movie.restore(INCEPTION)
    movie.change(title=" Inception ", runtime_minutes=148, at=NOON)
    assert movie.new_events == ()
    assert movie.state == INCEPTION
