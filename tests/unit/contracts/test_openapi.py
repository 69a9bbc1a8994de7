"""The OpenAPI document is sound, and tells of every function and every query, and of nothing else."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

import function_app
from functions.contract.openapi import openapi_document
from functions.problems import STATUS_BY_KIND, TITLES
from readsvc.protos.generate import ROOT
from tests.schemas.schemathesis_cases import flaws_of_an_openapi_document
from tests.schemas.validation import Schemas, check_schema

pytestmark = pytest.mark.unit

DOCUMENT = openapi_document()
SCHEMAS = Schemas({"openapi": DOCUMENT}, current="openapi")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def everything_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield cast("dict[str, Any]", node)
        for value in cast("dict[str, Any]", node).values():
            yield from everything_in(value)
    elif isinstance(node, list):
        for item in cast("list[Any]", node):
            yield from everything_in(item)


def schemas() -> Iterator[Any]:
    yield from DOCUMENT["components"]["schemas"].values()
    for node in everything_in([DOCUMENT["paths"], DOCUMENT["components"]["headers"]]):
        if "schema" in node:
            yield node["schema"]


def functions_with_a_route() -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    for function in cast("list[Any]", function_app.app.get_functions()):
        trigger: dict[str, Any] = function.get_trigger().get_dict_repr()
        if trigger["type"] == "httpTrigger":
            for method in trigger["methods"]:
                found.add((method.value, f"/{trigger['route']}", function.get_function_name()))
    return found


def queries_of_the_gateway() -> set[tuple[str, str]]:
    files = descriptor_pb2.FileDescriptorSet.FromString((ROOT / "infra/envoy/cinema.pb").read_bytes()).file
    [ours] = [file for file in files if file.package == "cinema.read.v1"]
    methods = [method for service in ours.service for method in service.method]
    return {
        (cast(Any, method.options).Extensions[annotations_pb2.http].get, method.name) for method in methods
    }


def test_every_function_with_a_route_is_in_the_document_and_nothing_else_but_the_queries() -> None:
    documented = {(method, path, one["operationId"]) for method, path, one in operations()}
    queries = {one for one in documented if "Queries" in DOCUMENT["paths"][one[1]][one[0].lower()]["tags"]}
    assert documented - queries == functions_with_a_route()


def test_every_query_of_the_gateway_is_in_the_document() -> None:
    """The document spells parameters of paths in one way for both sides."""
    documented = {
        (re.sub(r"[A-Z]", lambda upper: f"_{upper[0].lower()}", path), one["operationId"])
        for _, path, one in operations()
        if one["tags"] == ["Queries"]
    }
    assert documented == queries_of_the_gateway()


def test_the_document_is_openapi_3_1() -> None:
    assert flaws_of_an_openapi_document(DOCUMENT) == []


def test_a_document_that_is_not_openapi_is_noticed() -> None:
    assert flaws_of_an_openapi_document(DOCUMENT | {"info": {}}) != []


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for *_, operation in operations()]
    assert len(ids) == len(set(ids))


def test_paths_differ_in_more_than_the_names_of_their_parameters() -> None:
    shapes = [re.sub(r"\{\w+\}", "{}", path) for path in DOCUMENT["paths"]]
    assert len(shapes) == len(set(shapes))


def test_each_parameter_of_a_path_is_declared_and_needed() -> None:
    for _, path, operation in operations():
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path" and p["required"]}
        assert declared == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_reference_leads_somewhere() -> None:
    for node in everything_in(DOCUMENT):
        if isinstance(node.get("$ref"), str):
            assert SCHEMAS.resolved(node["$ref"])[1]


def test_every_schema_is_json_schema() -> None:
    for schema in schemas():
        check_schema(schema)


def test_every_component_is_used() -> None:
    used = {node["$ref"] for node in everything_in(DOCUMENT) if isinstance(node.get("$ref"), str)}
    names = {
        f"#/components/{kind}/{name}" for kind, group in DOCUMENT["components"].items() for name in group
    }
    assert names == used


def test_every_problem_type_is_told_by_some_operation() -> None:
    told = {
        name.removeprefix("problem.")
        for name in DOCUMENT["components"]["schemas"]
        if name.startswith("problem.")
    }
    assert told == TITLES.keys() | {"rate-limited", "500"}


def test_every_kind_of_refusal_has_a_status_that_some_command_tells() -> None:
    told = {int(status) for _, _, operation in operations() for status in operation["responses"]}
    assert {status.value for status in STATUS_BY_KIND.values()} <= told


def test_what_to_do_later_says_when() -> None:
    for method, _, operation in operations():
        if method != "GET":
            for status in ("429", "503"):
                assert "Retry-After" in operation["responses"][status]["headers"]
