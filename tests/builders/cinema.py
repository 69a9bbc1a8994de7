"""A cinema with its doors open: the write side, spoken to in few words."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.application.catalogue.register_auditorium import RegisterAuditorium
from shared.application.catalogue.register_movie import RegisterMovie
from shared.application.command_context import CommandContext, VersionCondition
from shared.application.outcome import Outcome
from shared.application.reservations.cancel_reservation import CancelReservation
from shared.application.reservations.confirm_reservation import ConfirmReservation
from shared.application.reservations.reserve_seats import ReserveSeats
from shared.application.showtimes.cancel_showtime import CancelShowtime
from shared.application.showtimes.create_showtime import CreateShowtime
from shared.application.showtimes.reschedule_showtime import RescheduleShowtime
from shared.bootstrap.write_side import WriteSide
from shared.domain.catalogue.auditorium import AuditoriumId, AuditoriumState
from shared.domain.catalogue.movie import MovieId, MovieState
from shared.domain.reservations.reservation import CustomerId, ReservationState
from shared.domain.showtimes.showtime import ShowtimeState
from shared.settings import WriteSideSettings
from tests.builders.catalogue import a_layout, seats
from tests.builders.reservations import a_customer
from tests.builders.showtimes import NOON

IN_TWO_HOURS = NOON + timedelta(hours=2)


def house_settings(url: str = "sqlite://", **changed: object) -> WriteSideSettings:
    """Settings with small limits, so that tests reach them."""
    settings = WriteSideSettings(
        write_database_url=url, max_seats_per_reservation=4, max_live_holds_per_customer=2
    )
    return settings.model_copy(update=changed)


@dataclass(frozen=True)
class Cinema:
    """Commands with sensible arguments."""

    side: WriteSide

    def register_movie(
        self, title: str = "Inception", *, minutes: int = 148, condition: VersionCondition | None = None
    ) -> Outcome[MovieState]:
        command = RegisterMovie(
            movie_id=MovieId("tt1375666"), title=title, runtime_minutes=minutes, condition=condition
        )
        return self.side.register_movie(command, context=self.context())

    def register_auditorium(
        self, slug: str = "odeon-1", *, condition: VersionCondition | None = None, **rows: int
    ) -> Outcome[AuditoriumState]:
        layout = a_layout(**(rows or {"A": 10, "B": 10}))
        command = RegisterAuditorium(
            auditorium_id=AuditoriumId(slug), name="Odeon", layout=layout, condition=condition
        )
        return self.side.register_auditorium(command, context=self.context())

    def create_showtime(
        self, *, starts_at: datetime = IN_TWO_HOURS, slug: str = "odeon-1", movie: str = "tt1375666"
    ) -> Outcome[ShowtimeState]:
        command = CreateShowtime(
            showtime_id=self.side.ids.new_id(),
            movie_id=MovieId(movie),
            auditorium_id=AuditoriumId(slug),
            starts_at=starts_at,
        )
        return self.side.create_showtime(command, context=self.context())

    def reschedule_showtime(
        self, showtime_id: UUID, *, starts_at: datetime, condition: VersionCondition | None = None
    ) -> Outcome[ShowtimeState]:
        command = RescheduleShowtime(showtime_id=showtime_id, starts_at=starts_at, condition=condition)
        return self.side.reschedule_showtime(command, context=self.context())

    def cancel_showtime(
        self, showtime_id: UUID, *, note: str | None = None, condition: VersionCondition | None = None
    ) -> Outcome[ShowtimeState]:
        command = CancelShowtime(showtime_id=showtime_id, note=note, condition=condition)
        return self.side.cancel_showtime(command, context=self.context())

    def open_showtime(self, *, starts_at: datetime = IN_TWO_HOURS) -> UUID:
        """A showtime on sale, catalogue and all."""
        self.register_movie()
        self.register_auditorium()
        return self.create_showtime(starts_at=starts_at).state.showtime_id

    def reserve(
        self, showtime_id: UUID, *names: str, customer: CustomerId | None = None
    ) -> Outcome[ReservationState]:
        command = ReserveSeats(
            reservation_id=self.side.ids.new_id(),
            showtime_id=showtime_id,
            customer_id=customer or a_customer(),
            seats=seats(*names),
        )
        return self.side.reserve_seats(command, context=self.context())

    def confirm(
        self, reservation_id: UUID, *, condition: VersionCondition | None = None
    ) -> Outcome[ReservationState]:
        command = ConfirmReservation(reservation_id=reservation_id, condition=condition)
        return self.side.confirm_reservation(command, context=self.context())

    def cancel(
        self, reservation_id: UUID, *, note: str | None = None, condition: VersionCondition | None = None
    ) -> Outcome[ReservationState]:
        command = CancelReservation(reservation_id=reservation_id, note=note, condition=condition)
        return self.side.cancel_reservation(command, context=self.context())

    def context(self) -> CommandContext:
        return CommandContext(command_id=self.side.ids.new_id())
