"""Waiting until what was committed before has passed every sink, and is in every view."""

from collections.abc import Callable, Collection, Mapping

from shared.application.customers.erasure import Erasure, EventPlace, EventsUnderWayError
from shared.application.customers.ports import Passage, Reservations, ViewProgress

VIEWS = "views"
_POLL_SECONDS = 0.2


class WaitUntilPassed:
    """Call it after a round: it returns when nobody has an event in hand that was read before."""

    def __init__(
        self,
        *,
        reservations: Reservations,
        passage: Passage,
        views: ViewProgress,
        monotonic: Callable[[], float],
        pause: Callable[[float], None],
        patience_seconds: float,
    ) -> None:
        self._reservations = reservations
        self._passage = passage
        self._views = views
        self._monotonic = monotonic
        self._pause = pause
        self._patience_seconds = patience_seconds

    def __call__(self, erasure: Erasure) -> None:
        """Wait for the events that there are now, not for those that come meanwhile.

        Raises:
            EventsUnderWayError: some have not arrived in time.
        """
        ends = self._monotonic() + self._patience_seconds
        theirs = self._reservations.of({erasure.customer_id, erasure.pseudonym})
        first = self._passage.waiting(theirs)

        def undelivered() -> dict[str, int]:
            now = self._passage.waiting(theirs)
            return _counts({sink: places & now.get(sink, frozenset()) for sink, places in first.items()})

        self._until_none(undelivered, ends=ends)
        # Asked for only now: what retention has taken out of the outbox is in EventLog, and so is what was just delivered.
        due = self._passage.due_in_views(theirs)
        self._until_none(lambda: _counts({VIEWS: self._views.behind(due)}), ends=ends)

    def _until_none(self, left: Callable[[], Mapping[str, int]], *, ends: float) -> None:
        while waiting := left():
            if self._monotonic() >= ends:
                raise EventsUnderWayError(waiting, seconds=self._patience_seconds)
            self._pause(_POLL_SECONDS)


def _counts(places: Mapping[str, Collection[EventPlace]]) -> dict[str, int]:
    return {where: len(some) for where, some in places.items() if some}
