"""local.settings.json: app settings for the environment, and defaults of the command line."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.functions_host.configuration import read_json
from local.functions_host.errors import HostError

_DEFAULT_PORT = 7071


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """What its `Host` section says: the port, and which origins a browser may call from."""

    port: int = _DEFAULT_PORT
    cors: str = ""
    cors_credentials: bool = False


def apply_local_settings(path: Path) -> LocalSettings:
    """Put its Values into the environment; a variable that is set, and not empty, stays.

    Raises:
        HostError: the file is malformed, or encrypted.
    """
    os.environ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development"
    if not path.exists():
        return LocalSettings()
    content = read_json(path)
    if content.get("IsEncrypted"):
        raise HostError(f"{path} is encrypted, which the local host does not implement")
    values: dict[str, Any] = content.get("Values", {})
    for name, value in values.items():
        if not os.environ.get(name):
            os.environ[name] = str(value)
    host: dict[str, Any] = content.get("Host", {})
    return LocalSettings(
        port=int(host.get("LocalHttpPort", _DEFAULT_PORT)),
        cors=str(host.get("CORS", "")),
        cors_credentials=bool(host.get("CORSCredentials")),
    )
