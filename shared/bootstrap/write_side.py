"""The write side, wired: every command with what it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import Engine

from shared.application.catalogue.register_auditorium import RegisterAuditorium, register_auditorium
from shared.application.catalogue.register_movie import RegisterMovie, register_movie
from shared.application.clock import Clock, IdGenerator, RandomIdGenerator, SystemClock
from shared.application.command_context import CommandContext
from shared.application.forget_answers import ForgetAnswers
from shared.application.outcome import Outcome
from shared.application.rerun import CommandRunner
from shared.application.reservations.cancel_reservation import CancelReservation, cancel_reservation
from shared.application.reservations.confirm_reservation import ConfirmReservation, confirm_reservation
from shared.application.reservations.expire_holds import ExpireHolds, ExpiryTally
from shared.application.reservations.reserve_seats import ReserveSeats, reserve_seats
from shared.application.showtimes.cancel_showtime import CancelShowtime, cancel_showtime
from shared.application.showtimes.clear_cancelled_showtimes import ClearCancelledShowtimes, ClearingTally
from shared.application.showtimes.create_showtime import CreateShowtime, create_showtime
from shared.application.showtimes.reschedule_showtime import RescheduleShowtime, reschedule_showtime
from shared.application.timer_runner import TimerRunner
from shared.application.unit_of_work import BeginUnitOfWork
from shared.bootstrap.telemetry import current_traceparent
from shared.domain.catalogue.auditorium import AuditoriumState
from shared.domain.catalogue.movie import MovieState
from shared.domain.reservations.booking_policy import BookingPolicy
from shared.domain.reservations.reservation import ReservationState
from shared.domain.showtimes.showtime import ShowtimeState
from shared.infrastructure.sql.engine import create_database_engine
from shared.infrastructure.sql.unit_of_work import SqlUnitsOfWork
from shared.infrastructure.sql.write_database_health import write_database_answers
from shared.settings import WriteSideSettings, load


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteStore:
    """Where the write side keeps what it knows: how to begin a unit of work, and whether the store answers.

    Either raises MisconfiguredStoreError where the store is there, but not set up as commands need it.
    """

    begin: BeginUnitOfWork
    answers: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSide:
    """All commands. Each is rerun when it clashes with another, within the settings' limits."""

    runner: CommandRunner
    clock: Clock
    ids: IdGenerator
    policy: BookingPolicy
    cleaning_gap: timedelta
    store_answers: Callable[[], bool]
    max_body_bytes: int
    cancellation_chunk: int
    expiry_chunk: int
    expiry_most: int
    answer_retention: timedelta

    def register_movie(self, command: RegisterMovie, *, context: CommandContext) -> Outcome[MovieState]:
        """See `shared.application.catalogue.register_movie`."""
        return self.runner.answer(
            context, state=MovieState, work=lambda unit: register_movie(command, unit=unit, clock=self.clock)
        )

    def register_auditorium(
        self, command: RegisterAuditorium, *, context: CommandContext
    ) -> Outcome[AuditoriumState]:
        """See `shared.application.catalogue.register_auditorium`."""
        return self.runner.answer(
            context,
            state=AuditoriumState,
            work=lambda unit: register_auditorium(command, unit=unit, clock=self.clock),
        )

    def create_showtime(self, command: CreateShowtime, *, context: CommandContext) -> Outcome[ShowtimeState]:
        """See `shared.application.showtimes.create_showtime`."""
        return self.runner.answer(
            context,
            state=ShowtimeState,
            work=lambda unit: create_showtime(
                command, unit=unit, clock=self.clock, cleaning_gap=self.cleaning_gap
            ),
        )

    def reschedule_showtime(
        self, command: RescheduleShowtime, *, context: CommandContext
    ) -> Outcome[ShowtimeState]:
        """See `shared.application.showtimes.reschedule_showtime`."""
        return self.runner.answer(
            context,
            state=ShowtimeState,
            work=lambda unit: reschedule_showtime(
                command, unit=unit, clock=self.clock, cleaning_gap=self.cleaning_gap
            ),
        )

    def cancel_showtime(self, command: CancelShowtime, *, context: CommandContext) -> Outcome[ShowtimeState]:
        """See `shared.application.showtimes.cancel_showtime`."""
        return self.runner.answer(
            context,
            state=ShowtimeState,
            work=lambda unit: cancel_showtime(command, unit=unit, clock=self.clock),
        )

    def clear_cancelled_showtimes(self) -> ClearingTally:
        """See `shared.application.showtimes.clear_cancelled_showtimes`."""
        clear = ClearCancelledShowtimes(runner=self._timers, clock=self.clock, chunk=self.cancellation_chunk)
        return clear()

    def reserve_seats(self, command: ReserveSeats, *, context: CommandContext) -> Outcome[ReservationState]:
        """See `shared.application.reservations.reserve_seats`."""
        return self.runner.answer(
            context,
            state=ReservationState,
            work=lambda unit: reserve_seats(command, unit=unit, clock=self.clock, policy=self.policy),
        )

    def confirm_reservation(
        self, command: ConfirmReservation, *, context: CommandContext
    ) -> Outcome[ReservationState]:
        """See `shared.application.reservations.confirm_reservation`."""
        return self.runner.answer(
            context,
            state=ReservationState,
            work=lambda unit: confirm_reservation(command, unit=unit, clock=self.clock),
        )

    def cancel_reservation(
        self, command: CancelReservation, *, context: CommandContext
    ) -> Outcome[ReservationState]:
        """See `shared.application.reservations.cancel_reservation`."""
        return self.runner.answer(
            context,
            state=ReservationState,
            work=lambda unit: cancel_reservation(command, unit=unit, clock=self.clock),
        )

    def expire_holds(self) -> ExpiryTally:
        """See `shared.application.reservations.expire_holds`."""
        expire = ExpireHolds(
            runner=self._timers, clock=self.clock, chunk=self.expiry_chunk, most=self.expiry_most
        )
        return expire()

    def forget_answers(self) -> int:
        """See `shared.application.forget_answers`."""
        forget = ForgetAnswers(runner=self._timers, clock=self.clock, retention=self.answer_retention)
        return forget()

    @property
    def _timers(self) -> TimerRunner:
        return TimerRunner(runner=self.runner, ids=self.ids, traceparent=current_traceparent)


def sql_write_store(engine: Engine) -> WriteStore:
    """The write store on an engine, which connects when it is needed."""
    return WriteStore(begin=SqlUnitsOfWork(engine).begin, answers=lambda: write_database_answers(engine))


def build_write_side(
    settings: WriteSideSettings,
    *,
    store: WriteStore | None = None,
    clock: Clock | None = None,
    ids: IdGenerator | None = None,
) -> WriteSide:
    """The write side for some settings; a test may bring a store, a clock and ids of its own."""
    store = store or sql_write_store(_engine(settings))
    return WriteSide(
        runner=CommandRunner(
            store.begin, attempts=settings.command_attempts, patience_seconds=settings.lock_wait_seconds
        ),
        clock=clock or SystemClock(),
        ids=ids or RandomIdGenerator(),
        policy=BookingPolicy(
            hold=timedelta(minutes=settings.hold_minutes),
            most_seats=settings.max_seats_per_reservation,
            most_live_holds=settings.max_live_holds_per_customer,
            adjacent_seats_only=settings.adjacent_seats_required,
        ),
        cleaning_gap=timedelta(minutes=settings.cleaning_minutes),
        store_answers=store.answers,
        max_body_bytes=settings.max_body_bytes,
        cancellation_chunk=settings.cancellation_chunk_size,
        expiry_chunk=settings.expiry_chunk_size,
        expiry_most=settings.expiry_run_size,
        answer_retention=timedelta(hours=settings.idempotency_retention_hours),
    )


def _engine(settings: WriteSideSettings) -> Engine:
    return create_database_engine(
        settings.write_database_url,
        lock_wait_seconds=settings.lock_wait_seconds,
        pool_size=settings.sql_pool_size,
        recycle_seconds=settings.sql_recycle_seconds,
    )


@lru_cache(maxsize=1)
def write_side() -> WriteSide:
    """The write side of this process, built on first use from the environment.

    Raises:
        SettingsError: a variable is missing or refused.
    """
    return build_write_side(load(WriteSideSettings))
