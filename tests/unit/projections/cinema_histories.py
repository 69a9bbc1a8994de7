"""What happens in a cinema of two showtimes, and what is true after it, told without the folds."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from shared.application.projections.received_events import ReceivedEvent
from shared.contracts.documents import ViewDocument
from tests.builders.published_events import ShowtimeHistory, auditorium_event, movie_event

Seat = tuple[str, int]
Facts = dict[str, dict[str, Any]]

SEATS: list[Seat] = [("A", 1), ("A", 2), ("B", 3), ("A", 5)]
"""The last one is there only after the auditorium was changed."""

ACTIONS = ("change movie", "change auditorium", "reschedule", "call off", "book", "confirm", "cancel")

_SEAT_STATUS = {"Pending": "Held", "Confirmed": "Sold", "Cancelled": "Free"}


@dataclass
class Cinema:
    """Publishes events as people act. A showtime opens when somebody wants something of it."""

    published: list[ReceivedEvent] = field(default_factory=list[ReceivedEvent])
    movie_version: int = 0
    auditorium_version: int = 0
    showtimes: dict[int, ShowtimeHistory] = field(default_factory=dict[int, ShowtimeHistory])
    holders: dict[tuple[int, Seat], str] = field(default_factory=dict[tuple[int, Seat], str])

    def act(self, action: str, showtime: int, seat: Seat) -> ReceivedEvent:
        """Do something; what can't be done is another booking or a cancellation."""
        event = self._event(action, showtime, seat)
        self.published.append(event)
        return event

    def _event(self, action: str, showtime: int, seat: Seat) -> ReceivedEvent:
        if action == "change movie":
            self.movie_version += 1
            return movie_event(self.movie_version)
        if action == "change auditorium":
            self.auditorium_version += 1
            return auditorium_event(self.auditorium_version)
        history = self.showtimes.get(showtime)
        if history is None:
            return self._opened(showtime)
        history.movie_version, history.auditorium_version = self._told()
        if action == "reschedule":
            return history.rescheduled(days=2 + len(history.events))
        if action == "call off":
            return history.called_off()
        return self._of_seat(action, history, place=(showtime, seat))

    def _opened(self, showtime: int) -> ReceivedEvent:
        history = self.showtimes[showtime] = ShowtimeHistory(f"showtime {showtime}")
        movie, auditorium = self._told()
        return history.created(movie_version=movie, auditorium_version=auditorium)

    def _told(self) -> tuple[int, int]:
        """The versions of movie and auditorium that a showtime's event tells of; nobody has changed those before 1."""
        return max(1, self.movie_version), max(1, self.auditorium_version)

    def _of_seat(self, action: str, history: ShowtimeHistory, *, place: tuple[int, Seat]) -> ReceivedEvent:
        _, seat = place
        if place not in self.holders:
            self.holders[place] = f"c{len(history.events)}"
            return history.held(self.holders[place], seat)
        if action == "confirm":
            return history.sold(self.holders[place], seat)
        return history.freed(self.holders.pop(place), seat)


def actions() -> st.SearchStrategy[tuple[str, int, Seat]]:
    """Arguments of `Cinema.act`."""
    return st.tuples(st.sampled_from(ACTIONS), st.integers(0, 1), st.sampled_from(SEATS))


@st.composite
def histories(
    draw: Callable[[st.SearchStrategy[list[tuple[str, int, Seat]]]], list[tuple[str, int, Seat]]],
    *,
    longest: int = 20,
) -> list[ReceivedEvent]:
    """What was published while people acted, in its order."""
    cinema = Cinema()
    for action in draw(st.lists(actions(), min_size=1, max_size=longest)):
        cinema.act(*action)
    return cinema.published


def truth_of(published: Iterable[ReceivedEvent]) -> Facts:
    """What is true after a history: the last word on each thing, and the newest that was told of movie and auditorium."""
    facts: Facts = defaultdict(dict)
    newest: dict[str, dict[str, Any]] = {}
    for event in published:
        envelope = json.loads(event.body)
        data: dict[str, Any] = envelope["data"]
        match envelope["type"].split(".")[1]:
            case "movie" | "auditorium" as kind:
                facts[f"{kind}s"][data[f"{kind}Id"]] = data
                _note(newest, kind, data)
            case "showtime":
                showtime = facts["showtimes"].setdefault(data["showtimeId"], {"claims": {}})
                showtime |= data | {"sequence": envelope["sequence"]}
                _note(newest, "movie", data["movie"])
                _note(newest, "auditorium", data["auditorium"])
            case _:
                _take_seats(facts, data, sequence=envelope["sequence"])
    for showtime in facts["showtimes"].values():
        showtime.update(newest)
    return _worded(facts)


def _take_seats(facts: Facts, data: dict[str, Any], *, sequence: int) -> None:
    facts["reservations"][data["reservationId"]] = data | {"sequence": sequence}
    showtime = facts["showtimes"][data["showtimeId"]]
    showtime["sequence"] = sequence
    status = _SEAT_STATUS[data["status"]]
    holder = None if status == "Free" else data["reservationId"]
    for seat in data["seats"]:
        claim = {"status": status, "reservationId": holder, "seq": sequence}
        showtime["claims"][f"{seat['row']}-{seat['number']}"] = claim


def _note(newest: dict[str, dict[str, Any]], kind: str, told: dict[str, Any]) -> None:
    if kind not in newest or newest[kind]["version"] < told["version"]:
        newest[kind] = told


_COMPARED = {
    "movies": ("title", "runtimeMinutes", "version"),
    "auditoriums": ("name", "rows", "version"),
    "showtimes": (
        "screeningTime",
        "endsAt",
        "status",
        "version",
        "sequence",
        "claims",
        "movie",
        "auditorium",
    ),
    "reservations": ("showtimeId", "customerId", "status", "version", "seats", "sequence"),
}


def facts_in(views: Mapping[str, Mapping[str, ViewDocument]]) -> Facts:
    """What documents say, in the same words."""
    return _worded(
        {
            view: {
                identity: document.model_dump(mode="json", by_alias=True)
                for identity, document in documents.items()
            }
            for view, documents in views.items()
        }
    )


def _worded(facts: Facts) -> Facts:
    return {
        view: {
            identity: {key: _moment_or_same(fact[key]) for key in _COMPARED[view]}
            for identity, fact in documents.items()
        }
        for view, documents in facts.items()
        if documents
    }


def _moment_or_same(value: Any) -> Any:
    """A moment may be written with decimals or without."""
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
