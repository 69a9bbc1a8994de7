"""A browser for each module, and visitors for each test."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.pages.booking_page import Visitors
from tests.e2e.stack_process import StackProcess
from tests.servers.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def visitors(browser: Browser, stack: StackProcess) -> Iterator[Visitors]:
    arrived = Visitors(browser, stack.url)
    yield arrived
    assert arrived.leave() == []
