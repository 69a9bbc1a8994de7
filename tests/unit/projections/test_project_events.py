"""What a batch does to views, cache and parking."""

import pytest

from shared.application.projections.ports import ViewContentionError
from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ReservationDocument, ViewDocument
from tests.builders.published_events import NOON, ShowtimeHistory, auditorium_event, movie_event
from tests.unit.projections.projection import Projection

pytestmark = pytest.mark.unit


def test_a_hold_a_sale_and_a_release_show_on_the_seat() -> None:
    history = ShowtimeHistory()
    history.created()
    statuses: list[str] = []
    projection = Projection().project(history.events)
    for event in (history.held("c", ("A", 1)), history.sold("c", ("A", 1)), history.freed("c", ("A", 1))):
        projection.project([event])
        statuses.append(projection.showtime(history.showtime_id).claims["A-1"].status)
    assert statuses == ["Held", "Sold", "Free"]
    assert projection.showtime(history.showtime_id).claims["A-1"].reservation_id is None


def test_an_event_beyond_a_gap_is_shown_and_noted_as_ahead() -> None:
    history = ShowtimeHistory()
    created, missing, beyond = history.created(), history.held("c1", ("A", 1)), history.held("c2", ("A", 2))
    projection = Projection().project([created, beyond])
    document = projection.showtime(history.showtime_id)
    assert (document.sequence, document.ahead) == (1, (3,))
    assert document.reached(3)
    assert not document.reached(2)
    document = projection.project([missing]).showtime(history.showtime_id)
    assert (document.sequence, document.ahead) == (3, ())


def test_a_reservation_before_its_showtime_is_kept_and_not_yet_shown() -> None:
    history = ShowtimeHistory()
    created, held = history.created(), history.held("c", ("A", 1))
    projection = Projection().project([held])
    assert not projection.showtime(history.showtime_id).presentable
    document = projection.project([created]).showtime(history.showtime_id)
    assert document.presentable
    assert document.claims["A-1"].status == "Held"


@pytest.mark.parametrize("movie_first", [True, False])
def test_a_changed_movie_reaches_the_showtimes_that_show_it(*, movie_first: bool) -> None:
    history = ShowtimeHistory()
    batches = [[movie_event(1), history.created()], [movie_event(2)]]
    projection = Projection().project(*(reversed(batches) if movie_first else batches))
    document = projection.showtime(history.showtime_id)
    assert document.movie is not None
    assert document.movie.title == "Inception 2"
    assert document.sequence == 1


def test_a_changed_auditorium_reaches_its_showtimes() -> None:
    history = ShowtimeHistory()
    document = Projection().project([history.created()], [auditorium_event(2)]).showtime(history.showtime_id)
    assert document.auditorium is not None
    assert document.auditorium.name == "Odeon 2"


def test_a_document_tells_when_its_last_event_passed_each_station() -> None:
    history = ShowtimeHistory()
    event = history.created()
    passed = Projection().project([event]).showtime(history.showtime_id).passed
    assert passed is not None
    assert (passed.committed.second, passed.published, passed.projected) == (1, event.published, NOON)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"{}", b"[1]", b'{"specversion":"1.0"}', b'{"id":1,"type":"cinema.popcorn.v1"}'],
)
def test_poison_is_parked_and_the_rest_of_the_batch_goes_on(body: bytes) -> None:
    history = ShowtimeHistory()
    poison = ReceivedEvent(body=body, partition="3", position=7, published=None)
    projection = Projection().project([poison, history.created()])
    assert [(event.received, event.parked) for event in projection.parking.parked] == [(poison, NOON)]
    assert projection.showtime(history.showtime_id).presentable


def test_an_event_of_an_unknown_type_is_parked_by_its_name() -> None:
    event = ShowtimeHistory().created()
    newer = ReceivedEvent(
        body=event.body.replace(b"cinema.showtime.created.v1", b"cinema.showtime.created.v9"),
        partition="0",
        position=1,
        published=None,
    )
    (parked,) = Projection().project([newer]).parking.parked
    assert "cinema.showtime.created.v9" in parked.reason


def test_a_redelivered_batch_writes_the_cache_again_and_no_view() -> None:
    history = ShowtimeHistory()
    events = [history.created(), history.held("c", ("A", 1))]
    projection = Projection().project(events)
    saves, written = projection.store.saves, len(projection.cache.written)
    projection.project(events)
    assert projection.store.saves == saves
    assert projection.cache.written[written:] == projection.cache.written[:written]


def test_a_reservation_is_written_before_its_showtime() -> None:
    history = ShowtimeHistory()
    order: list[str] = []
    projection = Projection()
    save = projection.store.save

    def note(documents: list[ViewDocument]) -> set[str]:
        order.append(documents[0].view)
        return save(documents)

    projection.store.save = note  # pyright: ignore[reportAttributeAccessIssue] # to see the order
    projection.project([history.created(), history.held("c", ("A", 1))])
    assert order == ["reservations", "showtimes"]


def test_a_reservation_knows_its_place_in_the_showtimes_stream() -> None:
    history = ShowtimeHistory()
    events = [history.created(), history.held("c", ("A", 1)), history.sold("c", ("A", 1))]
    identity = str(history.reservation_id("c"))
    document = Projection().project(events).store.load(ReservationDocument, [identity])[identity]
    assert (document.status, document.version, document.sequence) == ("Confirmed", 2, 3)


def test_writes_that_never_win_are_an_outage() -> None:
    projection = Projection()
    projection.store.save = lambda documents: {document.id for document in documents}
    with pytest.raises(ViewContentionError):
        projection.project([ShowtimeHistory().created()])
