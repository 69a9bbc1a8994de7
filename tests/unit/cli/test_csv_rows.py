"""Texts in CSV, as spreadsheets read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.csv_rows import guarded, unguarded

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "title",
    ["=1+1", "+1", "-30-", "@home", "＝1", "\t=1", " =1", "'=1", "=cmd|' /C calc'!A0"],
)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(title: str) -> None:
    assert guarded(title) == f"'{title}"


@pytest.mark.parametrize("title", ["Inception", "'71", "", "千と千尋の神隠し", "Alien³ = 3", "1917"])
def test_other_texts_stay_as_they_are(title: str) -> None:
    assert guarded(title) == title


@given(st.text(alphabet="'=+-@＝ \tab1") | st.text())
def test_the_apostrophe_can_be_taken_off_again(title: str) -> None:
    assert unguarded(guarded(title)) == title


@given(st.text(alphabet="'=+-@＝ \tab1") | st.text())
def test_no_text_begins_like_a_formula(title: str) -> None:
    assert not guarded(title).lstrip(" \t\r\n").startswith(("=", "+", "-", "@"))
