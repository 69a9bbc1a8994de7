"""What is held of a customer, and what was done about it, as JSON. The pseudonym is in neither."""

from uuid import UUID

from shared.application.customers.forget_customer import Forgotten, Holdings
from shared.contracts.wire import WireModel


class HoldingsDocument(WireModel):
    """Rows, documents and entries that name a customer, by station."""

    customer_id: UUID
    total: int
    under_way: bool
    stations: dict[str, int]


class ForgottenDocument(WireModel):
    """Rows, documents and entries that were rewritten, by station; none if nothing was held of the customer."""

    customer_id: UUID
    rewritten: dict[str, int]
    rounds: int


def holdings_document(holdings: Holdings) -> HoldingsDocument:
    """What is held."""
    return HoldingsDocument(
        customer_id=holdings.customer_id,
        total=holdings.total,
        under_way=holdings.under_way,
        stations=dict(holdings.counts),
    )


def forgotten_document(forgotten: Forgotten) -> ForgottenDocument:
    """What was done."""
    return ForgottenDocument(
        customer_id=forgotten.customer_id, rewritten=dict(forgotten.rewritten), rounds=forgotten.rounds
    )
