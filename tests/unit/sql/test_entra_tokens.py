"""Signing in to Azure SQL, as far as a driver that only listens can tell."""

import struct
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Never

import pytest
from sqlalchemy import create_engine, make_url

from shared.infrastructure.sql.entra_tokens import SCOPE, sign_in_with_tokens, wants_entra_token

pytestmark = pytest.mark.unit

AZURE_SQL = "mssql+pyodbc://cinema.database.windows.net:1433/CinemaDb?driver=ODBC+Driver+18+for+SQL+Server"


class RefusedError(Exception):
    """The listening driver opens no connection."""


@dataclass
class ListeningDriver:
    """Notes how it is asked to connect, and refuses."""

    asked: list[tuple[str, dict[int, bytes]]] = field(default_factory=list[tuple[str, dict[int, bytes]]])
    version: str = "5.5.0"
    paramstyle: str = "qmark"
    Error: type[Exception] = OSError
    Cursor: type[object] = object

    def connect(self, connection_string: str, *, attrs_before: dict[int, bytes], **_: object) -> Never:
        self.asked.append((connection_string, attrs_before))
        raise RefusedError


class CountingCredential:
    """Gives another token each time."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str) -> Any:
        self.scopes += scopes
        return SimpleNamespace(token=f"token-{len(self.scopes)}")


def test_each_new_connection_gets_a_token_of_its_own_and_asks_for_no_other_sign_in() -> None:
    driver, credential = ListeningDriver(), CountingCredential()
    engine = create_engine(AZURE_SQL, module=driver)
    sign_in_with_tokens(engine, credential=credential)
    for _ in range(2):
        with pytest.raises(RefusedError):
            engine.connect()
    assert credential.scopes == [SCOPE, SCOPE]
    tokens = [unpacked(attributes[1256]) for _, attributes in driver.asked]
    assert tokens == ["token-1", "token-2"]
    assert all("Trusted_Connection" not in text for text, _ in driver.asked)


def unpacked(attribute: bytes) -> str:
    (length,) = struct.unpack_from("<I", attribute)
    text = attribute[4:]
    assert len(text) == length
    return text.decode("utf-16-le")


@pytest.mark.parametrize(
    ("url", "wants"),
    [
        (AZURE_SQL, True),
        ("mssql+pyodbc://sa:secret@localhost/CinemaDb?driver=ODBC+Driver+18+for+SQL+Server", False),
        (f"{AZURE_SQL}&Authentication=ActiveDirectoryMsi", False),
        (f"{AZURE_SQL}&Trusted_Connection=yes", False),
    ],
    ids=["nothing named", "user and password", "the driver's own", "windows"],
)
def test_a_token_is_wanted_where_the_url_names_no_other_sign_in(url: str, wants: bool) -> None:  # noqa: FBT001 a parameter of the table
    assert wants_entra_token(make_url(url)) is wants
