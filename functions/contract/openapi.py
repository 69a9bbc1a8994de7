"""The OpenAPI 3.1 document of both sides: commands from the functions' own models, queries from the protos.

`queries.json` is generated from the protos by `make proto`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from itertools import groupby
from typing import Any

from pydantic.json_schema import models_json_schema

from functions.contract.commands import COMMANDS, Command
from functions.contract.operations import FOR_OPERATORS, OPERATIONS, TAG, Operation
from functions.contract.pages import PAGE_PATHS
from functions.contract.problem_types import (
    ProblemType,
    not_found_problem,
    problem_schemas,
    problems_of,
    problems_of_operation,
)
from functions.http_support import LONGEST_KEY
from functions.problems import PROBLEM_JSON
from shared.contracts.json_schemas import UntitledFields, WrittenFields

_INTRODUCTION = """\
Commands are answered by the functions, queries by a view that follows them by a moment. Every command answers with a \
`sequence`; a query that gives it as `min_sequence` waits until the view has reached it. Refused commands are \
`application/problem+json` with a stable `type`; refused queries are `google.rpc.Status`."""

_COMPONENTS = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHeader:
    """A header that some commands heed. Nobody has to send it."""

    name: str
    description: str
    schema: dict[str, Any]
    methods: frozenset[str] = frozenset({"PUT", "POST"})
    conditional_only: bool = False

    def concerns(self, command: Command) -> bool:
        """Whether a command heeds it."""
        return command.method in self.methods and (command.conditional or not self.conditional_only)


REQUEST_HEADERS = (
    RequestHeader(
        name="Idempotency-Key",
        description="Sent again with the same body, the command gets its first answer and changes nothing.",
        schema={"type": "string", "pattern": "^[\\x21-\\x7e]+$", "minLength": 1, "maxLength": LONGEST_KEY},
        methods=frozenset({"POST"}),
    ),
    RequestHeader(
        name="If-Match",
        description="Do it only to the version with this ETag; `*` for any that exists. Else 412.",
        schema={"type": "string", "examples": ['"3"']},
        conditional_only=True,
    ),
    RequestHeader(
        name="traceparent",
        description="W3C Trace Context. It travels with the events; one that can't be read is as good as none.",
        schema={
            "type": "string",
            "examples": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
        },
    ),
)

_RESPONSE_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "The version, for If-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    },
    "FileETag": {
        "description": "What is in the file, for If-None-Match.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    },
    "Location": {
        "description": "Where to read what was made, with the `min_sequence` at which it can be seen.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request may succeed.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "traceresponse": {
        "description": "W3C Trace Context: where the command is in its trace. Only where telemetry is on.",
        "required": False,
        "schema": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    },
}


@cache
def openapi_text() -> str:
    """The document as JSON text."""
    return json.dumps(openapi_document(), indent=2, ensure_ascii=False)


def openapi_document(commands: Iterable[Command] = COMMANDS) -> dict[str, Any]:
    """The document."""
    commands = tuple(commands)
    queries: dict[str, Any] = json.loads((files("functions.contract") / "queries.json").read_text())
    paths: dict[str, dict[str, Any]] = {}
    for path, operations in (
        *_command_paths(commands),
        *queries["paths"].items(),
        *_operation_paths(),
        *PAGE_PATHS.items(),
    ):
        paths.setdefault(path, {}).update(operations)
    problems = {
        not_found_problem(),
        *(problem for command in commands for problem in problems_of(command)),
        *(problem for operation in OPERATIONS for problem in problems_of_operation(operation)),
    }
    schemas = {**_model_schemas(commands), **queries["schemas"], **problem_schemas(problems)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cinema", "version": "1.0.0", "description": _INTRODUCTION},
        "jsonSchemaDialect": WrittenFields.schema_dialect,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "headers": _RESPONSE_HEADERS},
    }


def _command_paths(commands: Iterable[Command]) -> list[tuple[str, dict[str, Any]]]:
    return [(command.path, {command.method.lower(): _operation(command)}) for command in commands]


def _operation(command: Command) -> dict[str, Any]:
    in_headers = [
        {"name": header.name, "in": "header", "description": header.description, "schema": header.schema}
        for header in REQUEST_HEADERS
        if header.concerns(command)
    ]
    successes = {str(status.value): _success(command, status=status) for status in command.successes}
    by_status = groupby(problems_of(command), key=lambda problem: problem.status)
    return {
        "operationId": command.function,
        "summary": command.summary,
        "tags": [command.tag],
        "parameters": [*_in_path(command.path), *in_headers],
        "requestBody": {
            "required": command.body_required,
            "content": {"application/json": {"schema": _component(command.body.__name__)}},
        },
        "responses": successes | {str(status.value): _refusal(list(some)) for status, some in by_status},
    }


def _operation_paths() -> list[tuple[str, dict[str, Any]]]:
    return [(one.path, {one.method.lower(): _operation_for_operators(one)}) for one in OPERATIONS]


def _operation_for_operators(operation: Operation) -> dict[str, Any]:
    in_query = [
        {"name": one.name, "in": "query", "description": one.description, "schema": one.schema}
        for one in operation.parameters
    ]
    success = {
        "description": "As it is now.",
        "content": {"application/json": {"schema": _component(operation.answer.__name__)}},
    }
    by_status = groupby(problems_of_operation(operation), key=lambda problem: problem.status)
    refusals = {str(status.value): _refusal(list(some)) for status, some in by_status}
    described: dict[str, Any] = {
        "operationId": operation.function,
        "summary": operation.summary,
        "description": FOR_OPERATORS,
        "tags": [TAG],
        "parameters": [*_in_path(operation.path), *in_query],
        "responses": {"200": success} | refusals,
    }
    if operation.body is not None:
        content = {"application/json": {"schema": _component(operation.body.__name__)}}
        described["requestBody"] = {"required": False, "content": content}
    if operation.method == "GET":
        _let_the_gateway_answer(described["responses"])
    return described


def _let_the_gateway_answer(responses: dict[str, Any]) -> None:
    """What the gateway answers by itself to a GET is a `google.rpc.Status`, whoever it is for."""
    status = {"application/json": {"schema": _component("Status")}}
    responses["429"] = responses["429"] | {"content": status}
    responses["503"] = responses["503"] | {"content": responses["503"]["content"] | status}


def _in_path(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _success(command: Command, *, status: HTTPStatus) -> dict[str, Any]:
    located = command.located and status is HTTPStatus.CREATED
    return {
        "description": "It was made." if status is HTTPStatus.CREATED else "As it is now.",
        "headers": _headers("ETag", *(["Location"] if located else []), "traceresponse"),
        "content": {"application/json": {"schema": _component(command.answer.__name__)}},
    }


def _refusal(problems: list[ProblemType]) -> dict[str, Any]:
    schemas = [_component(problem.component) for problem in problems]
    return {
        "description": ", or: ".join(problem.title for problem in problems) + ".",
        "content": {PROBLEM_JSON: {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}}},
        "headers": _headers(*(["Retry-After"] if problems[0].retry_later else []), "traceresponse"),
    }


def _model_schemas(commands: Iterable[Command]) -> Mapping[str, Any]:
    """Bodies as they are read, answers as they are written."""
    commands = tuple(commands)
    bodies = dict.fromkeys([*(one.body for one in commands), *(one.body for one in OPERATIONS if one.body)])
    answers = dict.fromkeys([*(one.answer for one in commands), *(one.answer for one in OPERATIONS)])
    template = _COMPONENTS + "{model}"
    _, read = models_json_schema(
        [(body, "validation") for body in bodies], ref_template=template, schema_generator=UntitledFields
    )
    _, written = models_json_schema(
        [(answer, "serialization") for answer in answers],
        ref_template=template,
        schema_generator=WrittenFields,
    )
    return read["$defs"] | written["$defs"]


def _component(name: str) -> dict[str, str]:
    return {"$ref": _COMPONENTS + name}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
