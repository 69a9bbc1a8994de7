"""Signing in to MongoDB with an Entra token: its OIDC mechanism, whose tokens come from this process's identity.

The driver's own way to Azure asks the virtual machines' endpoint, which Functions and Container Apps do not have.
"""

from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from pymongo.auth_oidc_shared import OIDCCallback, OIDCCallbackContext, OIDCCallbackResult
from pymongo.errors import OperationFailure

from shared.identity.credential import TokenUnavailableError
from shared.identity.kept_token import KeptToken, own_token

SignIn = Literal["none", "entra"]
SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
MECHANISM = "MONGODB-OIDC"

_AUTHENTICATION_FAILED = 18


class IdentityCallback(OIDCCallback):
    """Gives the driver a token for each sign-in. It keeps one until a server refuses it."""

    def __init__(self, token: KeptToken) -> None:
        self._token = token

    def fetch(self, context: OIDCCallbackContext) -> OIDCCallbackResult:
        """A token.

        Raises:
            OperationFailure: none can be had, which concerns no server, so that the driver gives none up.
        """
        try:
            token = self._token.get(wait_seconds=context.timeout_seconds)
        except TokenUnavailableError as error:
            raise OperationFailure(str(error), code=_AUTHENTICATION_FAILED) from error
        return OIDCCallbackResult(access_token=token.token)


def mongo_sign_in(auth: SignIn, *, token: KeptToken | None = None) -> dict[str, Any]:
    """A client's arguments for signing in; with `none` it does so as its URL says."""
    if auth == "none":
        return {}
    callback = IdentityCallback(token or own_token(SCOPE))
    return {"authMechanism": MECHANISM, "authMechanismProperties": {"OIDC_CALLBACK": callback}}


def refuse_unfit_mongo_url(url: str) -> None:
    """Refuse an address that can't be signed in to with a token.

    Raises:
        ValueError: it names another way to sign in, or the token would travel in the clear.
    """
    parts = urlsplit(url)
    options = {name.lower(): value for name, value in parse_qsl(parts.query)}
    if "@" in parts.netloc or options.get("authmechanism", MECHANISM) != MECHANISM:
        raise ValueError("MONGO_AUTH: entra does not go with the user or the mechanism that MONGO_URL names")
    if "authmechanismproperties" in options:
        raise ValueError("MONGO_AUTH: entra does not go with the authMechanismProperties of MONGO_URL")
    tls = options.get("tls", options.get("ssl", str(parts.scheme == "mongodb+srv")))
    if tls.lower() != "true":
        raise ValueError("MONGO_AUTH: entra needs TLS: MONGO_URL is to be mongodb+srv://… or to say tls=true")
