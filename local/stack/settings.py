"""The launcher's settings and the ports that they give."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


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

    @classmethod
    def moved_by(cls, offset: int) -> Self:
        """The contract's ports plus an offset."""
        return cls(**{name: port + offset for name, port in asdict(cls()).items()})


class StackSettings(BaseSettings):
    """What can be said to `make run`, by environment variables.

    Two database URLs may replace the embedded SQLite files; nothing is picked up because it lies on PATH.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    cinema_port_offset: Annotated[int, Field(ge=-5000, le=15000)] = 0
    cinema_state_dir: Path | None = None
    write_database_url: str | None = None
    reporting_database_url: str | None = None

    @property
    def ports(self) -> Ports:
        """The ports of this stack."""
        return Ports.moved_by(self.cinema_port_offset)

    @property
    def state_directory(self) -> Path:
        """Where this stack keeps its databases and logs: one folder a port offset, unless one is named."""
        if self.cinema_state_dir is not None:
            return self.cinema_state_dir.absolute()
        return Path(".local").absolute() / f"stack-{self.cinema_port_offset}"

    @property
    def is_ordinary(self) -> bool:
        """Whether this stack is the one that local.settings.json describes."""
        return self.cinema_port_offset == 0 and not (
            self.cinema_state_dir or self.write_database_url or self.reporting_database_url
        )
