"""The queries as OpenAPI paths, read from the protos: their HTTP annotations, their messages and their comments.

The shape of answers is that of the gateway's transcoder: proto3 JSON with every field that is no message, in camelCase;
parameters are named as in the proto. Those in the path have no name on the wire, and get the commands' spelling: OpenAPI
allows a path to be written in one way only.
"""

import re
from typing import Any, cast

from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
)

_SERVICE, _METHOD, _MESSAGE, _FIELD = 6, 2, 4, 2
"""The numbers of descriptor.proto's fields, of which the places of comments are made."""

_SCALARS: dict[int, dict[str, Any]] = {
    FieldDescriptorProto.TYPE_STRING: {"type": "string"},
    FieldDescriptorProto.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptorProto.TYPE_BOOL: {"type": "boolean"},
}
_REQUIRED: int = cast("Any", field_behavior_pb2).REQUIRED
_TIMESTAMP = ".google.protobuf.Timestamp"
_STATUS: dict[str, Any] = {
    "type": "object",
    "title": "google.rpc.Status",
    "description": "Why a query was refused: a gRPC code, and what to tell people.",
    "properties": {
        "code": {"type": "integer", "format": "int32"},
        "message": {"type": "string"},
        "details": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
    },
    "required": ["code", "message"],
}
_ERRORS = {
    "400": "A parameter can't be read; `details` names it (INVALID_ARGUMENT).",
    "404": "There is no such thing (NOT_FOUND).",
    "429": "Too many requests (RESOURCE_EXHAUSTED).",
    "500": "The answer failed (INTERNAL).",
    "503": "Nothing that could answer is reachable (UNAVAILABLE).",
    "504": "The view has not reached `min_sequence` in time (DEADLINE_EXCEEDED).",
}


_LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "The id of the last event that the client has. Browsers send it when they connect again.",
    "schema": {"type": "integer", "format": "int32"},
}


def queries(file: FileDescriptorProto) -> dict[str, Any]:
    """The `paths` of a file's services and the `schemas` that they refer to."""
    comments = {
        tuple(place.path): " ".join(place.leading_comments.split())
        for place in file.source_code_info.location
        if place.leading_comments
    }
    messages = {
        f".{file.package}.{message.name}": (index, message) for index, message in enumerate(file.message_type)
    }
    paths: dict[str, Any] = {}
    for s, service in enumerate(file.service):
        for m, method in enumerate(service.method):
            path = _path(method)
            if path:
                request = messages[method.input_type]
                operation = _operation(method, path=path, request=request, comments=comments)
                operation["summary"] = comments.get((_SERVICE, s, _METHOD, m), "")
                paths[_spelt_as_commands(path)] = {"get": operation}
    requests = {method.input_type for service in file.service for method in service.method}
    answers = {name: message for name, message in messages.items() if name not in requests}
    schemas = {message.name: _schema(message, index=i, comments=comments) for i, message in answers.values()}
    return {"paths": paths, "schemas": {**schemas, "Status": _STATUS}}


def _path(method: MethodDescriptorProto) -> str:
    return cast("Any", method.options).Extensions[annotations_pb2.http].get


def _spelt_as_commands(path: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), path)


def _operation(
    method: MethodDescriptorProto,
    *,
    path: str,
    request: tuple[int, DescriptorProto],
    comments: dict[tuple[int, ...], str],
) -> dict[str, Any]:
    index, message = request
    in_path = set(re.findall(r"\{(\w+)\}", path))
    parameters = [
        _parameter(field, in_path=in_path, comment=comments.get((_MESSAGE, index, _FIELD, f), ""))
        for f, field in enumerate(message.field)
    ]
    answer = method.output_type.rpartition(".")[2]
    errors = {status: text for status, text in _ERRORS.items() if status != "404" or in_path}
    if method.server_streaming:
        parameters.append(_LAST_EVENT_ID)
    return {
        "operationId": method.name,
        "summary": "",
        "tags": ["Queries"],
        "parameters": parameters,
        "responses": {
            "200": _events(answer) if method.server_streaming else _response("The answer.", schema=answer),
            **{status: _response(text, schema="Status") for status, text in errors.items()},
        },
    }


def _parameter(field: FieldDescriptorProto, *, in_path: set[str], comment: str) -> dict[str, Any]:
    place = "path" if field.name in in_path else "query"
    return {
        "name": field.json_name if place == "path" else field.name,
        "in": place,
        "required": place == "path" or _REQUIRED in _behaviours(field),
        "description": comment,
        "schema": _SCALARS[field.type],
    }


def _behaviours(field: FieldDescriptorProto) -> list[int]:
    return list(cast("Any", field.options).Extensions[cast("Any", field_behavior_pb2).field_behavior])


def _response(description: str, *, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _events(schema: str) -> dict[str, Any]:
    """OpenAPI 3.1 has no word for what is in a stream: the extension names what each event carries."""
    data = {"$ref": f"#/components/schemas/{schema}"}
    return {
        "description": f"Server-sent events without end. The data of each is a {schema} as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "x-event-data": data}},
    }


def _schema(message: DescriptorProto, *, index: int, comments: dict[tuple[int, ...], str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for f, field in enumerate(message.field):
        comment = comments.get((_MESSAGE, index, _FIELD, f))
        properties[field.json_name] = _field(field) | ({"description": comment} if comment else {})
    required = [field.json_name for field in message.field if _always_printed(field)]
    return {"type": "object", "properties": properties, "required": required}


def _field(field: FieldDescriptorProto) -> dict[str, Any]:
    if field.type != FieldDescriptorProto.TYPE_MESSAGE:
        one = _SCALARS[field.type]
    elif field.type_name == _TIMESTAMP:
        one = {"type": "string", "format": "date-time"}
    else:
        one = {"$ref": f"#/components/schemas/{field.type_name.rpartition('.')[2]}"}
    return {"type": "array", "items": one} if field.label == FieldDescriptorProto.LABEL_REPEATED else one


def _always_printed(field: FieldDescriptorProto) -> bool:
    return (
        field.type != FieldDescriptorProto.TYPE_MESSAGE or field.label == FieldDescriptorProto.LABEL_REPEATED
    )
