"""What a client asks of a replica set: accepted where one server whose every write is in its journal gives it, else refused.

This server is the primary, all of its majority, and never behind; it has no snapshots, no second copy and no tags.
"""

from collections.abc import Mapping
from typing import Any, cast

from local.mongo.errors import BAD_VALUE, CommandError, not_implemented

_READ_CONCERNS = frozenset({"local", "available", "majority", "linearizable"})
_READ_PREFERENCES = frozenset({"primary", "primaryPreferred", "secondaryPreferred", "nearest"})


def check_guarantees(command: Mapping[str, Any]) -> None:
    """Check the read preference, read concern and write concern of a command.

    Raises:
        CommandError: one of them can't be had here.
    """
    _check_read_concern(command.get("readConcern") or {})
    _check_read_preference(command.get("$readPreference") or {})
    _check_write_concern(command.get("writeConcern") or {})


def _check_read_concern(concern: Mapping[str, Any]) -> None:
    beyond = set(concern) - {"level", "provenance"}
    if beyond:
        raise not_implemented(f"a read concern with {', '.join(sorted(beyond))}")
    if concern.get("level", "local") not in _READ_CONCERNS:
        raise not_implemented(f"the read concern {concern['level']}")


def _check_read_preference(preference: Mapping[str, Any]) -> None:
    if preference.get("mode", "primary") not in _READ_PREFERENCES:
        raise not_implemented(f"the read preference {preference['mode']}")
    if any(cast(list[Mapping[str, Any]], preference.get("tags") or [])):
        raise not_implemented("a read preference with tags")
    beyond = set(preference) - {"mode", "tags", "maxStalenessSeconds"}
    if beyond:
        raise not_implemented(f"a read preference with {', '.join(sorted(beyond))}")


def _check_write_concern(concern: Mapping[str, Any]) -> None:
    beyond = set(concern) - {"w", "j", "fsync", "wtimeout", "provenance"}
    if beyond:
        raise not_implemented(f"a write concern with {', '.join(sorted(beyond))}")
    if concern.get("w", 1) not in {0, 1, "majority"}:
        raise CommandError(BAD_VALUE, f"this server is alone: no write can be on w: {concern['w']!r}")
