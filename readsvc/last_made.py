"""What was last made of a source, so that it is made anew only when the source has changed."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Source = TypeVar("Source")
Made = TypeVar("Made")


class LastMade(Generic[Source, Made]):
    """For each of the `limit` keys that were used last, a source and what was made of it.

    Sources are compared, not their revisions: after a rebuild, a repair or a flush an old revision may have other
    content, but equal bytes never mean two things. What was made is shared: nobody may change it.
    """

    def __init__(self, make: Callable[[Source], Made], *, limit: int) -> None:
        self._make = make
        self._limit = limit
        self._entries: OrderedDict[str, tuple[Source, Made]] = OrderedDict()

    def of(self, source: Source, *, key: str) -> Made:
        """What is made of a source. What `make` raises is raised, and not remembered."""
        entry = self._entries.get(key)
        if entry is None or entry[0] != source:
            entry = self._entries[key] = source, self._make(source)
            if len(self._entries) > self._limit:
                self._entries.popitem(last=False)
        self._entries.move_to_end(key)
        return entry[1]
