"""Which generations of the views there are, for those who look at caches."""

from collections.abc import Callable, Sequence
from typing import Any

from pymongo.database import Database

from shared.infrastructure.mongo.mongo_generations import read_generations
from shared.infrastructure.mongo.mongo_view_reader import faults_named


def generations_seen(database: Database[dict[str, Any]]) -> Callable[[], Sequence[int]]:
    """What answers the generations that are kept up to date, the live one first.

    It raises StationUnreadableError where MongoDB does not answer.
    """

    def seen() -> Sequence[int]:
        with faults_named():
            generations = read_generations(database)
        return [generations.live, *(set(generations.written) - {generations.live})]

    return seen
