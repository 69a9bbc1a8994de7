"""Where the stores are and how they are signed in to: fields for the settings of whoever uses them.

A check that several fields make names its variable itself, and never shows a value: addresses may hold secrets.
"""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings

from shared.identity.sign_in import SignIn, refuse_unfit_mongo_url, refuse_unfit_redis_url


class ViewsAddress(BaseSettings):
    """MongoDB, which has the views."""

    mongo_url: str
    mongo_auth: SignIn = "none"
    mongo_database: str = "cinema"

    @model_validator(mode="after")
    def _can_sign_in_to_the_views(self) -> Self:
        if self.mongo_auth == "entra":
            refuse_unfit_mongo_url(self.mongo_url)
        return self


class CacheAddress(BaseSettings):
    """Redis, which has their copies."""

    redis_url: str
    redis_auth: SignIn = "none"

    @model_validator(mode="after")
    def _can_sign_in_to_the_cache(self) -> Self:
        if self.redis_auth == "entra":
            refuse_unfit_redis_url(self.redis_url)
        return self


class HubsAddress(BaseSettings):
    """Event Hubs: a connection string, or the namespace's name, which is signed in to with a token of the process's own identity."""

    event_hub: str | None = Field(default=None, validation_alias="EventHub")
    event_hub_namespace: str | None = Field(
        default=None, validation_alias="EventHub__fullyQualifiedNamespace"
    )

    @model_validator(mode="after")
    def _names_one_namespace(self) -> Self:
        if self.event_hub and self.event_hub_namespace:
            raise ValueError(
                "EventHub: it stands beside EventHub__fullyQualifiedNamespace, and the Functions host would take EventHub"
            )
        return self

    def require_hubs(self) -> None:
        """Refuse settings without any.

        Raises:
            ValueError: there is neither.
        """
        if not (self.event_hub or self.event_hub_namespace):
            raise ValueError("EventHub: Field required, or EventHub__fullyQualifiedNamespace in its place")


def named_problems(error: ValidationError, settings: type[BaseSettings]) -> Iterator[str]:
    """Each problem of such settings with its variable, which a check of several fields names itself."""
    for problem in error.errors(include_input=False):
        if problem["loc"]:
            yield f"{_variable(str(problem['loc'][0]), settings)}: {problem['msg']}"
        else:
            yield problem["msg"].removeprefix("Value error, ")


def _variable(location: str, settings: type[BaseSettings]) -> str:
    """The environment variable behind a field; an alias is one already."""
    return location.upper() if location in settings.model_fields else location
