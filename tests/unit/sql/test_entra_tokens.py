"""Signing in to Azure SQL, as far as a driver that only listens can tell: what pyodbc is asked for, and not what it does."""

import struct
from dataclasses import dataclass, field
from typing import Never

import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError

from shared.identity.kept_token import KeptToken
from shared.infrastructure.sql.driver_faults import is_transient
from shared.infrastructure.sql.entra_tokens import SCOPE, sign_in_with_tokens, wants_entra_token
from tests.fakes.credentials import OBJECT_ID, ScriptedCredential, jwt

pytestmark = pytest.mark.unit

AZURE_SQL = "mssql+pyodbc://cinema.database.windows.net:1433/CinemaDb?driver=ODBC+Driver+18+for+SQL+Server"


class RefusedError(Exception):
    """The listening driver opens no connection."""


class DriverError(Exception):
    """As pyodbc's: a state and a message."""


class OperationalError(DriverError):
    """As pyodbc's, whose name SQLAlchemy goes by."""


@dataclass
class ListeningDriver:
    """Notes how it is asked to connect, and refuses."""

    asked: list[tuple[str, dict[int, bytes]]] = field(default_factory=list[tuple[str, dict[int, bytes]]])
    pooling: bool = True
    version: str = "5.5.0"
    paramstyle: str = "qmark"
    Error: type[Exception] = DriverError
    OperationalError: type[Exception] = OperationalError
    Cursor: type[object] = object

    def connect(self, connection_string: str, *, attrs_before: dict[int, bytes], **_: object) -> Never:
        self.asked.append((connection_string, attrs_before))
        raise RefusedError


class Moment:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def driver() -> ListeningDriver:
    return ListeningDriver()


@pytest.fixture
def credential() -> ScriptedCredential:
    return ScriptedCredential()


@pytest.fixture
def clock() -> Moment:
    return Moment()


@pytest.fixture
def engine(driver: ListeningDriver, credential: ScriptedCredential, clock: Moment) -> Engine:
    made = create_engine(AZURE_SQL, module=driver)
    sign_in_with_tokens(made, token=KeptToken(credential, scope=SCOPE, seconds=clock))
    return made


def test_a_connection_is_made_with_a_token_and_asks_for_no_other_sign_in(
    engine: Engine, driver: ListeningDriver, credential: ScriptedCredential
) -> None:
    with pytest.raises(RefusedError):
        engine.connect()
    [(text, attributes)] = driver.asked
    assert unpacked(attributes[1256]) == jwt(oid=OBJECT_ID, n=1)
    assert credential.scopes == [SCOPE]
    assert "Trusted_Connection" not in text


def test_a_connection_that_is_made_after_a_tokens_end_has_another(
    engine: Engine, driver: ListeningDriver, credential: ScriptedCredential, clock: Moment
) -> None:
    for moment in (0.0, 1.0, credential.life + 1.0):
        clock.now = credential.now = moment
        with pytest.raises(RefusedError):
            engine.connect()
    first, second, third = (unpacked(attributes[1256]) for _, attributes in driver.asked)
    assert first == second != third


def test_a_token_that_can_not_be_had_is_a_database_that_is_away(
    engine: Engine, driver: ListeningDriver, credential: ScriptedCredential
) -> None:
    credential.failure = "the endpoint is down"
    with pytest.raises(DBAPIError, match="the endpoint is down") as raised:
        engine.connect()
    assert is_transient(raised.value)
    assert driver.asked == []


def test_odbc_pools_no_connections_itself(engine: Engine, driver: ListeningDriver) -> None:
    assert engine.dialect.loaded_dbapi is driver
    assert not driver.pooling


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
