"""A client of the functions that finds fault with every answer that the OpenAPI document does not allow."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import pytest

from functions import contract_http, outbox_http, pages_http, pipeline_http, trace_http
from shared.application.pipeline.look_at_pipeline import LookAtPipeline
from shared.application.tracing.trace_reservation import TraceReservation
from shared.bootstrap.operations import Operations
from shared.bootstrap.write_side import WriteSide
from tests.integration.write_side.function_client import (
    EVERY_MODULE,
    MODULES,
    Answer,
    FunctionClient,
    every_route,
)
from tests.schemas.validation import Schemas


@dataclass(frozen=True)
class DocumentedClient(FunctionClient):
    """Remembers which operations answered what."""

    schemas: Schemas = field(default_factory=lambda: Schemas({}, current=""))
    seen: set[tuple[str, int, str]] = field(default_factory=set[tuple[str, int, str]])

    @classmethod
    def serving(cls, side: WriteSide, *, monkeypatch: pytest.MonkeyPatch) -> Self:
        for module in MODULES:
            monkeypatch.setattr(module, "write_side", lambda: side)
        return cls.of_every_function()

    @classmethod
    def operating(cls, operations: Operations, *, monkeypatch: pytest.MonkeyPatch) -> Self:
        """A client of operators' functions over an outbox of the test's making."""
        monkeypatch.setattr(outbox_http, "operations", lambda: operations)
        return cls.of_every_function()

    @classmethod
    def tracing(cls, trace: TraceReservation, *, monkeypatch: pytest.MonkeyPatch) -> Self:
        """A client of the trace of a test's making."""
        monkeypatch.setattr(trace_http, "tracing", lambda: trace)
        return cls.of_every_function()

    @classmethod
    def looking(cls, look: LookAtPipeline, *, monkeypatch: pytest.MonkeyPatch) -> Self:
        """A client of the look at a pipeline of a test's making."""
        monkeypatch.setattr(pipeline_http, "pipeline", lambda: look)
        return cls.of_every_function()

    @classmethod
    def of_every_function(cls) -> Self:
        client = cls(every_route((*EVERY_MODULE, contract_http, pages_http)))
        document = FunctionClient.send(client, "GET", "/api/openapi.json").json
        return cls(client.routes, Schemas({"openapi": document}, current="openapi"))

    def send(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        answer = super().send(method, path, body=body, headers=headers)
        operation = self.operation(method, path)
        problems = list(self.problems(operation, answer))
        assert problems == [], f"{method} {path}: {answer.status} {answer.body[:500]!r}"
        kind = answer.json["type"] if answer.headers["content-type"] == "application/problem+json" else ""
        self.seen.add((operation["operationId"], answer.status, kind))
        return answer

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """The document's operation for a request."""
        path = path.partition("?")[0]
        for template, item in self.schemas.documents["openapi"]["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
                return item[method.lower()]
        pytest.fail(f"{method} {path} is not in the document")

    def problems(self, operation: dict[str, Any], answer: Answer) -> list[str]:
        """What the document does not allow in an answer."""
        response = operation["responses"].get(str(answer.status))
        if response is None:
            return [f"the status {answer.status} is not in the document"]
        if "content" not in response:
            told = [f"a body is not in the document: {answer.body[:80]!r}"] if answer.body else []
            return [*told, *self._header_problems(response.get("headers", {}), answer.headers)]
        media_type = response["content"].get(answer.headers["content-type"])
        if media_type is None:
            return [f"the content type {answer.headers['content-type']} is not in the document"]
        is_json = answer.headers["content-type"].endswith("json")
        value = json.loads(answer.body) if is_json else answer.body.decode()
        return [
            *self.schemas.problems(value, media_type["schema"]),
            *self._header_problems(response.get("headers", {}), answer.headers),
        ]

    def _header_problems(self, declared: dict[str, Any], sent: Mapping[str, str]) -> list[str]:
        found: list[str] = []
        for name, reference in declared.items():
            header = self.schemas.resolved(reference["$ref"])[1]
            if name.lower() in sent:
                problems = self.schemas.problems(sent[name.lower()], header["schema"])
                found.extend(f"{name} {problem}" for problem in problems)
            elif header["required"]:
                found.append(f"{name} is missing")
        undeclared = {"etag", "location", "retry-after", "traceresponse"} & sent.keys() - {
            name.lower() for name in declared
        }
        return [*found, *(f"{name} is not in the document" for name in sorted(undeclared))]
