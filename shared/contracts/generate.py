"""Generate what docs/events publishes from the event models: `python -m shared.contracts.generate`.

What it writes is committed; a test says when it is stale. A schema that has been published is never given another
meaning: `approved.json` keeps the digest of each, and lines are only added to it.
"""

import json
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.events import PUBLISHED_EVENTS, EventData
from shared.contracts.json_schemas import document_text, meaning_digest, published_schemas

FOLDER = Path(__file__).parents[2] / "docs" / "events"
APPROVED = "approved.json"


class PublishedSchemaChangedError(Exception):
    """A model no longer says what was published under its wire type."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path} is published and its meaning can't change: put the model back, and add a new one with "
            "a new wire type beside it (docs/events/versioning.md)"
        )
        self.path = path


class PublishedSchemaRemovedError(Exception):
    """A published type has no model any more, though its events stay in the archive."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = sorted(paths)
        super().__init__(f"published, and without a model: {', '.join(self.paths)}")


def generate(folder: Path, *, events: Iterable[type[EventData]] = PUBLISHED_EVENTS) -> list[Path]:
    """Write everything into a folder, and answer the paths written, relative to it.

    Raises:
        PublishedSchemaChangedError: a schema that the folder has approved means something else now.
        PublishedSchemaRemovedError: a schema that the folder has approved is not generated any more.
    """
    events = tuple(events)
    schemas = published_schemas(events)
    approved = _approved(folder / APPROVED, schemas=schemas)
    documents = {path.removeprefix("/"): schema for path, schema in schemas.items()}
    documents |= {"asyncapi.json": asyncapi_document(events), APPROVED: approved}
    for path, document in documents.items():
        written = folder / path
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(document_text(document))
    return [Path(path) for path in documents]


def _approved(file: Path, *, schemas: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The digest of each schema by its path: those approved before, and the new ones."""
    approved: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if removed := approved.keys() - schemas.keys():
        raise PublishedSchemaRemovedError(removed)
    for path, schema in schemas.items():
        digest = meaning_digest(schema)
        if approved.setdefault(path, digest) != digest:
            raise PublishedSchemaChangedError(path)
    return dict(sorted(approved.items()))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    for path in generate(FOLDER):
        logging.getLogger(__name__).info("docs/events/%s", path)
