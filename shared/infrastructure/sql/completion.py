"""Completing a command's ledger entry with its answer, and with the sequence that the append gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from shared.application.outbox.messages import NewMessage
from shared.infrastructure.sql.idempotency_table import idempotency


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a command was answered. Its sequence is the last that the append gives in `stream_id`."""

    request_key: str
    answer: str
    stream_id: str

    def reached(self, messages: Sequence[NewMessage], *, sequences: Mapping[UUID, int]) -> int:
        """The last sequence that was given to the messages of the answer's stream."""
        return max(sequences[one.event_id] for one in messages if one.stream_id == self.stream_id)

    def parameters(self) -> dict[str, str]:
        """For the statements that append and complete at once."""
        return {"answer": self.answer, "request_key": self.request_key, "answer_stream": self.stream_id}


def complete(session: Session, completion: Completion, *, sequence: int) -> None:
    """Write the answer into the entry that the command made when it began."""
    session.execute(
        update(idempotency)
        .where(idempotency.c.RequestKey == completion.request_key)
        .values(Answer=completion.answer, Sequence=sequence)
    )
