"""The grammar of a traceparent."""

import pytest

from shared.telemetry.traceparent import TraceParent, parse_traceparent

pytestmark = pytest.mark.unit

TEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_it_is_read_and_written_the_same() -> None:
    assert str(parse_traceparent(TEXT)) == TEXT


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True)])
def test_its_lowest_bit_says_whether_it_is_recorded(flags: str, sampled: bool) -> None:  # noqa: FBT001
    place = parse_traceparent(f"{TEXT[:-2]}{flags}")
    assert place is not None
    assert place.sampled is sampled


def test_one_of_a_later_version_is_written_as_ours() -> None:
    place = parse_traceparent(f"cc{TEXT[2:]}")
    assert isinstance(place, TraceParent)
    assert str(place) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "nonsense",
        TEXT.upper(),
        f"{TEXT}-more",
        f"ff{TEXT[2:]}",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        f" {TEXT}",
        f"{TEXT}\n",
    ],
)
def test_what_breaks_the_grammar_is_as_good_as_none(text: str | None) -> None:
    assert parse_traceparent(text) is None
