"""Signing in to MongoDB with an Entra token: its OIDC mechanism, whose tokens come from this process's identity.

The driver's own way to Azure asks the virtual machines' endpoint, which Functions and Container Apps do not have.
"""

from typing import Any

from pymongo.auth_oidc_shared import OIDCCallback, OIDCCallbackContext, OIDCCallbackResult
from pymongo.errors import OperationFailure

from shared.identity.credential import TokenUnavailableError
from shared.identity.kept_token import KeptToken, own_token
from shared.identity.sign_in import MONGO_MECHANISM, SignIn

SCOPE = "https://ossrdbms-aad.database.windows.net/.default"

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
    return {"authMechanism": MONGO_MECHANISM, "authMechanismProperties": {"OIDC_CALLBACK": callback}}
