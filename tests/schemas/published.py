"""The published documents of docs/events, as a consumer would load them."""

import json
from functools import cache
from typing import Any

from shared.contracts.generate import FOLDER
from tests.schemas.validation import Schemas


@cache
def published_schemas() -> Schemas:
    """Every committed document, seen from the AsyncAPI document."""
    documents: dict[str, Any] = {
        path.relative_to(FOLDER).as_posix(): json.loads(path.read_text()) for path in FOLDER.rglob("*.json")
    }
    return Schemas(documents, current="asyncapi.json")


def problems_of_event(body: bytes | str) -> list[str]:
    """What is wrong with a published message, by the AsyncAPI document's message of its type."""
    event = json.loads(body)
    schemas = published_schemas()
    there, message = schemas.resolved(f"#/components/messages/{event['type']}")
    return list(there.problems(event, message["payload"]))
