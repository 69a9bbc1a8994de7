"""The launcher's settings and the ports that they give."""

from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from local.stack.places import place_of

HOST = "127.0.0.1"
"""Where all parts listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where each part listens. One offset moves them all, so that two stacks can live side by side."""

    gateway: int = 5005
    load_balancer: int = 5003
    node_1: int = 5001
    node_2: int = 5002
    timers: int = 5011
    projector: int = 5012
    read_service: int = 50051
    event_hubs: int = 5672
    mongo: int = 27017
    redis: int = 6379
    blobs: int = 10000
    queues: int = 10001
    tables: int = 10002

    @classmethod
    def moved_by(cls, offset: int) -> Self:
        """The contract's ports plus an offset."""
        return cls(**{name: port + offset for name, port in asdict(cls()).items()})


class StackSettings(BaseSettings):
    """What can be said to `make run`, by environment variables.

    A URL or connection string names a server of one's own, in the place of an embedded one; nothing is picked up because it
    lies on PATH.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    cinema_port_offset: Annotated[int, Field(ge=-5000, le=15000)] = 0
    cinema_state_dir: Path | None = None
    write_database_url: str | None = None
    reporting_database_url: str | None = None
    event_hub: Annotated[str | None, Field(validation_alias="EventHub")] = None
    mongo_url: str | None = None
    redis_url: str | None = None
    mongo_database: str = "cinema"
    hub_protocol: Literal["amqp", "kafka"] = "amqp"
    domain_events_hub: str = "cinema.domain.events"
    reservations_hub: str = "cinema.reservations"
    hub_partitions: Annotated[int, Field(gt=0)] = 8
    projector_consumer_group: str = "projector"

    host: str = "own"
    azure_web_jobs_storage: Annotated[str | None, Field(validation_alias="AzureWebJobsStorage")] = None

    @property
    def has_real_host(self) -> bool:
        """Whether the functions run on the Core Tools. Shells set HOST to other things, which mean nothing here."""
        return self.host == "func"

    @property
    def starts_azurite(self) -> bool:
        """Whether the real host's storage is this stack's affair."""
        return self.has_real_host and not self.azure_web_jobs_storage

    @property
    def ports(self) -> Ports:
        """The ports of this stack."""
        return Ports.moved_by(self.cinema_port_offset)

    def given_urls(self) -> dict[str, str]:
        """The servers of one's own: variable → URL or connection string."""
        named = {
            "EventHub": self.event_hub,
            "MONGO_URL": self.mongo_url,
            "REDIS_URL": self.redis_url,
            "WRITE_DATABASE_URL": self.write_database_url,
            "REPORTING_DATABASE_URL": self.reporting_database_url,
        }
        return {variable: url for variable, url in named.items() if url}

    @property
    def mongo_in_use(self) -> str:
        """Where the MongoDB protocol is served."""
        return self.mongo_url or f"mongodb://{HOST}:{self.ports.mongo}"

    @property
    def redis_in_use(self) -> str:
        """Where the Redis protocol is served."""
        return self.redis_url or f"redis://{HOST}:{self.ports.redis}/0"

    @property
    def event_hubs_in_use(self) -> str:
        """The connection string of the event hubs."""
        return self.event_hub or (
            f"Endpoint=sb://localhost:{self.ports.event_hubs};SharedAccessKeyName=RootManageSharedAccessKey;"
            "SharedAccessKey=SAS_KEY_VALUE;UseDevelopmentEmulator=true;"
        )

    @property
    def state_directory(self) -> Path:
        """Where this stack keeps its databases, checkpoints and logs, unless a folder is named.

        One folder a port offset; with servers of one's own another one for each set of them, since what the stack keeps
        itself fits what they keep, and nothing else.
        """
        if self.cinema_state_dir is not None:
            return self.cinema_state_dir.absolute()
        name = f"stack-{self.cinema_port_offset}"
        if given := self.given_urls():
            places = [f"{variable} {place_of(url)}" for variable, url in given.items()]
            name += f"-{sha256(' '.join([*places, self.mongo_database]).encode()).hexdigest()[:8]}"
        return Path(".local").absolute() / name

    @property
    def is_ordinary(self) -> bool:
        """Whether this stack is the one that local.settings.json describes."""
        return self.cinema_port_offset == 0 and self.cinema_state_dir is None and not self.given_urls()
