"""What was answered to which command, so that asking again changes nothing.

A command's entry is made first in its unit of work, and its answer is stored with the command's changes: either both are
there or neither. A rerun after a commit in doubt, and a client that sends its Idempotency-Key again, find it.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar, cast

from pydantic import TypeAdapter

from shared.application.outcome import Outcome

State = TypeVar("State")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An answer as it is kept. The sequence stands apart, since it is known only when the answer is written already."""

    answer: str
    sequence: int


class CommandLedger(Protocol):
    """The ledger, seen from one command."""

    def recall(self) -> LedgerEntry | None:
        """What this command was answered before; None if it is new, and then it has an entry from now on.

        Raises:
            CommandInFlightError: the same command is running elsewhere at this moment.
            KeyReusedError: the client used this key for another command.
            RerunCommandError: the entry could be neither made nor read.
        """
        ...

    def forget(self, *, until: datetime, most: int) -> int:
        """Drop the oldest entries that were made before `until`, at most so many; answer how many those were."""
        ...


def as_kept(outcome: Outcome[Any]) -> str:
    """An outcome as text, to be kept; its sequence is kept apart."""
    kind = cast(type[Any], type(outcome.state))
    state = _adapter(kind).dump_python(outcome.state, mode="json")
    return json.dumps({"created": outcome.created, "state": state}, ensure_ascii=False)


def as_answered(entry: LedgerEntry, *, state: type[State]) -> Outcome[State]:
    """The outcome that was kept."""
    kept = json.loads(entry.answer)
    return Outcome(
        state=_adapter(state).validate_python(kept["state"]),
        sequence=entry.sequence,
        created=kept["created"],
    )


@lru_cache
def _adapter(state: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(state)
