"""The read service's settings: its only reader of the environment. A variable's name is its field's in upper case."""

from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.identity.addresses import CacheAddress, ViewsAddress, named_problems

PositiveInt = Annotated[int, Field(gt=0)]
PositiveSeconds = Annotated[float, Field(gt=0)]
ListReadPreference = Literal["primary", "primaryPreferred", "secondaryPreferred", "nearest"]


class SettingsError(Exception):
    """A setting is missing or out of its range. The message names the variable."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone of the IANA database") from error
    return name


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)


class ListenSettings(_Settings):
    """Where the service listens; all that the probe needs."""

    grpc_host: str = "0.0.0.0"
    grpc_port: Annotated[int, Field(ge=1, le=65535)] = 50051


class ReadServiceSettings(ViewsAddress, CacheAddress, ListenSettings):
    """What the read service needs. Times in seconds."""

    mongo_timeout_seconds: PositiveSeconds = 2.0
    """The longest that one call of MongoDB may take, with the choice of a server and a second try."""
    mongo_list_read_preference: ListReadPreference = "secondaryPreferred"
    """Which servers of a replica set answer lists. Single documents are the primary's (docs/decisions/0033)."""
    mongo_list_max_staleness_seconds: Annotated[int, Field(ge=90)] = 120
    """How far behind a secondary may be to answer lists; MongoDB takes 90 and more."""
    redis_timeout_seconds: PositiveSeconds = 0.1
    """The longest that a query waits for one answer of Redis, with connecting where it has to connect."""
    redis_connections: PositiveInt = 64
    """How many queries may be with Redis at a time, each on a connection."""
    remembered_documents: PositiveInt = 512
    """Of how many showtimes, and of how many reservations, the process keeps what it last made of their cache entries."""
    cinema_time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    max_wait_seconds: PositiveSeconds = 5.0
    """The longest that a read waits for its `min_sequence`."""
    max_watchers: PositiveInt = 5_000
    """How many watch showtimes through this process at a time; one more is refused."""
    watch_poll_seconds: PositiveSeconds = 0.5
    """How often MongoDB is asked for a showtime that is watched, by all its watchers together, if no hint comes."""
    watch_heartbeat_seconds: PositiveSeconds = 15.0
    """After how long without a change a watcher is sent an empty difference."""
    lame_duck_seconds: Annotated[float, Field(ge=0)] = 0.2
    """How long the health service says NOT_SERVING before new calls are refused."""
    drain_seconds: PositiveSeconds = 8.0
    """How long calls in flight may take to finish after that."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    """For people, or a JSON object a line for programs."""

    @property
    def time_zone(self) -> ZoneInfo:
        """The cinema's time zone, in which a `date` is a day."""
        return ZoneInfo(self.cinema_time_zone)


Chosen = TypeVar("Chosen", bound=_Settings)


def load(settings: type[Chosen]) -> Chosen:
    """Read a settings class from the environment.

    Raises:
        SettingsError: a variable is missing or its value is refused; the message names each one.
    """
    try:
        return settings()
    except ValidationError as error:
        raise SettingsError("; ".join(named_problems(error, settings))) from error
