"""host.json, local.settings.json and the environment, as the host reads them."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from local.functions_host.errors import HostError

_PLACEHOLDER = re.compile(r"%([^%]+)%")
_LEVELS = {
    "Trace": 10,
    "Debug": 10,
    "Information": 20,
    "Warning": 30,
    "Error": 40,
    "Critical": 50,
    "None": 60,
}
_DEFAULT_THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfiguration:
    """What host.json says, with the host's defaults where it says nothing. Times in seconds."""

    route_prefix: str
    max_event_batch_size: int
    prefetch_count: int
    from_start: bool
    log_levels: Mapping[str, int]

    def log_level(self, category: str) -> int:
        """The level of a log category, or the default's."""
        return self.log_levels.get(category, self.log_levels.get("default", _LEVELS["Information"]))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        HostError: the file is missing, or not a JSON object.
    """
    try:
        content: object = json.loads(path.read_text())
    except FileNotFoundError:
        raise HostError(f"{path} is missing") from None
    except ValueError as error:
        raise HostError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise HostError(f"{path} must hold a JSON object")
    return cast(dict[str, Any], content)


def load_host_configuration(path: Path) -> HostConfiguration:
    """Read host.json.

    Raises:
        HostError: it is missing, malformed, or of another version than 2.0.
    """
    content = read_json(path)
    if content.get("version") != "2.0":
        raise HostError(f'{path} must say "version": "2.0"')
    extensions: dict[str, Any] = content.get("extensions", {})
    hubs: dict[str, Any] = extensions.get("eventHubs", {})
    levels: dict[str, str] = content.get("logging", {}).get("logLevel", {})
    unknown = sorted(set(levels.values()) - set(_LEVELS))
    if unknown:
        raise HostError(f"{path}: {unknown[0]!r} is no log level; they are {', '.join(_LEVELS)}")
    offset: dict[str, Any] = hubs.get("initialOffsetOptions", {})
    return HostConfiguration(
        route_prefix=extensions.get("http", {}).get("routePrefix", "api"),
        max_event_batch_size=hubs.get("maxEventBatchSize", 100),
        prefetch_count=hubs.get("prefetchCount", 300),
        from_start=offset.get("type", "fromStart").lower() == "fromstart",
        log_levels={category: _LEVELS[level] for category, level in levels.items()},
    )


def apply_local_settings(path: Path) -> None:
    """Put local.settings.json's Values into the environment; a variable that is set, and not empty, stays.

    Raises:
        HostError: the file is malformed.
    """
    if not path.exists():
        return
    values: dict[str, str] = read_json(path).get("Values", {})
    for name, value in values.items():
        if not os.environ.get(name):
            os.environ[name] = value
    os.environ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development"


def expand(text: str, *, what: str) -> str:
    """Replace each %Setting% by its value.

    Raises:
        HostError: a setting is not there.
    """

    def value(match: re.Match[str]) -> str:
        setting = os.environ.get(match[1])
        if setting is None:
            raise HostError(f"{what}: the setting %{match[1]}% can't be resolved")
        return setting

    return _PLACEHOLDER.sub(value, text)


def setting(name: str) -> str | None:
    """An app setting."""
    return os.environ.get(name)


def is_disabled(function: str) -> bool:
    """Whether an app setting switches a function off."""
    return os.environ.get(f"AzureWebJobs.{function}.Disabled", "").lower() in {"true", "1"}


def worker_threads() -> int:
    """How many synchronous functions run at once."""
    return int(os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT") or _DEFAULT_THREADS)
