"""What is personal in an event is replaced, and every other byte of it stays."""

import json
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.command_context import CommandContext
from shared.application.publication import to_message
from shared.contracts.envelope import parse_envelope, with_sequence
from shared.contracts.event_data import parse_data
from shared.contracts.events import ReservationCancelled
from shared.contracts.personal_data import is_about, with_pseudonym, without_personal_data
from shared.domain.catalogue.movie import MovieId, MovieState
from shared.domain.errors import InvalidValueError
from tests.builders.catalogue import an_auditorium
from tests.builders.reservations import a_customer, a_reservation
from tests.builders.showtimes import NOON, a_showtime

pytestmark = pytest.mark.unit

CUSTOMER, OTHER = a_customer(), a_customer()


def cancelled(note: str | None = None, *, customer: UUID = CUSTOMER, traceparent: str | None = None) -> str:
    """The stored text of a cancellation."""
    builder = a_reservation().by(customer)  # pyright: ignore[reportArgumentType] # an id like any other
    reservation = builder.build()
    reservation.cancel(showtime=builder.showtime, at=NOON, note=note)
    context = CommandContext(command_id=uuid4(), traceparent=traceparent)
    return to_message(reservation.new_events[0], context=context).payload


@given(st.text(max_size=100), st.integers(1, 10**9), st.sampled_from([None, "00-ab-cd-01"]))
def test_an_event_is_written_again_as_its_writer_wrote_it(
    note: str, sequence: int, traceparent: str | None
) -> None:
    try:
        payload = cancelled(note, traceparent=traceparent)
    except InvalidValueError:
        return
    for text in (payload, with_sequence(payload, sequence=sequence)):
        same = with_pseudonym(text, customer_id=CUSTOMER, pseudonym=CUSTOMER)
        unsaid = text.replace(
            f'"note":{json.dumps(json.loads(text)["data"]["note"], ensure_ascii=False)}', '"note":null'
        )
        assert same == unsaid


def test_the_pseudonym_stands_where_the_customer_stood_and_the_note_is_gone() -> None:
    pseudonym = uuid4()
    body = with_pseudonym(
        with_sequence(cancelled("I am Jan Novák"), sequence=7), customer_id=CUSTOMER, pseudonym=pseudonym
    )
    envelope = parse_envelope(body)
    data = parse_data(envelope)
    assert isinstance(data, ReservationCancelled)
    assert (envelope.sequence, data.customer_id, data.note) == (7, pseudonym, None)
    assert str(CUSTOMER) not in body


def test_another_customers_event_is_refused() -> None:
    payload = cancelled(f"{CUSTOMER}", customer=OTHER)
    assert not is_about(payload, CUSTOMER)
    with pytest.raises(ValueError, match="not an event of this customer"):
        with_pseudonym(payload, customer_id=CUSTOMER, pseudonym=uuid4())


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '"x"', '{"data": null}', '{"data": {"customerId": 7}}', "{"]
)
def test_what_is_no_event_is_about_nobody(text: str) -> None:
    assert not is_about(text, CUSTOMER)


@given(st.text(max_size=100))
def test_copies_from_before_and_after_are_equal_without_what_is_personal(note: str) -> None:
    try:
        before = cancelled(note)
    except InvalidValueError:
        return
    after = with_pseudonym(before, customer_id=CUSTOMER, pseudonym=uuid4())
    assert before != after
    assert without_personal_data(before.encode()) == without_personal_data(after.encode())


@pytest.mark.parametrize("note", ['","customerId":"x', '"note":"y"', '\\","note":"', '"status":"Cancelled"'])
def test_a_note_that_looks_like_the_text_around_it_hides_nothing(note: str) -> None:
    before = cancelled(note)
    changed = before.replace('"status":"Cancelled"', '"status":"Confirmed"', 1)
    assert without_personal_data(before.encode()) != without_personal_data(changed.encode())
    without = with_pseudonym(before, customer_id=CUSTOMER, pseudonym=OTHER)
    assert without_personal_data(before.encode()) == without_personal_data(without.encode())


def test_any_other_difference_stays() -> None:
    before = cancelled().encode()
    for changed in (
        before.replace(b'"number":1', b'"number":9'),
        before.replace(b'"version":2', b'"version":3'),
    ):
        assert changed != before
        assert without_personal_data(changed) != without_personal_data(before)


def test_a_showtimes_note_is_the_cinemas_and_stays() -> None:
    showtime = a_showtime().build()
    showtime.cancel(
        at=NOON,
        movie=MovieState(movie_id=MovieId("tt1375666"), title="Inception", runtime_minutes=148, version=1),
        auditorium=an_auditorium(),
        note="The projector is broken",
    )
    body = to_message(showtime.new_events[0], context=CommandContext(command_id=uuid4())).payload.encode()
    assert b"projector" in without_personal_data(body)
