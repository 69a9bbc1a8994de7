"""Why a rebuild does not go on.

RebuildError
├── RebuildUnderWayError     another one is at work
├── RebuildTakenOverError    another one has taken this one for dead
├── NothingToAbandonError    no generation is being built
└── ArchiveIncompleteError   EventLog lacks events that the live views have
"""

from collections.abc import Sequence

_NAMED = 5


class RebuildError(Exception):
    """A rebuild can't go on. The live views are as they were."""


class RebuildUnderWayError(RebuildError):
    """Another rebuild is at work."""

    def __init__(self, generation: int) -> None:
        super().__init__(f"another rebuild is at work on generation {generation}")
        self.generation = generation


class RebuildTakenOverError(RebuildError):
    """Another rebuild has gone on with this one's work, since this one gave no sign of life."""

    def __init__(self) -> None:
        super().__init__("another rebuild took this one for dead and goes on with its work")


class NothingToAbandonError(RebuildError):
    """No generation is being built."""

    def __init__(self) -> None:
        super().__init__("no generation is being built")


class ArchiveIncompleteError(RebuildError):
    """EventLog did not get, in time, the events of some streams that the live views have."""

    def __init__(self, streams: Sequence[str]) -> None:
        named = ", ".join(streams[:_NAMED]) + (" …" if len(streams) > _NAMED else "")
        super().__init__(
            f"EventLog lacks events of {len(streams)} streams that the live views have: {named}. "
            "See `cinema audit`; then run the rebuild again"
        )
        self.streams = tuple(streams)
