"""A showtime in the views whose seats change while a test looks."""

from shared.contracts.documents import SeatClaim, SeatStatus, ShowtimeDocument
from tests.builders.view_documents import a_showtime
from tests.servers.read_service import Views


class BookedShowtime:
    """A showtime whose seats change, as the projector writes it."""

    def __init__(self, views: Views, *, document: ShowtimeDocument | None = None) -> None:
        self._views = views
        self.document = document or a_showtime(sequence=1)
        views.project(self.document)

    @property
    def id(self) -> str:
        return self.document.id

    def change(self, seat: str, status: SeatStatus) -> ShowtimeDocument:
        """The document after one more event; to be written by the caller."""
        sequence = self.document.sequence + 1
        claim = SeatClaim(status=status, reservation_id=None, seq=sequence)
        self.document = self.document.model_copy(
            update={
                "claims": self.document.claims | {seat: claim},
                "sequence": sequence,
                "rev": self.document.rev + 1,
            }
        )
        return self.document

    def project(self, seat: str, status: SeatStatus) -> None:
        self._views.project(self.change(seat, status))
