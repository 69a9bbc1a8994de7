"""Mean and median of a distribution are those of the values."""

from collections import Counter
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.application.reporting.hold_times import HoldTimes

pytestmark = pytest.mark.unit


@given(st.lists(st.integers(0, 600), min_size=1))
def test_mean_and_median_are_those_of_the_single_times(seconds: list[int]) -> None:
    times = HoldTimes(Counter(seconds).items())
    assert times.median() == median(seconds)
    assert times.mean() == pytest.approx(mean(seconds))


def test_nobody_confirmed_has_no_time() -> None:
    times = HoldTimes([])
    assert (times.median(), times.mean()) == (None, None)
