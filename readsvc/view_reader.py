"""Reads one view's documents: from the cache, or else from MongoDB, filling the cache on the way.

Each reading keeps to the generation that is live when it begins. Of two readings one after the other the second may be
of a newer generation, which has at least what the older one had (`Generations.written`).
"""

import logging
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError

from readsvc.cache import DocumentCache
from readsvc.hit_counters import HitCounters
from readsvc.last_made import LastMade
from readsvc.single_flight import NextFlight, SingleFlight
from readsvc.view_store import ViewStore
from shared.contracts.cache_entries import channel, entry_key
from shared.contracts.documents import ViewDocument

_log = logging.getLogger(__name__)

Document = TypeVar("Document", bound=ViewDocument)


@dataclass(frozen=True, slots=True)
class _Known(Generic[Document]):
    """What the cache says: a document, or that there is none."""

    document: Document | None


class ViewReader(Generic[Document]):
    """The documents of one view."""

    def __init__(
        self,
        model: type[Document],
        *,
        cache: DocumentCache,
        store: ViewStore,
        counters: HitCounters,
        remembered: int,
    ) -> None:
        self._model = model
        self._cache = cache
        self._store = store
        self._counters = counters
        self._parsed: LastMade[bytes, Document] = LastMade(model.model_validate_json, limit=remembered)
        self._fills: SingleFlight[Document | None] = SingleFlight()
        self._looks: NextFlight[_Known[Document] | None] = NextFlight()
        self._finds: NextFlight[Document | None] = NextFlight()

    def channel(self, document_id: str) -> str:
        """Where changes of a document are announced."""
        return channel(self._model.view, document_id, generation=self._store.live.number)

    async def read(self, document_id: str) -> Document | None:
        """The document as the cache has it, or else as MongoDB has it; it may be a moment old.

        Raises:
            UnavailableError: the cache has no answer and MongoDB does not give one.
        """
        known = await self._known(document_id)
        if known is None:
            self._counters.miss()
            generation = self._store.live.number
            flight = entry_key(self._model.view, document_id, generation=generation)
            return await self._fills.share(flight, lambda: self._fill(document_id, generation=generation))
        self._counters.hit()
        return known.document

    async def cached(self, document_id: str) -> Document | None:
        """The document if the cache has it now. Those who wait for the same one look together."""
        known = await self._looks.share(document_id, lambda: self._known(document_id))
        return None if known is None else known.document

    async def stored(self, document_id: str) -> Document | None:
        """The document as MongoDB has it now, whatever the cache says. Those who wait for the same one look together.

        Raises:
            UnavailableError: MongoDB does not answer.
        """
        return await self._finds.share(
            document_id, lambda: self._find(document_id, generation=self._store.live.number)
        )

    async def _find(self, document_id: str, *, generation: int) -> Document | None:
        found = await self._store.find(self._model.view, document_id, generation=generation)
        return None if found is None else self._model.model_validate(found)

    async def _fill(self, document_id: str, *, generation: int) -> Document | None:
        key = entry_key(self._model.view, document_id, generation=generation)
        token = await self._cache.lease(key)
        document = await self._find(document_id, generation=generation)
        if token is not None:
            text = None if document is None else document.model_dump_json(by_alias=True).encode()
            await self._cache.fill(key, token=token, rev=document.rev if document else 0, document=text)
        return document

    async def _known(self, document_id: str) -> _Known[Document] | None:
        """What the cache says, or None if it says nothing that can be understood."""
        key = entry_key(self._model.view, document_id, generation=self._store.live.number)
        entry = await self._cache.get(key)
        if entry is None:
            return None
        if entry.document is None:
            return _Known(None)
        try:
            return _Known(self._parsed.of(entry.document, key=document_id))
        except ValidationError:
            _log.warning("cache_entry_unreadable view=%s id=%s", self._model.view, document_id)
            return None
