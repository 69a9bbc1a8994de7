"""Redis: its client, for all who use it but the read service."""

from typing import Any, cast

from redis import Redis

from shared.identity.redis_sign_in import sync_sign_in
from shared.identity.sign_in import SignIn
from shared.settings import SettingsError


def redis_client(url: str, *, timeout_seconds: float, auth: SignIn = "none") -> Any:
    """A client that waits this long for a connection or an answer; it connects when it is needed.

    Raises:
        SettingsError: the URL is none of Redis's.
    """
    try:
        return cast(Any, Redis).from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            **sync_sign_in(auth),
        )
    except ValueError as error:
        raise SettingsError(f"REDIS_URL: {error}") from error
