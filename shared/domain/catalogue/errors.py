"""Why a change of the catalogue is refused."""

from collections.abc import Iterable

from shared.domain.catalogue.seat import Seat
from shared.domain.errors import CinemaError, ErrorKind


class LayoutInUseError(CinemaError):
    """The new layout lacks seats that somebody holds or has bought for a showtime to come."""

    code = "layout-in-use"
    kind = ErrorKind.CONFLICT

    def __init__(self, seats: Iterable[Seat]) -> None:
        self.seats = tuple(sorted(seats))
        super().__init__(f"Customers have seats that the new layout lacks: {', '.join(map(str, self.seats))}")
