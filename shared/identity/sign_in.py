"""Whether a store is signed in to with a token, and which addresses go with that. No driver is loaded to tell."""

from typing import Literal
from urllib.parse import parse_qsl, urlsplit

SignIn = Literal["none", "entra"]
"""As the address says, which may be not at all, or with a token of the process's own identity (docs/identity.md)."""

MONGO_MECHANISM = "MONGODB-OIDC"


def refuse_unfit_mongo_url(url: str) -> None:
    """Refuse an address that can't be signed in to with a token.

    Raises:
        ValueError: it names another way to sign in, or the token would travel in the clear.
    """
    parts = urlsplit(url)
    options = {name.lower(): value for name, value in parse_qsl(parts.query)}
    if "@" in parts.netloc or options.get("authmechanism", MONGO_MECHANISM) != MONGO_MECHANISM:
        raise ValueError("MONGO_AUTH: entra does not go with the user or the mechanism that MONGO_URL names")
    if "authmechanismproperties" in options:
        raise ValueError("MONGO_AUTH: entra does not go with the authMechanismProperties of MONGO_URL")
    tls = options.get("tls", options.get("ssl", str(parts.scheme == "mongodb+srv")))
    if tls.lower() != "true":
        raise ValueError("MONGO_AUTH: entra needs TLS: MONGO_URL is to be mongodb+srv://… or to say tls=true")


def refuse_unfit_redis_url(url: str) -> None:
    """Refuse an address that can't be signed in to with a token.

    Raises:
        ValueError: it names a user or a password, or the token would travel in the clear.
    """
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("REDIS_AUTH: entra does not go with the user or the password in REDIS_URL")
    if parts.scheme != "rediss":
        raise ValueError("REDIS_AUTH: entra needs TLS: REDIS_URL is to begin with rediss://")
