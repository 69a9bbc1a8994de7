"""Older versions of an event, read as the newest, so that who consumes events knows one version of each.

`docs/events/versioning.md` shows how a version is added.
"""

from collections.abc import Callable
from typing import Any

from shared.contracts.events import EventData

UPCASTS: dict[type[EventData], Callable[[Any], EventData]] = {}
"""For a model that has a successor: how its data would read in it. Each version leads to the next alone."""


def newest(data: EventData) -> EventData:
    """The data as the newest version of its event; the same object if it is of that version already."""
    while upcast := UPCASTS.get(type(data)):
        data = upcast(data)
    return data
