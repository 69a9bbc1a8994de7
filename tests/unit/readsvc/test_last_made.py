"""What was made of a source is made once, and of this very source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readsvc.last_made import LastMade

pytestmark = pytest.mark.unit


class Counting:
    def __init__(self) -> None:
        self.made: list[bytes] = []

    def __call__(self, source: bytes) -> str:
        self.made.append(source)
        return source.decode()


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([b"1", b"2"]))), st.integers(1, 3))
def test_an_answer_is_always_that_of_its_source(asked: list[tuple[str, bytes]], limit: int) -> None:
    make = Counting()
    last = LastMade(make, limit=limit)
    assert [last.of(source, key=key) for key, source in asked] == [source.decode() for _, source in asked]


def test_the_same_source_is_made_once_and_another_anew() -> None:
    make = Counting()
    last = LastMade(make, limit=2)
    for source in (b"1", b"1", b"2", b"2", b"1"):
        last.of(source, key="a")
    assert make.made == [b"1", b"2", b"1"]


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    make = Counting()
    last = LastMade(make, limit=2)
    for key in ("a", "b", "a", "c", "a", "b"):
        last.of(key.encode(), key=key)
    assert make.made == [b"a", b"b", b"c", b"b"]


def test_a_failure_is_not_remembered() -> None:
    last = LastMade(int, limit=2)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            last.of("x", key="a")
    assert last.of("1", key="a") == 1
