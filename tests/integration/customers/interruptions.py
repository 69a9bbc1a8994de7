"""Ending a run at any statement, commit or write of its own, as a kill would."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Engine, event

from shared.infrastructure.cache.redis_customer_entries import RedisCustomerEntries
from shared.infrastructure.mongo import mongo_customer_views
from shared.infrastructure.mongo.mongo_failure_parking import MongoFailureParking


class KilledError(Exception):
    """The run has ended here."""


@dataclass
class Interruption:
    """Counts the points that a run passes, and ends it at one of them."""

    at: int
    passed: int = 0

    def point(self, *_: object) -> None:
        self.passed += 1
        if self.passed > self.at:
            raise KilledError

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def interrupted(*arguments: Any, **named: Any) -> Any:
            self.point()
            answer = work(*arguments, **named)
            self.point()
            return answer

        return interrupted


@contextmanager
def interrupted(at: int, *, monkeypatch: pytest.MonkeyPatch) -> Generator[Interruption]:
    """Within, the run after so many points is killed, and whatever else would be done too."""
    interruption = Interruption(at)
    point = interruption.point
    with monkeypatch.context() as patched:
        for owner, name in (
            (mongo_customer_views, "_replaced"),
            (MongoFailureParking, "rewrite"),
            (RedisCustomerEntries, "_drop"),
        ):
            patched.setattr(owner, name, interruption.around(getattr(owner, name)))
        event.listen(Engine, "before_cursor_execute", point)
        event.listen(Engine, "commit", point)
        try:
            yield interruption
        finally:
            event.remove(Engine, "before_cursor_execute", point)
            event.remove(Engine, "commit", point)
