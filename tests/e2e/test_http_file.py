"""`cinema.http`, sent from top to bottom as an editor would send it, against the whole stack."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from functions.contract.openapi import openapi_text
from tests.e2e.stack_process import ROOT, StackProcess

pytestmark = pytest.mark.e2e

FILE = ROOT / "cinema.http"
GATEWAY = "http://localhost:5005"
NO_PART_OF_THE_STORY = {
    "GET /api/showtimes/{showtimeId}/watch",  # a stream, which an editor waits for in vain
    "POST /api/ops/dead-letters/{id}/redrive",  # there are none in a story that goes well
    "POST /api/ops/dead-letters/{id}/discard",
    "GET /api/docs",  # for browsers and programs
    "GET /api/openapi.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it is written, with its placeholders."""

    title: str
    name: str | None
    method: str
    url: str
    headers: Mapping[str, str]
    body: str


def variables(text: str) -> dict[str, str]:
    """The file's own variables: `@name = value`."""
    return dict(re.findall(r"^@(\w+)\s*=\s*(.+?)\s*$", text, re.MULTILINE))


def requests(text: str) -> Iterator[Request]:
    """The requests, parted by `###`; each is comments, its line, headers, an empty line, a body."""
    for block in re.split(r"^###", text, flags=re.MULTILINE)[1:]:
        title, *lines = block.splitlines()
        names = [found[1] for line in lines if (found := re.match(r"#\s*@name\s+(\w+)", line))]
        head, _, body = "\n".join(line for line in lines if not line.startswith("#")).partition("\n\n")
        line, *headers = head.strip().splitlines()
        method, url = line.split(maxsplit=1)
        pairs = (header.split(":", maxsplit=1) for header in headers)
        yield Request(
            title=title.strip(),
            name=names[0] if names else None,
            method=method,
            url=url,
            headers={name: value.strip() for name, value in pairs},
            body=body.strip(),
        )


def filled(text: str, *, values: Mapping[str, str], answers: Mapping[str, Any]) -> str:
    """A text without placeholders. An unknown one is a KeyError."""

    def value(placeholder: re.Match[str]) -> str:
        name = placeholder[1].strip()
        if name == "$guid":
            return str(uuid4())
        if ".response.body." in name:
            request, _, field = name.partition(".response.body.")
            return str(answers[request][field])
        return values[name]

    return re.sub(r"\{\{(.+?)\}\}", value, text)


def test_the_whole_story_goes_well(stack: StackProcess) -> None:
    text = FILE.read_text(encoding="utf-8")
    values = variables(text)
    assert values["gateway"] == GATEWAY
    values["gateway"] = stack.url
    answers: dict[str, Any] = {}
    with httpx.Client(trust_env=False, timeout=20) as client:
        for request in requests(text):
            url, body = (filled(part, values=values, answers=answers) for part in (request.url, request.body))
            headers = {
                name: filled(header, values=values, answers=answers)
                for name, header in request.headers.items()
            }
            answer = client.request(request.method, url, headers=headers, content=body)
            assert answer.is_success, f"{request.title}: {answer.status_code} {answer.text}"
            if request.name:
                answers[request.name] = answer.json()


def test_every_command_query_and_question_of_operators_is_in_the_story() -> None:
    written = {
        (
            request.method,
            re.sub(r"\{\{.+?\}\}", "{}", request.url.removeprefix("{{gateway}}")).partition("?")[0],
        )
        for request in requests(FILE.read_text(encoding="utf-8"))
    }
    for path, operations in _paths().items():
        for method in operations:
            operation = f"{method.upper()} {path}"
            if path.startswith("/api/") and operation not in NO_PART_OF_THE_STORY:
                shape = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
                assert any(verb == method.upper() and shape.fullmatch(at) for verb, at in written), operation


def _paths() -> dict[str, dict[str, Any]]:
    return json.loads(openapi_text())["paths"]
