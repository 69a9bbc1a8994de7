"""What the hooks are told: outputs of main.bicep, which azd hands on as variables of the same names."""

from typing import Annotated, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class HookError(Exception):
    """A hook can't do its work. The message says what is missing or wrong, and what to do."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)


class DatabaseSettings(_Settings):
    """Where the databases are, and who uses them. Names and object ids are those of managed identities."""

    azure_resource_group: str
    sql_server_name: str
    write_database_url: str
    reporting_database_url: str
    commands_identity_name: str
    commands_identity_object_id: str
    operations_identity_name: str
    operations_identity_object_id: str
    outbox_identity_name: str
    outbox_identity_object_id: str
    projector_identity_name: str
    projector_identity_object_id: str


class SmokeSettings(_Settings):
    """Which gateway is tried, and for how many seconds each step may be waited for: instances may have to start first.

    `smoke_operations_closed` says whether operations must refuse who has no token, as in Azure.
    """

    gateway_url: str
    smoke_patience_seconds: Annotated[float, Field(gt=0)] = 180.0
    smoke_operations_closed: bool = True


Chosen = TypeVar("Chosen", bound=_Settings)


def load(settings: type[Chosen]) -> Chosen:
    """Read a settings class from the environment.

    Raises:
        HookError: a variable is missing or refused; the message names each one.
    """
    try:
        return settings()
    except ValidationError as error:
        problems = [
            f"{str(problem['loc'][0]).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False)
        ]
        raise HookError(
            f"{'; '.join(problems)} (azd sets them from the outputs of infra/main.bicep: run azd provision first)"
        ) from error
