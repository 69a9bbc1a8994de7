"""The very steps of the Dockerfile, run; and the service started from what they leave, as the image starts it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from readsvc.protos.generate import ROOT
from tests.builders.view_documents import a_showtime
from tests.servers.container_image import Image, build
from tests.servers.process import free_port, running
from tests.servers.read_service import DATABASE, ReadService, Views

pytestmark = [pytest.mark.integration, pytest.mark.full, pytest.mark.timeout(300)]

WRITABLE = 0o222
NEITHER_PIP_NOR_TESTS = """
import importlib.util, sys
assert importlib.util.find_spec("pip") is None
assert importlib.util.find_spec("pytest") is None
print(sys.prefix)
"""
WRITE = """
import os
try: open("{file}", "w")
except PermissionError: print(os.getuid())
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """The last stage; nobody may write in it."""
    image = build(ROOT / "readsvc" / "Dockerfile", context=ROOT, folder=tmp_path_factory.mktemp("image"))
    paths = [image.root, *image.root.rglob("*")]
    for path in paths:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~WRITABLE)
    yield image
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def command(image: Image, words: list[str], **settings: object) -> tuple[str, ...]:
    """A command line in the image, with nothing in its environment but what the image and the settings say."""
    environment = [f"{name}={value}" for name, value in (image.environment | settings).items()]
    cleared = ["env", "-i", "-C", str(image.inside(image.workdir)), *environment, *words]
    return tuple(image.command(cleared))


def code_of(image: Image, words: list[str], **settings: object) -> int:
    return subprocess.run(command(image, words, **settings), timeout=60, check=False).returncode


def said(image: Image, code: str) -> str:
    words = command(image, ["python", "-c", code])
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.strip()


@pytest.fixture
def contained(image: Image, mongo_url: str, redis_url: str) -> Iterator[ReadService]:
    """The image's entry point, listening."""
    port = free_port()
    settings = {"MONGO_URL": mongo_url, "MONGO_DATABASE": DATABASE, "REDIS_URL": redis_url, "GRPC_PORT": port}
    with (
        running(*command(image, image.entrypoint, **settings), port=port) as process,
        grpc.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        yield ReadService(port=port, process=process, channel=channel)


def test_it_answers_a_probe_and_a_query_and_leaves_well(
    contained: ReadService, image: Image, views: Views
) -> None:
    showtime = a_showtime(sequence=3)
    views.project(showtime)
    assert code_of(image, image.health_check, GRPC_PORT=contained.port) == 0
    assert contained.get_showtime(showtime.id, min_sequence=3).free_seats == 5
    contained.process.terminate()
    assert contained.process.wait(timeout=10) == 0


def test_the_probe_fails_where_nobody_listens(image: Image) -> None:
    assert code_of(image, image.health_check, GRPC_PORT=1) == 1


def test_it_runs_from_an_environment_of_its_own_which_has_no_tools(image: Image) -> None:
    assert Path(said(image, NEITHER_PIP_NOR_TESTS)) == image.inside("/opt/venv")


def test_its_user_is_not_root_and_can_not_write(image: Image) -> None:
    assert int(image.user.partition(":")[0]) > 0
    for folder in (image.inside(image.workdir), image.inside("/opt/venv")):
        assert int(said(image, WRITE.format(file=folder / "written"))) > 0
