"""Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def chromium() -> Generator[Browser]:
    """A headless browser; its contexts are as apart from each other as two people's browsers.

    Playwright's event loop runs in this thread until the end: no asynchronous test may run meanwhile, so keep it to a module.
    """
    if CHROMIUM is None:
        pytest.skip("Chromium can't be had: there is none on the PATH")
    unconfined = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=unconfined)
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page) -> list[str]:
    """What axe finds fault with, and at which elements."""
    found = cast(Any, Axe()).run(page).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]
