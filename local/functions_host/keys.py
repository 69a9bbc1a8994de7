"""Function keys, which `--enableAuth` asks for as Azure does."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from local.functions_host.configuration import read_json

_HEADER, _QUERY = "x-functions-key", "code"


class HostKeys:
    """The host's master key and its default function key. Keys of single functions are not implemented."""

    def __init__(self, *, master: str, default: str) -> None:
        self._takes = {
            "anonymous": None,
            "function": frozenset({master, default}),
            "admin": frozenset({master}),
        }

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the keys from a file, which is made at first, in the form in which Azure keeps them.

        Raises:
            HostError: the file is malformed.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(json.dumps({"masterKey": _new("master"), "functionKeys": [_new("default")]}))
        content = read_json(path)
        return cls(master=content["masterKey"]["value"], default=content["functionKeys"][0]["value"])

    def allow(self, level: str, *, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether a request has a key for an auth level; a key in the header counts before one in the query."""
        taken = self._takes[level]
        given = headers.get(_HEADER) or query.get(_QUERY) or ""
        return taken is None or any(secrets.compare_digest(given.encode(), key.encode()) for key in taken)


def auth_level(binding: Mapping[str, Any]) -> str:
    """The level that a trigger asks for: a function's key, unless it says otherwise."""
    level = binding.get("authLevel")
    return str(getattr(level, "value", level) or "function").lower()


def _new(name: str) -> dict[str, object]:
    return {"name": name, "value": secrets.token_urlsafe(40), "encrypted": False}
