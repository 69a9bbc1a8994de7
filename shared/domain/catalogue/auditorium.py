"""An auditorium: its name and its seats."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from shared.domain.aggregate import Aggregate, DomainEvent
from shared.domain.catalogue.errors import LayoutInUseError
from shared.domain.catalogue.seat import Seat
from shared.domain.catalogue.seat_layout import SeatLayout
from shared.domain.errors import InvalidValueError
from shared.domain.text import readable_text

LONGEST_NAME = 100
LONGEST_SLUG = 40
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class AuditoriumId:
    """An auditorium's short name in addresses, such as `odeon-1`."""

    value: str

    def __post_init__(self) -> None:
        if len(self.value) > LONGEST_SLUG or not _SLUG.fullmatch(self.value):
            raise InvalidValueError(
                "auditorium_id",
                f"must be small letters, digits and single hyphens, at most {LONGEST_SLUG} characters",
            )

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditoriumState:
    """What is true of an auditorium."""

    auditorium_id: AuditoriumId
    name: str
    layout: SeatLayout
    version: int


class AuditoriumRegistered(DomainEvent[AuditoriumState]):
    """An auditorium is known for the first time."""


class AuditoriumChanged(DomainEvent[AuditoriumState]):
    """An auditorium's name or layout has changed."""


class Auditorium(Aggregate[AuditoriumState]):
    """A room with a screen."""

    @classmethod
    def register(cls, auditorium_id: AuditoriumId, *, name: str, layout: SeatLayout, at: datetime) -> Self:
        """Enter an auditorium into the catalogue.

        Raises:
            InvalidValueError: the name can't be read.
        """
        state = AuditoriumState(auditorium_id=auditorium_id, name=_name(name), layout=layout, version=1)
        return cls(state, events=[AuditoriumRegistered(state=state, occurred_at=at)])

    def change(self, *, name: str, layout: SeatLayout, live_seats: Iterable[Seat], at: datetime) -> None:
        """Rename or refit an auditorium. What is the same already is no change, and no event.

        Args:
            name: the new name.
            layout: the new seats.
            live_seats: the seats that somebody holds or has bought for a showtime that has not ended.
            at: now.

        Raises:
            InvalidValueError: the name can't be read.
            LayoutInUseError: the new layout lacks a live seat.
        """
        orphaned = [seat for seat in live_seats if not layout.has(seat)]
        if orphaned:
            raise LayoutInUseError(orphaned)
        changed = replace(self.state, name=_name(name), layout=layout)
        if changed != self.state:
            changed = replace(changed, version=self.state.version + 1)
            self._record(AuditoriumChanged(state=changed, occurred_at=at))


def _name(name: str) -> str:
    return readable_text(name, field="name", longest=LONGEST_NAME)
