"""schemathesis over our OpenAPI document, behind one door: its types are incomplete, and its pytest plugin unused."""

from dataclasses import dataclass
from typing import Any, cast

import schemathesis
from hypothesis import strategies as st
from requests import Session
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks
from schemathesis.specs.openapi import definitions

from functions.contract.openapi import openapi_document

_library, _definitions = cast(Any, schemathesis), cast(Any, definitions)
_checks: list[Any] = [
    cast(Any, checks).not_a_server_error,
    *(
        getattr(openapi_checks, name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        )
    ),
]


@dataclass(frozen=True)
class Operation:
    """An operation that requests can be drawn for."""

    inner: Any

    def __str__(self) -> str:
        return self.inner.label

    def cases(self) -> st.SearchStrategy[Any]:
        """Requests that fit the document, and requests that do not."""
        modes = _library.GenerationMode
        return st.one_of(
            self.inner.as_strategy(generation_mode=modes.POSITIVE),
            self.inner.as_strategy(generation_mode=modes.NEGATIVE),
        )


def operations_of_a_node(document: dict[str, Any] | None = None) -> list[Operation]:
    """All but the queries, which are not a node's to answer."""
    return _operations(document or openapi_document(), without="Queries")


def operations_of_the_gateway() -> list[Operation]:
    """All but the probes, which the gateway answers for itself or keeps to itself, and the page that it shows at `/`."""
    document = openapi_document()
    del document["paths"]["/booking"]
    return _operations(document, without="Operations")


def _operations(document: dict[str, Any], *, without: str) -> list[Operation]:
    schema = _library.openapi.from_dict(document).exclude(tag=without)
    return [Operation(result.ok()) for result in schema.get_all_operations()]


def call_and_check(case: Any, *, base_url: str, session: Session) -> None:
    """Send a request; an AssertionError group says what of the answer is a failure or not documented."""
    case.call_and_validate(base_url=base_url, session=session, checks=_checks)


def flaws_of_an_openapi_document(document: Any) -> list[str]:
    """What the OpenAPI Initiative's schema of OpenAPI 3.1 finds."""
    validator = _definitions.jsonschema_rs.validator_for(_definitions.OPENAPI_31)
    return [str(flaw) for flaw in validator.iter_errors(document)]
