"""host.json and the app settings, as the host reads them.

The host knows host.json as flat names without case (`extensions:http:routeprefix`), over which it lays the environment's
`AzureFunctionsJobHost__extensions__http__routePrefix`. What is set there and not implemented here is refused.
"""

import json
import os
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from local.functions_host.durations import seconds_of
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
_DEFAULT_TIMEOUT = "00:30:00"
_NO_TIMEOUT = "-1"
_OVERRIDE = "azurefunctionsjobhost__"
_LOG_LEVEL = "logging:loglevel:"
_HUBS = "extensions:eventhubs:"
_ONLY_VALUE = {f"{_HUBS}mineventbatchsize": 1, f"{_HUBS}batchcheckpointfrequency": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostConfiguration:
    """What host.json says, with the host's defaults where it says nothing. Times in seconds; no timeout is None."""

    route_prefix: str
    function_timeout: float | None
    max_event_batch_size: int
    prefetch_count: int
    from_start: bool
    log_levels: Mapping[str, int]

    def log_level(self, category: str) -> int:
        """The level of a log category, or the default's."""
        return self.log_levels.get(category.lower(), self.log_levels.get("default", _LEVELS["Information"]))


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
    """Read host.json, and the environment's overrides of it.

    Raises:
        HostError: it is missing, malformed, of another version than 2.0, or asks for what is not implemented.
    """
    content = read_json(path)
    if content.get("version") != "2.0":
        raise HostError(f'{path} must say "version": "2.0"')
    values = {**dict(_flat(content)), **_overrides()}
    for name, only in _ONLY_VALUE.items():
        if _number(values, name, default=only) != only:
            raise HostError(f"{name} can only be {only}: nothing else is implemented here")
    return HostConfiguration(
        route_prefix=str(values.get("extensions:http:routeprefix", "api")),
        function_timeout=_timeout(str(values.get("functiontimeout", _DEFAULT_TIMEOUT))),
        max_event_batch_size=_number(values, f"{_HUBS}maxeventbatchsize", default=100),
        prefetch_count=_number(values, f"{_HUBS}prefetchcount", default=300),
        from_start=_from_start(str(values.get(f"{_HUBS}initialoffsetoptions:type", "fromStart"))),
        log_levels={
            name.removeprefix(_LOG_LEVEL): _level(str(value))
            for name, value in values.items()
            if name.startswith(_LOG_LEVEL)
        },
    )


def _flat(section: Mapping[str, Any], prefix: str = "") -> Generator[tuple[str, Any]]:
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _flat(cast(dict[str, Any], value), f"{prefix}{name.lower()}:")
        else:
            yield prefix + name.lower(), value


def _overrides() -> dict[str, str]:
    return {
        name.lower().removeprefix(_OVERRIDE).replace("__", ":"): value
        for name, value in os.environ.items()
        if name.lower().startswith(_OVERRIDE)
    }


def _number(values: Mapping[str, Any], name: str, *, default: int) -> int:
    try:
        return int(values.get(name, default))
    except (TypeError, ValueError):
        raise HostError(f"{name} is {values[name]!r}, not a number") from None


def _timeout(text: str) -> float | None:
    try:
        return None if text == _NO_TIMEOUT else seconds_of(text)
    except ValueError as error:
        raise HostError(f"functionTimeout: {error}") from None


def _from_start(kind: str) -> bool:
    if kind.lower() not in {"fromstart", "fromend"}:
        raise HostError(f"the initial offset {kind!r} is not implemented here; fromStart and fromEnd are")
    return kind.lower() == "fromstart"


def _level(name: str) -> int:
    if name not in _LEVELS:
        raise HostError(f"{name!r} is no log level; they are {', '.join(_LEVELS)}")
    return _LEVELS[name]


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


def is_true(name: str) -> bool:
    """Whether an app setting says yes."""
    return os.environ.get(name, "").lower() in {"true", "1"}


def is_disabled(function: str) -> bool:
    """Whether an app setting switches a function off."""
    return is_true(f"AzureWebJobs.{function}.Disabled")


def worker_threads() -> int:
    """How many synchronous functions run at once."""
    return int(os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT") or _DEFAULT_THREADS)
