"""Any interleaving of projectors, an archive that lags, readers and a rebuild: nothing is lost, no time goes backwards."""

from collections.abc import Sequence
from itertools import chain, count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.application.projections.ports import ViewStoreUnavailableError
from shared.application.projections.received_events import ReceivedEvent
from tests.unit.projections.projection import stripped
from tests.unit.rebuild.cinema import RebuiltCinema, some_events
from tests.unit.rebuild.interleaving import Interleaving

pytestmark = pytest.mark.unit

EVENTS = some_events()


class BusyCinema(RebuiltCinema):
    """What each part does while the others do theirs."""

    def project(self, events: Sequence[ReceivedEvent], *, at_once: int) -> None:
        """A partition of the hub: in order, and what fails is tried again."""
        projector = self.projector()
        batches = [events[first : first + at_once] for first in range(0, len(events), at_once)]
        while batches:
            try:
                projector(batches[0])
            except ViewStoreUnavailableError:
                continue
            batches.pop(0)

    def rebuild_in_the_end(self) -> None:
        """Whose operator calls it again, when a look at the generations took too long."""
        while True:
            try:
                self.rebuild().rebuild(finish=False)
            except ViewStoreUnavailableError:
                continue
            return

    def archive(self, *, pauses: int) -> None:
        """EventLog gets everything, later."""
        for event in EVENTS:
            for _ in range(pauses):
                self.world.step()
            self.log.take(event)

    def read(self) -> None:
        """A read service, which knows the live generation of a second ago, and the client that it answers."""
        seen: dict[str, int] = {}
        for _ in range(40):
            generation = self.live
            for _ in range(4):
                self.world.step()
                shown = self.sequences(generation)
                assert all(shown[showtime] >= sequence for showtime, sequence in seen.items())
                seen = shown

    def documents(self, generation: int) -> dict[str, dict[str, object]]:
        views = self.generations.stores[generation].views
        return {view: {k: stripped(d) for k, d in found.items()} for view, found in views.items()}


@settings(max_examples=300)
@given(
    before=st.integers(0, len(EVENTS)),
    archived=st.integers(0, len(EVENTS)),
    at_once=st.integers(1, 4),
    pauses=st.integers(0, 3),
    turns=st.lists(st.integers(0, 11), max_size=120),
)
def test_a_rebuild_under_traffic(
    before: int, archived: int, at_once: int, pauses: int, turns: list[int]
) -> None:
    world = Interleaving()
    cinema = BusyCinema(world)
    cinema.project(EVENTS[:before], at_once=4)
    for event in EVENTS[: min(before, archived)]:
        cinema.log.take(event)
    rest = EVENTS[before:]
    world.run(
        [
            cinema.rebuild_in_the_end,
            lambda: cinema.project(rest[::2], at_once=at_once),
            lambda: cinema.project(rest[1::2], at_once=at_once),
            lambda: cinema.archive(pauses=pauses),
            cinema.read,
        ],
        schedule=chain(turns, count()),
    )
    expected = BusyCinema()
    expected.project(EVENTS, at_once=4)
    assert cinema.live == 2
    assert cinema.documents(1) == cinema.documents(2) == expected.documents(1)
