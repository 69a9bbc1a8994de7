"""Signing in to Azure SQL with an Entra token, which takes a password's place.

Each new connection gets the token that is good then: one that is fetched once works for a day and then fails. The attribute and its layout are those of
Microsoft's "Using Microsoft Entra ID with the ODBC driver" (SQL_COPT_SS_ACCESS_TOKEN).
"""

import struct
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL

from shared.identity.credential import TokenUnavailableError
from shared.identity.kept_token import KeptToken

SCOPE = "https://database.windows.net/.default"

_ACCESS_TOKEN_ATTRIBUTE = 1256
_CANNOT_CONNECT = "08001"
_OTHER_SIGN_INS = {"trusted_connection", "authentication", "uid", "pwd"}


def wants_entra_token(url: URL) -> bool:
    """Whether a database URL names no other way to sign in."""
    return url.username is None and _OTHER_SIGN_INS.isdisjoint(name.lower() for name in url.query)


def sign_in_with_tokens(engine: Engine, *, token: KeptToken) -> None:
    """Give each new connection of a pyodbc engine a token.

    ODBC's own pool is left out: it would give a connection that was signed in with a former token for a new one.
    """
    driver: Any = engine.dialect.loaded_dbapi
    driver.pooling = False

    def add_token(_dialect: object, _record: object, cargs: list[Any], cparams: dict[str, Any]) -> None:
        # Without a user SQLAlchemy asks for Windows' own sign-in, which the driver refuses beside a token.
        cargs[0] = cargs[0].replace(";Trusted_Connection=Yes", "")
        try:
            cparams["attrs_before"] = {_ACCESS_TOKEN_ATTRIBUTE: _packed(token.get().token)}
        except TokenUnavailableError as error:
            # As the driver says that it can't connect, so that it is tried again as if the database were away.
            raise driver.OperationalError(_CANNOT_CONNECT, str(error)) from error

    event.listen(engine, "do_connect", add_token)


def _packed(token: str) -> bytes:
    encoded = token.encode("utf-16-le")
    return struct.pack(f"<I{len(encoded)}s", len(encoded), encoded)
