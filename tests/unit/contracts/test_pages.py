"""The files of `web/`: what a page names is there, and its content security policy can hold."""

import re
from pathlib import Path

import pytest

from functions.pages_http import MEDIA_TYPES

pytestmark = pytest.mark.unit

WEB = Path(__file__).parents[3] / "web"
PAGES = sorted(path.name for path in WEB.glob("*.html"))
ASSETS = sorted(path.name for path in (WEB / "assets").iterdir())
SCRIPTS = [name for name in ASSETS if name.endswith(".js")]


def page(name: str) -> str:
    return (WEB / name).read_text()


def asset(name: str) -> str:
    return (WEB / "assets" / name).read_text()


def named_in(text: str) -> set[str]:
    return set(re.findall(r"""(?:href=|src=|from )["']/assets/([^"']+)["']""", text))


def test_there_are_pages_and_assets() -> None:
    assert PAGES
    assert SCRIPTS


@pytest.mark.parametrize("text", [*map(page, PAGES), *map(asset, ASSETS)], ids=[*PAGES, *ASSETS])
def test_nothing_is_loaded_from_elsewhere(text: str) -> None:
    assert not re.search(r"https?:(?!//www\.w3\.org/)|//[a-z]+\.(?!w3\.org/)|@import|url\(", text)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_neither_styles_nor_scripts_within(name: str) -> None:
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page(name))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_makes_no_markup_from_text(name: str) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", asset(name)
    )


def test_every_asset_is_named_by_a_page_or_a_script_and_every_name_is_served() -> None:
    named = set[str]().union(*(named_in(text) for text in (*map(page, PAGES), *map(asset, SCRIPTS))))
    assert named == set(ASSETS)
    assert {Path(name).suffix for name in ASSETS} <= set(MEDIA_TYPES)
