"""A token that is renewed before it ends, beside those who use it.

Whoever has a good token never waits for the identity endpoint: near its end it is renewed by a thread, and an endpoint that is down
or hangs is noticed only by those who have none. Nobody else asks meanwhile: all who wait, wait for the same answer.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache

from shared.identity.credential import (
    Credential,
    SecretToken,
    Token,
    TokenUnavailableError,
    default_credential,
)

_log = logging.getLogger(__name__)

_RENEWAL_SECONDS = 290
"""How long before its end a token is renewed. azure-identity gives the same one again until 300 seconds before."""

_RENEWAL_SHARE = 0.2
"""Of a short life, not more than this."""

_PAUSE_SECONDS = 2.0
"""After a failure nobody asks the endpoint for this long."""

_WAIT_SECONDS = 15.0


class KeptToken:
    """The tokens of one scope. Safe for threads."""

    def __init__(
        self, credential: Credential, *, scope: str, seconds: Callable[[], float] = time.time
    ) -> None:
        self._credential = credential
        self._scope = scope
        self._seconds = seconds
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0
        self._not_before = 0.0
        self._answer: Future[Token] = Future()
        self._answer.set_exception(TokenUnavailableError(f"no token for {scope} was asked for"))
        self._failing = False

    def latest(self) -> Token | None:
        """A good token without waiting, or None. Where its end is near, renewing begins."""
        token, _ = self._look()
        return token

    def get(self, *, wait_seconds: float = _WAIT_SECONDS) -> Token:
        """A good token; where there is none yet, the endpoint's answer is waited for.

        Raises:
            TokenUnavailableError: there is none, and none comes in time.
        """
        token, asking = self._look()
        if token:
            return token
        try:
            return asking.result(timeout=min(wait_seconds, _WAIT_SECONDS))
        except TimeoutError as error:
            raise TokenUnavailableError(f"no token for {self._scope}: no answer in time") from error

    def _look(self) -> tuple[Token | None, Future[Token]]:
        """A good token, and the answer that is waited for, or else the last one."""
        with self._lock:
            now = self._seconds()
            if now >= self._renew_at and now >= self._not_before and self._answer.done():
                self._answer = Future[Token]()
                threading.Thread(target=self._renew, args=(self._answer,), name="token", daemon=True).start()
            return self._token if self._token and self._token.expires_on > now else None, self._answer

    def _renew(self, asking: Future[Token]) -> None:
        try:
            given = self._credential.get_token(self._scope)
        except Exception as error:  # noqa: BLE001 a credential raises what its chain does; those who wait are told
            self._failed(asking, error)
            return
        token = SecretToken(given.token, given.expires_on)
        with self._lock:
            recovered, self._failing = self._failing, False
            now = self._seconds()
            life = token.expires_on - now
            self._token = token
            self._renew_at = token.expires_on - min(_RENEWAL_SECONDS, _RENEWAL_SHARE * life)
            self._not_before = now + min(_PAUSE_SECONDS, _RENEWAL_SHARE * max(life, 0.0))
            asking.set_result(token)
        if recovered:
            _log.info("entra_token_had_again scope=%s", self._scope)

    def _failed(self, asking: Future[Token], error: Exception) -> None:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        failure = TokenUnavailableError(f"no token for {self._scope}: {reason}")
        with self._lock:
            self._failing = True
            self._not_before = self._seconds() + _PAUSE_SECONDS
            asking.set_exception(failure)
        _log.warning("entra_token_not_had scope=%s error=%s", self._scope, reason)


@cache
def own_token(scope: str) -> KeptToken:
    """The tokens of this process's identity for a scope."""
    return KeptToken(default_credential(), scope=scope)
