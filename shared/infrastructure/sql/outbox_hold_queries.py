"""Holding a stream and letting it go again: the statements of the lane's owner, within its acknowledging transaction.

Only the owner of a lane makes its holds, moves rows to their sidings and ends them; a person only changes their state.
So what an owner has read of them stays true until it has settled.
"""

from collections.abc import Sequence

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, literal, select, update

from shared.application.outbox.dead_letters import HoldState
from shared.application.outbox.ports import Claim, Poison
from shared.infrastructure.sql.id_arrays import number_is_among
from shared.infrastructure.sql.outbox_clock import DatabaseNow
from shared.infrastructure.sql.outbox_tables import deliveries, holds, messages

_LONGEST_REASON = 2_000


def hold_again(claim: Claim, poison: Poison) -> Update:
    """A stream that is held already, and was resumed: it is held once more, from this message."""
    stream = select(messages.c.StreamId).where(messages.c.Id == poison.message_id).scalar_subquery()
    return (
        update(holds)
        .where(holds.c.Sink == claim.sink, holds.c.StreamId == stream)
        .values(
            MessageId=poison.message_id,
            State=HoldState.HELD,
            Reason=poison.reason[:_LONGEST_REASON],
            HeldAt=DatabaseNow(),
        )
    )


def hold(claim: Claim, poison: Poison) -> Insert:
    """Hold the message's stream for this sink."""
    values = {
        "Sink": literal(claim.sink, holds.c.Sink.type),
        "StreamId": messages.c.StreamId,
        "Lane": messages.c.Lane,
        "MessageId": messages.c.Id,
        "State": literal(HoldState.HELD.value, holds.c.State.type),
        "Reason": literal(poison.reason[:_LONGEST_REASON], holds.c.Reason.type),
        "HeldAt": DatabaseNow(),
    }
    held = select(*values.values()).where(messages.c.Id == poison.message_id)
    return insert(holds).from_select(list(values), held)


def put_aside(claim: Claim, *, waiting: Sequence[int]) -> Update:
    """Move these messages of held streams to the sidings of their holds, so that no later read meets them again."""
    siding = (
        select(-holds.c.Id)
        .join(messages, messages.c.StreamId == holds.c.StreamId)
        .where(holds.c.Sink == deliveries.c.Sink, messages.c.Id == deliveries.c.MessageId)
        .scalar_subquery()
    )
    return (
        update(deliveries)
        .where(
            deliveries.c.Sink == claim.sink,
            deliveries.c.Lane == claim.lane,
            number_is_among(deliveries.c.MessageId, waiting),
        )
        .values(Lane=siding)
    )


def end_hold(claim: Claim, *, hold_id: int) -> Delete:
    """Let the stream flow again, if it is resumed and nothing is left in the siding."""
    return delete(holds).where(
        holds.c.Id == hold_id,
        holds.c.State == HoldState.RESUMED,
        ~_first_waiting(claim.sink, hold_id).exists(),
    )


def _first_waiting(sink: str, hold_id: int) -> Select[int]:
    return select(deliveries.c.MessageId).where(deliveries.c.Sink == sink, deliveries.c.Lane == -hold_id)
