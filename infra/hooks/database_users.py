"""The T-SQL that makes the programs' users and gives each its rights. To run it again changes nothing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from infra.hooks.settings import DatabaseSettings, HookError

READS, WRITES = "db_datareader", "db_datawriter"

_IDENTITY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}")
_RIGHTS_OF_OPERATIONS = (
    # What letting a dead letter go, or leaving it out, changes (shared/infrastructure/sql/dead_letters.py).
    "GRANT UPDATE ON dbo.OutboxHolds TO {user}",
    "GRANT DELETE ON dbo.OutboxDeliveries TO {user}",
    "GRANT INSERT ON dbo.OutboxDiscards TO {user}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A managed identity as a user of one database."""

    name: str
    object_id: str
    roles: tuple[str, ...]
    grants: tuple[str, ...] = ()

    def statements(self) -> Iterator[str]:
        """What makes the user, with its roles and rights, in order.

        Raises:
            HookError: the name or the id is none of an identity; neither can be a parameter of these statements.
        """
        name, object_id = self._checked()
        yield (  # names can't be parameters of these statements; they are checked above
            f"IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = N'{name}') "  # noqa: S608 # as above
            f"CREATE USER [{name}] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '{object_id}'"
        )
        for role in self.roles:
            yield f"IF IS_ROLEMEMBER(N'{role}', N'{name}') = 0 ALTER ROLE [{role}] ADD MEMBER [{name}]"
        for grant in self.grants:
            yield grant.format(user=f"[{name}]")

    def _checked(self) -> tuple[str, str]:
        if not _IDENTITY_NAME.fullmatch(self.name):
            raise HookError(f"{self.name!r} is no name of a managed identity")
        try:
            return self.name, str(UUID(self.object_id))
        except ValueError as error:
            raise HookError(f"{self.object_id!r} is no object id of a managed identity") from error


def users_of_the_write_database(settings: DatabaseSettings) -> Iterable[User]:
    """Who may use CinemaDb. The projector may not."""
    return (
        _commands(settings, READS, WRITES),
        _outbox(settings, READS, WRITES),
        _operations(settings, READS, grants=_RIGHTS_OF_OPERATIONS),
    )


def users_of_the_reporting_database(settings: DatabaseSettings) -> Iterable[User]:
    """Who may use MasterDb. The outbox alone writes it."""
    return (
        _outbox(settings, READS, WRITES),
        _operations(settings, READS),
        _projector(settings, READS),
    )


def _commands(settings: DatabaseSettings, *roles: str) -> User:
    name, object_id = settings.commands_identity_name, settings.commands_identity_object_id
    return User(name=name, object_id=object_id, roles=roles)


def _outbox(settings: DatabaseSettings, *roles: str) -> User:
    name, object_id = settings.outbox_identity_name, settings.outbox_identity_object_id
    return User(name=name, object_id=object_id, roles=roles)


def _operations(settings: DatabaseSettings, *roles: str, grants: tuple[str, ...] = ()) -> User:
    name, object_id = settings.operations_identity_name, settings.operations_identity_object_id
    return User(name=name, object_id=object_id, roles=roles, grants=grants)


def _projector(settings: DatabaseSettings, *roles: str) -> User:
    name, object_id = settings.projector_identity_name, settings.projector_identity_object_id
    return User(name=name, object_id=object_id, roles=roles)
