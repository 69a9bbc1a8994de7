"""One rebuild at a time, by signs of life in the journal: no clock is compared with another machine's."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from uuid import uuid4

from shared.application.rebuild.errors import RebuildTakenOverError, RebuildUnderWayError
from shared.application.rebuild.ports import RebuildJournal
from shared.application.rebuild.progress import RebuildProgress

_LOOK_SECONDS = 0.2


class RebuildLease:
    """The right to rebuild. Each note of progress is a sign of life, and finds out whether the right was lost."""

    def __init__(
        self, journal: RebuildJournal, *, pause: Callable[[float], None], watch_seconds: float
    ) -> None:
        self._journal = journal
        self._pause = pause
        self._watch_seconds = watch_seconds
        self._progress = RebuildProgress()

    @property
    def progress(self) -> RebuildProgress:
        """As it was last noted."""
        return self._progress

    @contextmanager
    def held(self) -> Generator[None]:
        """Have the right; it is given back however the context ends, unless the process is killed.

        Raises:
            RebuildUnderWayError: another rebuild shows signs of life.
        """
        present = self._journal.read()
        if present.owner:
            self._require_dead(present)
        self._progress = present
        mine = present.model_copy(update={"owner": uuid4().hex})
        if not self._replace(mine):
            raise RebuildUnderWayError(present.generation)
        try:
            yield
        finally:
            self._replace(self._progress.model_copy(update={"owner": ""}))

    def note(self, **changes: object) -> None:
        """Write progress.

        Raises:
            RebuildTakenOverError: another rebuild has the right by now.
        """
        if not self._replace(self._progress.model_copy(update=changes)):
            raise RebuildTakenOverError

    def _require_dead(self, present: RebuildProgress) -> None:
        watched = 0.0
        while watched < self._watch_seconds:
            self._pause(_LOOK_SECONDS)
            watched += _LOOK_SECONDS
            if self._journal.read().rev != present.rev:
                raise RebuildUnderWayError(present.generation)

    def _replace(self, progress: RebuildProgress) -> bool:
        progress = progress.model_copy(update={"rev": self._progress.rev + 1})
        replaced = self._journal.replace(progress)
        if replaced:
            self._progress = progress
        return replaced
