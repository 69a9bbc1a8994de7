"""Compare and set until every change is in: load, fold in memory, save, and again for those that lost."""

from collections.abc import Callable, Mapping

from shared.application.projections.ports import Document, ViewContentionError, ViewStore

_ROUNDS = 50


def converge(
    store: ViewStore,
    model: type[Document],
    changes: Mapping[str, Callable[[Document | None], Document | None]],
) -> dict[str, Document]:
    """Apply a change to each document, by id, and answer every document that there is afterwards, changed or not.

    A change answers the very object that it was given, or None, where there is nothing to write. It may be called
    several times, since a document that somebody else has written meanwhile is loaded and changed anew.

    Raises:
        ViewStoreUnavailableError: the store does not answer.
        ViewContentionError: others won every round.
    """
    settled: dict[str, Document] = {}
    pending = set(changes)
    for _ in range(_ROUNDS):
        if not pending:
            return settled
        present = store.load(model, pending)
        after = {identity: changes[identity](present.get(identity)) for identity in pending}
        fresh = {
            identity: document.model_copy(update={"rev": document.rev + 1})
            for identity, document in after.items()
            if document is not None and document is not present.get(identity)
        }
        losers = store.save(list(fresh.values())) if fresh else set[str]()
        settled |= {identity: document for identity, document in after.items() if document is not None}
        settled |= fresh
        pending = losers
    raise ViewContentionError(f"{len(pending)} documents of {model.view} lost {_ROUNDS} guarded writes")
