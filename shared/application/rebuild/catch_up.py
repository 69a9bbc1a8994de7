"""Seeing that a generation covers the live one, and bringing up what does not.

A document that is found covered stays so, as long as everybody who writes knows of both generations and writes the newer
one first. So each document is looked at once, and again only while it is behind.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.application.projections.generations import Project
from shared.application.rebuild.errors import ArchiveIncompleteError
from shared.application.rebuild.marks import Mark
from shared.application.rebuild.ports import EventArchive, GenerationMarks
from shared.contracts.documents import VIEW_MODELS, ViewDocument

_PAGE = 500
_LOOK_AGAIN_SECONDS = 0.2

Looked = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatchUp:
    """`patience_seconds` is how long EventLog may take to get what the live views have."""

    marks: GenerationMarks
    archive: EventArchive
    project: Project
    live: int
    building: int
    batch_events: int
    patience_seconds: float
    pause: Callable[[float], None]
    monotonic: Callable[[], float] = time.monotonic

    def __call__(self, *, looked: Looked) -> None:
        """Look at every document; `looked` is told their number now and then, and may raise.

        Raises:
            ArchiveIncompleteError: some documents could not be brought up.
            ViewStoreUnavailableError: the views do not answer.
            StationUnreadableError: EventLog does not answer.
        """
        count = 0
        for model, page in self._pages():
            count += len(page)
            behind = self._behind(model, page)
            deadline = self.monotonic() + self.patience_seconds
            while behind:
                looked(count)
                self._bring_up(sorted({mark.stream_id for mark in behind}))
                behind = self._behind(model, behind)
                if behind and self.monotonic() >= deadline:
                    raise ArchiveIncompleteError(sorted({mark.stream_id for mark in behind}))
                if behind:
                    self.pause(_LOOK_AGAIN_SECONDS)
            looked(count)

    def _pages(self) -> Iterator[tuple[type[ViewDocument], Sequence[Mark]]]:
        for model in VIEW_MODELS:
            for page in self.marks.pages(model, generation=self.live, size=_PAGE):
                yield model, page

    def _behind(self, model: type[ViewDocument], wanted: Sequence[Mark]) -> list[Mark]:
        """The live one is read before the other: what is written meanwhile is in both."""
        found: Mapping[str, Mark] = self.marks.of(
            model, [mark.id for mark in wanted], generation=self.building
        )
        return [
            mark
            for mark in wanted
            if mark.stream_id and (mark.id not in found or not found[mark.id].covers(mark))
        ]

    def _bring_up(self, streams: Sequence[str]) -> None:
        for stream_id in streams:
            after = 0
            while events := self.archive.stream(stream_id, after=after, limit=self.batch_events):
                self.project(events)
                after = events[-1].position
