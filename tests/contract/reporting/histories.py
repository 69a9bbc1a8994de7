"""Any history of a cinema, and a simple model of what each report must say of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from statistics import mean, median
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from shared.application.outbox.messages import NewMessage
from shared.application.reporting.ports import ReportScope
from shared.application.reporting.rows import BookingHour, HoldConversion, MovieDay, ShowtimeSales
from shared.contracts.events import CancellationReason
from tests.builders.outbox_messages import Booking, BoxOffice, a_message

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")
FATES = ("held", "sold", "let go", "sold and given back")
REASONS: tuple[CancellationReason, ...] = ("customer", "expired", "showtime_cancelled")
TITLES = {"tt0245429": "千と千尋の神隠し", "tt1375666": "Inception"}
A_YEAR = timedelta(days=366)
START = datetime(2026, 1, 1, tzinfo=UTC)

moments = st.timedeltas(max_value=A_YEAR, min_value=timedelta()).map(START.__add__)


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Somebody who books, and what comes of it."""

    seats: int
    at: datetime
    confirmed_after: timedelta
    fate: str
    reason: CancellationReason

    @property
    def has_bought(self) -> bool:
        return self.fate.startswith("sold")

    @property
    def has_given_back(self) -> bool:
        return self.fate in {"let go", "sold and given back"}

    @property
    def seconds_to_confirm(self) -> int:
        return seconds(self.at + self.confirmed_after) - seconds(self.at)

    def events(self, booking: Booking) -> list[NewMessage]:
        return {
            "held": [booking.created],
            "sold": [booking.created, booking.confirmed],
            "let go": [booking.created, booking.cancelled_while_held],
            "sold and given back": [booking.created, booking.confirmed, booking.cancelled_when_sold],
        }[self.fate]


@dataclass(frozen=True, kw_only=True)
class Screening:
    """A showtime and all who come; it may be moved by some days, and then called off."""

    movie_id: str
    noon: datetime
    capacity: int
    moved_by: int | None
    called_off: bool
    customers: Sequence[Customer]

    @cached_property
    def office(self) -> BoxOffice:
        return BoxOffice(
            capacity=self.capacity, movie_id=self.movie_id, title="the old title", noon=self.noon
        )

    @property
    def starts_at(self) -> datetime:
        return self.noon + timedelta(days=1 if self.moved_by is None else self.moved_by)

    @property
    def is_cancelled(self) -> bool:
        return self.moved_by is not None and self.called_off

    def seats(self, *fates: str) -> int:
        return sum(customer.seats for customer in self.customers if customer.fate in fates)

    def events(self) -> Iterator[NewMessage]:
        yield self.office.opened()
        for customer in self.customers:
            yield from customer.events(
                self.office.book(
                    seats=customer.seats,
                    at=customer.at,
                    confirmed_after=customer.confirmed_after,
                    reason=customer.reason,
                )
            )
        if self.moved_by is not None:
            yield self.office.moved(days=self.moved_by)
            if self.called_off:
                yield self.office.called_off(days=self.moved_by)


customers = st.builds(
    Customer,
    seats=st.integers(1, 4),
    at=moments,
    confirmed_after=st.timedeltas(min_value=timedelta(), max_value=timedelta(minutes=10)),
    fate=st.sampled_from(FATES),
    reason=st.sampled_from(REASONS),
)
screenings = st.builds(
    Screening,
    movie_id=st.sampled_from(list(TITLES)),
    noon=moments,
    capacity=st.integers(40, 60),
    moved_by=st.none() | st.integers(2, 4),
    called_off=st.booleans(),
    customers=st.lists(customers, max_size=6),
)
scopes = st.builds(
    ReportScope,
    first_day=st.none() | moments.map(datetime.date),
    last_day=st.none() | moments.map(datetime.date),
    movie_id=st.none() | st.sampled_from(list(TITLES)),
)


@dataclass(frozen=True)
class History:
    """What has happened, told in Python: the reports must say the same."""

    screenings: Sequence[Screening]

    def events(self) -> list[NewMessage]:
        renamed = [
            a_message(f"movie:{movie_id}", title=name, movie_id=movie_id)
            for movie_id, title in TITLES.items()
            for name in ("the old title", title)
        ]
        return renamed + [event for screening in self.screenings for event in screening.events()]

    def showtimes(self, scope: ReportScope, *, zone: ZoneInfo) -> list[ShowtimeSales]:
        return [showtime_sales(screening) for screening in self._shown(scope, zone=zone)]

    def movies(self, scope: ReportScope, *, zone: ZoneInfo) -> list[MovieDay]:
        shown = self._shown(scope, zone=zone)
        days = sorted({(local_day(one.starts_at, zone), one.movie_id) for one in shown})
        return [
            movie_day(
                day,
                movie_id,
                [s for s in shown if (local_day(s.starts_at, zone), s.movie_id) == (day, movie_id)],
            )
            for day, movie_id in days
        ]

    def conversion(self, scope: ReportScope, *, zone: ZoneInfo) -> HoldConversion:
        holds = self._booked(scope, zone=zone)
        confirmed = [hold for hold in holds if hold.has_bought]
        let_go = Counter(hold.reason for hold in holds if hold.fate == "let go")
        held = sum(hold.fate == "held" for hold in holds)
        times = [hold.seconds_to_confirm for hold in confirmed]
        return HoldConversion(
            holds=len(holds),
            confirmed=len(confirmed),
            expired=let_go["expired"],
            cancelled_by_customer=let_go["customer"],
            showtime_cancelled=let_go["showtime_cancelled"],
            still_held=held,
            conversion=len(confirmed) / (len(holds) - held) if len(holds) > held else 0.0,
            given_back=sum(hold.has_given_back for hold in confirmed),
            median_seconds_to_confirm=median(times) if times else None,
            mean_seconds_to_confirm=mean(times) if times else None,
        )

    def hours(self, scope: ReportScope, *, zone: ZoneInfo) -> list[BookingHour]:
        bookings: Counter[tuple[int, int]] = Counter()
        seats: Counter[tuple[int, int]] = Counter()
        for booked in self._booked(scope, zone=zone):
            local = booked.at.astimezone(zone)
            bookings[local.isoweekday(), local.hour] += 1
            seats[local.isoweekday(), local.hour] += booked.seats
        return [
            BookingHour(weekday=weekday, hour=hour, bookings=number, seats=seats[weekday, hour])
            for (weekday, hour), number in sorted(bookings.items())
        ]

    def _shown(self, scope: ReportScope, *, zone: ZoneInfo) -> list[Screening]:
        shown = [
            screening
            for screening in self.screenings
            if scope.movie_id in {None, screening.movie_id} and is_in(scope, screening.starts_at, zone)
        ]
        return sorted(shown, key=lambda one: (one.starts_at, one.office.showtime_id))

    def _booked(self, scope: ReportScope, *, zone: ZoneInfo) -> list[Customer]:
        return [
            customer
            for screening in self.screenings
            if scope.movie_id in {None, screening.movie_id}
            for customer in screening.customers
            if is_in(scope, customer.at, zone)
        ]


histories = st.builds(History, st.lists(screenings, min_size=1, max_size=4))


def showtime_sales(screening: Screening) -> ShowtimeSales:
    sold = screening.seats("sold")
    return ShowtimeSales(
        showtime_id=screening.office.showtime_id,
        movie_id=screening.movie_id,
        movie_title=TITLES[screening.movie_id],
        auditorium_id="odeon-1",
        screening_time=screening.starts_at,
        status="Cancelled" if screening.is_cancelled else "Scheduled",
        capacity=screening.capacity,
        seats_sold=sold,
        seats_held=screening.seats("held"),
        seats_cancelled=screening.seats("let go", "sold and given back"),
        occupancy=sold / screening.capacity,
    )


def movie_day(day: date, movie_id: str, shown: Sequence[Screening]) -> MovieDay:
    taking_place = [screening for screening in shown if not screening.is_cancelled]
    capacity = sum(screening.capacity for screening in taking_place)
    sold = sum(screening.seats("sold") for screening in taking_place)
    return MovieDay(
        day=day,
        movie_id=movie_id,
        movie_title=TITLES[movie_id],
        showtimes=len(taking_place),
        showtimes_cancelled=len(shown) - len(taking_place),
        capacity=capacity,
        seats_sold=sold,
        seats_held=sum(screening.seats("held") for screening in taking_place),
        seats_cancelled=sum(screening.seats("let go", "sold and given back") for screening in shown),
        occupancy=sold / capacity if capacity else 0.0,
    )


def is_in(scope: ReportScope, moment: datetime, zone: ZoneInfo) -> bool:
    day = local_day(moment, zone)
    return (scope.first_day or date.min) <= day <= (scope.last_day or date.max)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())
