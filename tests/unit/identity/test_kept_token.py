"""A token is renewed before it ends, and nobody who has a good one waits for that."""

import logging
import threading
import time
from collections.abc import Callable

import pytest

from shared.identity.credential import SecretToken, TokenUnavailableError
from shared.identity.kept_token import KeptToken
from tests.fakes.credentials import ScriptedCredential

pytestmark = pytest.mark.unit

FAR_OFF = 4_000_000_000
SCOPE = "https://store.example/.default"


def settled(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def credential() -> ScriptedCredential:
    return ScriptedCredential(life=3_600)


@pytest.fixture
def kept(credential: ScriptedCredential) -> KeptToken:
    return KeptToken(credential, scope=SCOPE, seconds=lambda: credential.now)


def test_the_first_token_is_waited_for(kept: KeptToken, credential: ScriptedCredential) -> None:
    assert kept.get().expires_on == 3_600
    assert credential.scopes == [SCOPE]


def test_a_token_is_asked_for_once_as_long_as_it_is_good(
    kept: KeptToken, credential: ScriptedCredential
) -> None:
    first = kept.get()
    credential.now = 3_000
    assert kept.get() is first
    assert len(credential.scopes) == 1


def test_near_its_end_it_is_renewed_beside_those_who_use_it(
    kept: KeptToken, credential: ScriptedCredential
) -> None:
    first = kept.get()
    credential.now = 3_400
    assert kept.get() is first
    settled(lambda: kept.latest() is not first)
    assert kept.get().expires_on == 3_400 + 3_600


def test_an_endpoint_that_fails_is_not_noticed_by_who_has_a_good_token(
    kept: KeptToken, credential: ScriptedCredential, caplog: pytest.LogCaptureFixture
) -> None:
    first = kept.get()
    credential.failure, credential.now = "the endpoint is down\nand says much about it", 3_400
    with caplog.at_level(logging.INFO):
        assert kept.get() is first
        settled(lambda: "the endpoint is down" in caplog.text)
        assert kept.get() is first
    assert "says much" not in caplog.text


def test_who_has_no_token_is_told_why(kept: KeptToken, credential: ScriptedCredential) -> None:
    credential.failure = "the endpoint is down"
    with pytest.raises(TokenUnavailableError, match=r"store\.example.*the endpoint is down"):
        kept.get()


def test_after_a_failure_nobody_asks_for_a_moment(kept: KeptToken, credential: ScriptedCredential) -> None:
    credential.failure = "the endpoint is down"
    for _ in range(3):
        with pytest.raises(TokenUnavailableError, match="the endpoint is down"):
            kept.get()
    assert len(credential.scopes) == 1


def test_an_endpoint_that_is_back_gives_a_token_again(
    kept: KeptToken, credential: ScriptedCredential, caplog: pytest.LogCaptureFixture
) -> None:
    credential.failure = "the endpoint is down"
    with pytest.raises(TokenUnavailableError):
        kept.get()
    credential.failure, credential.now = None, 60
    with caplog.at_level(logging.INFO):
        assert kept.get().expires_on == 60 + 3_600
    settled(lambda: "entra_token_had_again" in caplog.text)


def test_a_token_that_has_ended_is_not_given(kept: KeptToken, credential: ScriptedCredential) -> None:
    kept.get()
    credential.failure, credential.now = "the endpoint is down", 3_601
    assert kept.latest() is None


class HungCredential:
    """Does not answer until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()

    def get_token(self, *_scopes: str) -> SecretToken:
        self.asked += 1
        self.go.wait(10)
        return SecretToken("late", FAR_OFF)


def test_an_endpoint_that_hangs_is_asked_once_and_waited_for_no_longer_than_said() -> None:
    credential = HungCredential()
    kept = KeptToken(credential, scope=SCOPE)
    for _ in range(2):
        with pytest.raises(TokenUnavailableError, match="no answer in time"):
            kept.get(wait_seconds=0.05)
    credential.go.set()
    assert kept.get().expires_on == FAR_OFF
    assert credential.asked == 1


def test_a_token_does_not_show_itself_where_it_is_printed(kept: KeptToken) -> None:
    token = kept.get()
    assert token.token not in f"{token!r} {token} {kept!r} {vars(kept)}"
