"""Signing in to Redis with an Entra token: the identity's object id is the user, the token its password.

The server ends a connection when its token ends. So a pooled connection signs in anew, before its next command, once there is a
newer token than its own (docs/decisions/0044 says why not with redis-entraid).
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64Error
from typing import Any, NamedTuple, cast

from redis.asyncio.connection import SSLConnection as AsyncSSLConnection
from redis.connection import SSLConnection
from redis.credentials import CredentialProvider
from redis.exceptions import RedisError

from shared.identity.credential import Token, TokenUnavailableError
from shared.identity.kept_token import KeptToken, own_token
from shared.identity.sign_in import SignIn

SCOPE = "https://redis.azure.com/.default"


class RedisSignInError(RedisError):
    """There is no token to sign in with. It is no error of a connection, which redis-py would try again ten times."""


class IdentityCredentials(CredentialProvider):
    """Gives connections the identity's object id, and its token."""

    def __init__(self, token: KeptToken) -> None:
        self.kept = token

    def token(self) -> Token:
        """A good token.

        Raises:
            RedisSignInError: there is none.
        """
        try:
            return self.kept.get()
        except TokenUnavailableError as error:
            raise RedisSignInError(str(error)) from error

    async def token_async(self) -> Token:
        """See `token`. The loop does not wait."""
        return self.kept.latest() or await asyncio.to_thread(self.token)

    def get_credentials(self) -> tuple[str, str]:
        """Called by redis-py for each new connection."""
        return user_and_password(self.token())

    async def get_credentials_async(self) -> tuple[str, str]:
        """Called by redis-py for each new connection."""
        return user_and_password(await self.token_async())


class IdentityConnection(SSLConnection):
    """A connection that signs in again when there is a newer token."""

    credential_provider: IdentityCredentials
    _signed_in_with: Token | None = None

    def connect(self) -> None:
        """Called by the pool each time that it gives the connection out."""
        super().connect()
        newest = self.credential_provider.kept.latest()
        if newest is None or newest == self._signed_in_with:
            return
        try:
            untyped = cast(Any, self)
            untyped.send_command("AUTH", *user_and_password(newest), check_health=False)
            untyped.read_response()
        except BaseException:
            cast(Any, self).disconnect()
            raise
        self._signed_in_with = newest

    def on_connect_check_health(self, check_health: bool = True) -> None:  # noqa: FBT001, FBT002 as redis-py has it
        """Called by redis-py when there is a socket. The token is noted before, since a newer one may come meanwhile."""
        self._signed_in_with = self.credential_provider.token()
        super().on_connect_check_health(check_health)


class AsyncIdentityConnection(AsyncSSLConnection):
    """See `IdentityConnection`."""

    credential_provider: IdentityCredentials
    _signed_in_with: Token | None = None

    async def connect(self) -> None:
        """Called by the pool each time that it gives the connection out."""
        await super().connect()
        newest = self.credential_provider.kept.latest()
        if newest is None or newest == self._signed_in_with:
            return
        try:
            untyped = cast(Any, self)
            await untyped.send_command("AUTH", *user_and_password(newest), check_health=False)
            await untyped.read_response()
        except BaseException:
            await self.disconnect(nowait=True)
            raise
        self._signed_in_with = newest

    async def on_connect_check_health(self, check_health: bool = True) -> None:  # noqa: FBT001, FBT002 as redis-py has it
        """Called by redis-py when there is a socket. The token is noted before, since a newer one may come meanwhile."""
        self._signed_in_with = await self.credential_provider.token_async()
        await super().on_connect_check_health(check_health)


def sync_sign_in(auth: SignIn, *, token: KeptToken | None = None) -> dict[str, Any]:
    """A pool's arguments for signing in; with `none` it does so as its URL says."""
    if auth == "none":
        return {}
    credentials = IdentityCredentials(token or own_token(SCOPE))
    return {"connection_class": IdentityConnection, "credential_provider": credentials}


class AsyncSignIn(NamedTuple):
    """The arguments of pools for signing in."""

    for_commands: dict[str, Any]
    for_listening: dict[str, Any]
    """Who listens can't sign in again on the same connection, and connects anew when the server ends it with its token."""


def async_sign_in(auth: SignIn, *, token: KeptToken | None = None) -> AsyncSignIn:
    """See `sync_sign_in`."""
    if auth == "none":
        return AsyncSignIn({}, {})
    credentials = {"credential_provider": IdentityCredentials(token or own_token(SCOPE))}
    return AsyncSignIn({"connection_class": AsyncIdentityConnection, **credentials}, credentials)


def user_and_password(token: Token) -> tuple[str, str]:
    """What Redis is given for a token.

    Raises:
        RedisSignInError: it does not name the identity that it was given to.
    """
    try:
        claims = token.token.split(".")[1]
        identity = json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"]
    except (IndexError, KeyError, TypeError, ValueError, NotBase64Error):
        raise RedisSignInError(f"the token for {SCOPE} has no claim `oid`") from None
    return str(identity), token.token
