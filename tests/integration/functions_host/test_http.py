"""HTTP functions on the local host behave as in Azure."""

import asyncio
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

@app.route("returns-a-dict")
def returns_a_dict(req: func.HttpRequest) -> func.HttpResponse:
    return {"a": 1}

@app.route("slow")
def slow(req: func.HttpRequest) -> func.HttpResponse:
    (here / "barrier").open("a").write("x")
    while len((here / "barrier").read_text()) < 4:
        time.sleep(0.01)
    return func.HttpResponse("met")

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
    ("method", "path"), [("GET", "nowhere"), ("DELETE", "echo"), ("GET", "off"), ("GET", "things")]
)
def test_what_has_no_route_is_an_empty_404(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize("path", ["raises", "returns-a-dict"])
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
