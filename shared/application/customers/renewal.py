"""Which events an erasure rewrites, and to what.

Besides those that name the customer there are some that have the pseudonym from the beginning, and yet a note: a booking whose
row was rewritten already was cancelled while the erasure was under way.
"""

from uuid import UUID

from shared.application.customers.erasure import Erasure
from shared.contracts.personal_data import has_note, is_about, with_pseudonym


def needs_renewal(event: str | bytes, erasure: Erasure) -> bool:
    """Whether an event still has something that the erasure takes away."""
    return is_about(event, erasure.customer_id) or (is_about(event, erasure.pseudonym) and has_note(event))


def renewed(event: str | bytes, *, erasure: Erasure, owner: UUID | None) -> str:
    """The event without what is personal; `owner` is whose its reservation is, by the reservation's row.

    Raises:
        ValueError: it needs no renewal.
    """
    if is_about(event, erasure.customer_id):
        pseudonym = erasure.pseudonym_for(owner)
        return with_pseudonym(event, customer_id=erasure.customer_id, pseudonym=pseudonym)
    return with_pseudonym(event, customer_id=erasure.pseudonym, pseudonym=erasure.pseudonym)
