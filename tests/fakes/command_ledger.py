"""The command ledger in memory."""

from datetime import UTC, datetime
from typing import Any

from shared.application.command_context import RequestKey
from shared.application.command_ledger import LedgerEntry, as_kept
from shared.application.errors import KeyReusedError
from shared.application.outcome import Outcome
from tests.fakes.write_tables import Kept


class FakeCommandLedger:
    """Answers by their request's key, oldest first. Nothing is ever in flight: one unit of work runs at a time."""

    def __init__(self, kept: Kept, *, request: RequestKey) -> None:
        self._kept = kept
        self._request = request

    def recall(self) -> LedgerEntry | None:
        known = self._kept.tables.answers.get(self._request.key)
        if known is None:
            self._kept.tables.answers[self._request.key] = (
                self._request.fingerprint,
                None,
                datetime.now(UTC),
            )
            return None
        fingerprint, entry, _ = known
        if fingerprint != self._request.fingerprint:
            raise KeyReusedError
        assert entry is not None, "an entry without its answer was committed"
        return entry

    def answered(self, outcome: Outcome[Any]) -> None:
        entry = LedgerEntry(answer=as_kept(outcome), sequence=outcome.sequence)
        answers = self._kept.tables.answers
        if self._request.key in answers:
            answers[self._request.key] = (self._request.fingerprint, entry, answers[self._request.key][2])

    def forget(self, *, until: datetime, most: int) -> int:
        answers = self._kept.tables.answers
        old = [key for key, (_, _, made) in answers.items() if made < until][:most]
        for key in old:
            del answers[key]
        return len(old)
