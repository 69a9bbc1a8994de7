"""The settings of the Functions app: the only module of the functions that reads the environment.

One class per concern, frozen, read once by bootstrap. A variable's name is its field's name in upper case.
"""

import os
from typing import Annotated, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.identity.addresses import CacheAddress, HubsAddress, ViewsAddress, named_problems

PositiveInt = Annotated[int, Field(gt=0)]
PositiveSeconds = Annotated[float, Field(gt=0)]

_SENDS_PER_LEASE = 3.2


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


class WriteSideSettings(_Settings):
    """What the command functions need. Times in minutes or seconds as named, chunks in reservations a transaction."""

    write_database_url: str
    sql_pool_size: PositiveInt = 16
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0
    command_attempts: PositiveInt = 6
    hold_minutes: PositiveInt = 10
    cleaning_minutes: Annotated[int, Field(ge=0)] = 15
    max_seats_per_reservation: PositiveInt = 10
    max_live_holds_per_customer: PositiveInt = 10
    adjacent_seats_required: bool = True
    cancellation_chunk_size: PositiveInt = 50
    expiry_chunk_size: PositiveInt = 100
    expiry_run_size: PositiveInt = 5_000
    idempotency_retention_hours: PositiveInt = 24
    max_body_bytes: PositiveInt = 64 * 1024


class MigrationSettings(_Settings):
    """Which databases the migrations bring to the newest revision."""

    write_database_url: str
    reporting_database_url: str


class OperationsSettings(_Settings):
    """What is needed to look at the outbox, and to let dead letters go."""

    write_database_url: str
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0
    max_body_bytes: PositiveInt = 64 * 1024


class OutboxSettings(_Settings):
    """What any outbox master needs, whatever its sinks. All times in seconds, sizes in messages as named."""

    write_database_url: str
    master_budget_seconds: PositiveSeconds = 240.0
    master_workers_per_sink: PositiveInt = 4
    master_batch_size: Annotated[int, Field(gt=0, lt=4_000)] = 1_000
    master_poll_min_seconds: PositiveSeconds = 0.02
    master_poll_max_seconds: PositiveSeconds = 0.25
    lease_seconds: PositiveSeconds = 15.0
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0

    @property
    def send_seconds(self) -> float:
        """The longest that a send may take: one may hang, and what came before it still be acknowledged."""
        return self.lease_seconds / _SENDS_PER_LEASE


class MasterSettings(HubsAddress, OutboxSettings):
    """What the cinema's master needs for its sinks: the reporting database and the hubs."""

    reporting_database_url: str
    hub_protocol: Literal["amqp", "kafka"] = "amqp"
    kafka_bootstrap_servers: str | None = None
    kafka_security: Literal["none", "connection-string", "entra"] = "none"
    domain_events_hub: str = "cinema.domain.events"
    reservations_hub: str = "cinema.reservations"
    hub_partitions: PositiveInt = 8

    @model_validator(mode="after")
    def _can_reach_the_hubs(self) -> Self:
        if self.hub_protocol == "kafka" and self.kafka_bootstrap_servers is None:
            raise ValueError(
                "KAFKA_BOOTSTRAP_SERVERS: Field required (host:port, …) since HUB_PROTOCOL is kafka"
            )
        if self.hub_protocol == "amqp":
            self.require_hubs()
        elif self.kafka_security == "connection-string" and self.event_hub is None:
            raise ValueError("EventHub: Field required since KAFKA_SECURITY is connection-string")
        return self


class RetentionSettings(_Settings):
    """How long a message stays in the outbox once every sink has it, and for how long a run may work on that.

    No number means for ever: to keep everything, disable the function (`AzureWebJobs.outbox_retention.Disabled`).
    """

    write_database_url: str
    outbox_retention_hours: Annotated[int, Field(gt=0, le=100_000)] = 72
    outbox_retention_budget_seconds: PositiveSeconds = 60.0
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0


class AuditSettings(ViewsAddress, HubsAddress, _Settings):
    """What the audit reads: the hubs over AMQP, whatever the master speaks. Times in seconds.

    `audit_patience_seconds` is how long something may be under way, `audit_hub_seconds` how long a hub may be silent.
    """

    write_database_url: str
    reporting_database_url: str
    domain_events_hub: str = "cinema.domain.events"
    reservations_hub: str = "cinema.reservations"
    hub_protocol: Literal["amqp", "kafka"] = "amqp"
    kafka_security: Literal["none", "connection-string", "entra"] = "none"
    hub_partitions: PositiveInt = 8
    audit_consumer_group: str = "$Default"
    audit_patience_seconds: PositiveSeconds = 15.0
    audit_hub_seconds: PositiveSeconds = 20.0
    mongo_timeout_seconds: PositiveSeconds = 10.0
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0

    @model_validator(mode="after")
    def _can_read_the_hubs(self) -> Self:
        if self.hub_protocol == "kafka" and self.kafka_security == "none":
            raise ValueError("HUB_PROTOCOL: the audit reads Event Hubs, and can't read another Kafka")
        self.require_hubs()
        return self


class TraceSettings(ViewsAddress, CacheAddress, HubsAddress, _Settings):
    """Where a booking is looked for. The hubs are searched by the command line alone, and only if an address is given."""

    write_database_url: str
    reporting_database_url: str
    domain_events_hub: str = "cinema.domain.events"
    reservations_hub: str = "cinema.reservations"
    hub_partitions: PositiveInt = 8
    audit_consumer_group: str = "$Default"
    audit_hub_seconds: PositiveSeconds = 20.0
    redis_timeout_seconds: PositiveSeconds = 0.5
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0


class PipelineSettings(ViewsAddress, CacheAddress, _Settings):
    """What a look at the whole pipeline needs. Somebody waits for it, and can do without the views and the cache."""

    write_database_url: str
    hub_partitions: PositiveInt = 8
    pipeline_patience_seconds: PositiveSeconds = 2.0
    redis_timeout_seconds: PositiveSeconds = 0.5
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0


class TriggerSettings(_Settings):
    """What decides which functions exist, read when the app is built. The schedules are read by the host."""

    master_count: Annotated[int, Field(gt=0, le=16)] = 1


class ProjectorSettings(ViewsAddress, CacheAddress, _Settings):
    """What the projector needs."""

    domain_events_hub: str = "cinema.domain.events"
    mongo_timeout_seconds: PositiveSeconds = 10.0
    redis_timeout_seconds: PositiveSeconds = 0.5


class RebuildSettings(ProjectorSettings):
    """What a rebuild of the views needs. All times in seconds.

    `rebuild_grace_seconds` is how long the former views are kept up to date after the switch, `rebuild_patience_seconds` how
    long EventLog may lag behind the live views, and `rebuild_watch_seconds` how long a rebuild that gives no sign of life is
    watched before it is taken for dead.
    """

    reporting_database_url: str
    rebuild_batch_events: PositiveInt = 2_000
    rebuild_grace_seconds: Annotated[float, Field(ge=5)] = 60.0
    rebuild_patience_seconds: PositiveSeconds = 60.0
    rebuild_watch_seconds: PositiveSeconds = 10.0
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0


class ProjectionGapSettings(ProjectorSettings):
    """What fills gaps in the views.

    `projection_gap_seconds` is how old a gap must be, `projection_gap_events` how many of a showtime's events a run
    projects, and `projection_gaps_budget_seconds` after how many seconds it begins no other showtime.
    """

    reporting_database_url: str
    projection_gap_seconds: PositiveSeconds = 5.0
    projection_gap_events: PositiveInt = 500
    projection_gaps_budget_seconds: PositiveSeconds = 30.0
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0


class CustomerSettings(ProjectorSettings):
    """What forgetting a customer needs.

    `customer_patience_seconds` is how long it waits for events that are under way.
    """

    write_database_url: str
    reporting_database_url: str
    customer_patience_seconds: PositiveSeconds = 60.0
    sql_recycle_seconds: PositiveInt = 1_500
    lock_wait_seconds: PositiveSeconds = 5.0


class ReportSettings(_Settings):
    """What reports need. A day, and an hour of the day, are those of the cinema's time zone."""

    reporting_database_url: str
    cinema_time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    lock_wait_seconds: PositiveSeconds = 5.0

    @property
    def time_zone(self) -> ZoneInfo:
        """The cinema's time zone."""
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


def problems_with(settings: type[BaseSettings]) -> list[str]:
    """What `load` would refuse, a line for each variable."""
    try:
        settings()
    except ValidationError as error:
        return list(named_problems(error, settings))
    return []


def is_switched_off(function: str) -> bool:
    """Whether an app setting keeps the host from running a function. Linux has names with underscores for those with dots."""
    names = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled")
    return any(os.environ.get(name, "").lower() in {"1", "true"} for name in names)
