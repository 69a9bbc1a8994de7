"""HTTP functions on the local host behave as in Azure."""

import asyncio
import re
import socket
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.integration.functions_host.host_process import RunningHost, running_host, write_app

pytestmark = pytest.mark.integration

APP = """
@app.route("things/{id:int}", methods=["GET"])
def a_number(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("number " + req.route_params["id"])

@app.route("things/{id:guid}", methods=["GET"])
def b_guid(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("guid " + req.route_params["id"])

@app.route("things/{id}", methods=["GET"])
def c_any(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("any " + req.route_params["id"])

@app.route("things/special", methods=["GET"])
def d_shadowed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("special")

@app.route("files/{*path}", methods=["GET"])
def files(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params.get("path", "none"))

@app.route("echo", methods=["POST"])
async def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    lines = [context.function_name, req.headers.get("x-twice", ""), str(dict(req.params)), str(len(req.get_body()))]
    return func.HttpResponse("|".join(lines), status_code=202, headers={"x-a": "b"}, mimetype="text/plain")

@app.route("text")
def text(req: func.HttpRequest) -> str:
    return "plain"

@app.route("raises")
def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise ValueError("a secret of the log")

RESULTS = {"none": None, "dict": {"a": 1}, "int": 1, "bytes": b"a"}

@app.route("returns/{what}")
def returns(req: func.HttpRequest) -> func.HttpResponse:
    return RESULTS[req.route_params["what"]]

@app.route("pages/{n:int}/{size=20}", methods=["GET"])
def pages(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(dict(req.route_params)))

@app.route("flags/{on:bool?}", methods=["GET"])
def flags(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(str(dict(req.route_params)))

@app.route("twice")
def twice(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("x")
    response.headers.add("x-a", "first")
    response.headers.add("x-a", "last")
    return response

@app.route("context")
async def tells_its_context(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    trace = context.trace_context
    return func.HttpResponse(f"{context.invocation_id}|{trace.trace_parent}|{trace.trace_state}|{context.retry_context}")

@app.route("slow")
def slow(req: func.HttpRequest) -> func.HttpResponse:
    (here / "barrier").open("a").write("x")
    while len((here / "barrier").read_text()) < 4:
        time.sleep(0.01)
    return func.HttpResponse("met")

@app.route("waits")
def waits(req: func.HttpRequest) -> func.HttpResponse:
    while not (here / "go on").exists():
        time.sleep(0.01)
    return func.HttpResponse("went on")

@app.route("off")
def switched_off(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("on")
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    root = write_app(
        tmp_path_factory.mktemp("app"),
        APP,
        settings={"AzureWebJobs.switched_off.Disabled": "true", "PYTHON_THREADPOOL_THREAD_COUNT": "4"},
    )
    with running_host(root) as running:
        yield running


@pytest.fixture
def client(host: RunningHost) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{host.url}/api", trust_env=False, timeout=20) as client:
        yield client


GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("things/12", "number 12"),
        (f"things/{GUID}", f"guid {GUID}"),
        ("THINGS/x", "any x"),
        ("things/special", "any special"),
        ("files/a/b/c", "a/b/c"),
        ("files", "none"),
        ("pages/3", "{'size': '20', 'n': '3'}"),
        ("pages/3/50", "{'size': '50', 'n': '3'}"),
        ("flags", "{}"),
        ("flags/TRUE", "{'on': 'TRUE'}"),
        ("text", "plain"),
    ],
)
def test_routes_match_in_the_order_of_function_names(client: httpx.Client, path: str, answer: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.text) == (200, answer)


def test_headers_are_joined_empty_queries_dropped_and_the_body_is_bytes(client: httpx.Client) -> None:
    response = client.post(
        "echo?a=1&empty=",
        content=b"\x00\x01",
        headers=[("X-Twice", "one"), ("X-Twice", "two"), ("content-type", "x/y")],
    )
    assert (response.status_code, response.headers["x-a"]) == (202, "b")
    assert response.text == "echo|one,two|{'a': '1'}|2"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "nowhere"),
        ("DELETE", "echo"),
        ("GET", "off"),
        ("GET", "things"),
        ("GET", "pages/x"),
        ("GET", f"pages/{2**31}"),
        ("GET", "flags/perhaps"),
    ],
)
def test_what_has_no_route_is_an_empty_404(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize("path", ["raises", "returns/none", "returns/dict", "returns/int", "returns/bytes"])
def test_a_failure_is_an_empty_500_and_its_reason_is_in_the_log(
    client: httpx.Client, host: RunningHost, path: str
) -> None:
    response = client.get(path)
    assert (response.status_code, response.content) == (500, b"")
    assert "a secret of the log" in host.output or path != "raises"


async def test_synchronous_functions_run_on_several_threads(host: RunningHost) -> None:
    async with httpx.AsyncClient(base_url=host.url, trust_env=False, timeout=20) as client:
        answers = await asyncio.gather(*(client.get("/api/slow") for _ in range(4)))
    assert [answer.text for answer in answers] == ["met"] * 4


def test_the_start_lists_every_function(host: RunningHost) -> None:
    assert f"c_any: [GET] http://localhost:{host.port}/api/things/{{id}}" in host.output
    assert "switched_off: disabled" in host.output


@pytest.mark.parametrize(("written", "meant"), [("a%3Fb", "a?b"), ("a%23b", "a#b"), ("a%0Db", "a\rb")])
def test_escaped_characters_belong_to_the_path(client: httpx.Client, written: str, meant: str) -> None:
    assert client.get(f"/things/{written}").content == f"any {meant}".encode()


def test_a_body_without_a_length_is_not_read(client: httpx.Client) -> None:
    response = client.post("echo", content=iter([b"in ", b"chunks"]))
    assert response.text.endswith("|0")


def test_a_body_over_the_limit_is_refused_before_it_is_sent(host: RunningHost) -> None:
    head = f"POST /api/echo HTTP/1.1\r\nhost: x\r\ncontent-length: {100 * 1024 * 1024 + 1}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", host.port), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(64).startswith(b"HTTP/1.1 413 ")


def test_of_a_header_that_was_added_twice_the_last_one_counts(client: httpx.Client) -> None:
    assert client.get("twice").headers.get_list("x-a") == ["last"]


def test_a_function_gets_its_callers_trace_and_an_id_of_the_invocation(client: httpx.Client) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answers = [client.get("context", headers={"traceparent": parent, "tracestate": "a=b"}).text for _ in "12"]
    ids, rest = zip(*(answer.split("|", 1) for answer in answers), strict=True)
    assert len({uuid.UUID(identity) for identity in ids}) == 2
    assert set(rest) == {f"{parent}|a=b|None"}


def test_the_log_says_when_a_function_begins_and_how_it_ended(
    client: httpx.Client, host: RunningHost
) -> None:
    client.get("text")
    client.get("raises")
    assert re.search(r"Executing 'Functions\.text' \(Reason='.+', Id=[0-9a-f-]{36}\)", host.output)
    assert re.search(
        r"Executed 'Functions\.text' \(Succeeded, Id=[0-9a-f-]{36}, Duration=\d+ms\)", host.output
    )
    assert "Executed 'Functions.raises' (Failed, " in host.output


async def test_an_asynchronous_function_runs_while_threads_are_taken(host: RunningHost) -> None:
    async with httpx.AsyncClient(base_url=host.url, trust_env=False, timeout=20) as client:
        occupied = [asyncio.create_task(client.get("/api/waits")) for _ in range(4)]
        assert (await client.get("/api/context")).status_code == 200
        (host.root / "go on").touch()
        assert [answer.text for answer in await asyncio.gather(*occupied)] == ["went on"] * 4
