"""View documents as the projector leaves them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared.contracts.documents import ReservationDocument, SeatClaim, SeatStatus, ShowtimeDocument
from shared.contracts.events import (
    AuditoriumSnapshot,
    MovieSnapshot,
    ReservationStatus,
    SeatData,
    SeatRowData,
)

START = datetime(2099, 12, 1, 19, 30, tzinfo=UTC)


def a_showtime(
    *,
    showtime_id: str | None = None,
    start: datetime = START,
    movie_id: str = "tt1375666",
    claims: dict[str, SeatStatus] | None = None,
    sequence: int = 1,
    ahead: tuple[int, ...] = (),
    rev: int = 1,
) -> ShowtimeDocument:
    """A showtime with rows A (3 seats) and B (2 seats)."""
    return ShowtimeDocument(
        id=showtime_id or str(uuid4()),
        rev=rev,
        movie=MovieSnapshot(movie_id=movie_id, title="Inception", runtime_minutes=148, version=1),
        auditorium=AuditoriumSnapshot(
            auditorium_id="odeon-1",
            name="Odeon 1",
            rows=(SeatRowData(row="A", seats=3), SeatRowData(row="B", seats=2)),
            version=1,
        ),
        screening_time=start,
        ends_at=start + timedelta(minutes=163),
        status="Scheduled",
        version=1,
        claims={
            seat: SeatClaim(status=status, reservation_id=str(uuid4()), seq=2)
            for seat, status in (claims or {}).items()
        },
        sequence=sequence,
        ahead=ahead,
    )


def a_reservation(
    *,
    showtime_id: str,
    reservation_id: str | None = None,
    customer_id: str | None = None,
    created_at: datetime = START - timedelta(days=1),
    status: ReservationStatus = "Pending",
    sequence: int = 2,
    rev: int = 1,
) -> ReservationDocument:
    """A reservation of the seat A-1."""
    return ReservationDocument(
        id=reservation_id or str(uuid4()),
        rev=rev,
        showtime_id=showtime_id,
        customer_id=customer_id or str(uuid4()),
        seats=(SeatData(row="A", number=1),),
        status=status,
        created_at=created_at,
        expires_at=created_at + timedelta(minutes=10),
        version=rev,
        sequence=sequence,
    )
