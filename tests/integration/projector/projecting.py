"""A projector in a process of its own: `python -m tests.integration.projector.projecting MONGO DATABASE REDIS WHICH`.

Once somebody has sent it a line, it projects every other one of a busy cinema's events, from the first or the second on.
"""

import random
import sys

from shared.application.projections.received_events import ReceivedEvent
from shared.bootstrap.projector import open_projector
from shared.settings import ProjectorSettings
from tests.unit.projections.cinema_histories import ACTIONS, SEATS, Cinema

_BATCH = 7


def busy_cinema(*, actions: int = 250) -> list[ReceivedEvent]:
    """The same events each time."""
    chance, cinema = random.Random(5), Cinema()  # noqa: S311 # what happens is no secret
    for _ in range(actions):
        cinema.act(chance.choice(ACTIONS), chance.randrange(2), chance.choice(SEATS))
    return cinema.published


def main(mongo_url: str, mongo_database: str, redis_url: str, which: str) -> None:
    """Project half of the events, each once: what is lost here comes from nobody else."""
    events = busy_cinema()
    random.Random(6).shuffle(events)  # noqa: S311 # as above
    events = events[int(which) :: 2]
    settings = ProjectorSettings(mongo_url=mongo_url, mongo_database=mongo_database, redis_url=redis_url)
    with open_projector(settings) as project:
        print("ready", flush=True)  # noqa: T201 # to whom has started this
        sys.stdin.readline()
        for first in range(0, len(events), _BATCH):
            project(events[first : first + _BATCH])


if __name__ == "__main__":
    main(*sys.argv[1:])
