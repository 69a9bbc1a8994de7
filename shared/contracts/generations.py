"""Which generations of the views there are: one document, which every reader and writer of views reads again and again.

A generation is a set of collections, and of cache keys, of its own number. Readers answer from the live one. The
projector writes every one that is named here, so that a reader who has not yet heard of a switch is right too. A
missing document means that generation 1 is live, and alone.
"""

from shared.contracts.documents import FIRST_GENERATION
from shared.contracts.wire import SortableUtcTime, WireModel

META_COLLECTION = "meta"
GENERATIONS_ID = "generations"

REREAD_SECONDS = 1.0
"""How old a reader's or a writer's knowledge of this document may get before it is read again."""


class Building(WireModel):
    """A generation that is being rebuilt.

    It has cache entries only once all history is in it, which would push everything else out of the cache.
    """

    generation: int
    cached: bool = False


class Ending(WireModel):
    """A generation that was live: kept written until a moment, for who still reads it."""

    generation: int
    until: SortableUtcTime


class Generations(WireModel):
    """The document. `rev` guards its replacement; `newest` is the highest number that was ever given, and none is given twice."""

    rev: int = 0
    live: int = FIRST_GENERATION
    building: Building | None = None
    ending: tuple[Ending, ...] = ()
    newest: int = FIRST_GENERATION

    @property
    def written(self) -> tuple[int, ...]:
        """Every generation that is kept up to date, newest first: the order in which they are written.

        A reader moves from an older to a newer one. As what the older one has is in the newer one already, no client
        of that reader sees time go backwards.
        """
        building = (self.building.generation,) if self.building else ()
        ending = (former.generation for former in self.ending)
        return tuple(sorted({self.live, *building, *ending}, reverse=True))

    def is_cached(self, generation: int) -> bool:
        """Whether the projector writes a generation's cache entries."""
        return self.building is None or self.building.generation != generation or self.building.cached
