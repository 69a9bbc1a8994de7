"""The read service, the command line and the migrations: what they start without, and what they say that they lack."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.blocked_imports import without
from tests.servers.functions_package import ROOT
from tests.servers.mongo import mongo_url
from tests.servers.read_service import read_service
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]

pytestmark = pytest.mark.integration

UNUSED_WITHOUT_BEING_ASKED_FOR = (
    "pyodbc", "psycopg", "matplotlib", "numpy", "opentelemetry", "azure.monitor", "azure.identity", "msal",
    "grpc", "local", "tests",
)  # fmt: skip
NO_READ_SERVICE = (
    "pyodbc", "psycopg", "sqlalchemy", "confluent_kafka", "matplotlib", "opentelemetry", "azure", "msal",
    "functions", "cli", "local", "tests",
)  # fmt: skip
A_RESERVATION = "0b1e6c57-6a5d-4c38-9d2d-7f5ed8a30a11"


def run(
    folder: Path, *arguments: str, blocked: tuple[str, ...], **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run modules of this repository where no settings file is."""
    path = f"{without(*blocked, folder=folder / 'blocked')}:{ROOT}"
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder, env={"PATH": os.environ["PATH"], "PYTHONPATH": path, **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_read_service_serves_without_what_only_others_need(
    mongo_url: str, redis_url: str, tmp_path: Path
) -> None:
    with read_service(
        mongo_url=mongo_url, redis_url=redis_url, PYTHONPATH=without(*NO_READ_SERVICE, folder=tmp_path)
    ) as service:
        assert service.list_showtimes().showtimes == []


@pytest.mark.parametrize("missing", ["MONGO_URL", "REDIS_URL"])
def test_the_read_service_names_what_it_lacks(tmp_path: Path, missing: str) -> None:
    given = {"MONGO_URL": "mongodb://127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1"}
    del given[missing]
    refused = run(tmp_path, "readsvc", blocked=NO_READ_SERVICE, **given)
    assert (refused.returncode, refused.stderr) == (1, f"readsvc can't start: {missing}: Field required\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"MONGO_AUTH": "entra"}, "MONGO_AUTH: entra needs TLS"),
        ({"REDIS_AUTH": "entra"}, "REDIS_AUTH: entra needs TLS"),
        ({"REDIS_AUTH": "entra", "REDIS_URL": "rediss://u:secret@h"}, "REDIS_AUTH: entra does not go"),
    ],
    ids=["mongo in the clear", "redis in the clear", "redis with a password"],
)
def test_the_read_service_refuses_settings_that_contradict_each_other(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    given = {"MONGO_URL": "mongodb://127.0.0.1:1", "REDIS_URL": "redis://127.0.0.1:1"} | changed
    refused = run(tmp_path, "readsvc", blocked=NO_READ_SERVICE, **given)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "secret" not in refused.stderr


@pytest.mark.parametrize(
    ("command", "lacks"),
    [
        (("outbox", "status"), "WRITE_DATABASE_URL"),
        (("dead-letters", "list"), "WRITE_DATABASE_URL"),
        (("report", "showtimes"), "REPORTING_DATABASE_URL"),
        (("trace", A_RESERVATION), "MONGO_URL"),
        (("audit",), "REPORTING_DATABASE_URL"),
        (("rebuild",), "REDIS_URL"),
        (("projection-failures", "list"), "MONGO_URL"),
    ],
    ids=["outbox", "dead letters", "report", "trace", "audit", "rebuild", "projection failures"],
)
def test_a_command_names_what_it_lacks_without_what_it_does_not_use(
    tmp_path: Path, command: tuple[str, ...], lacks: str
) -> None:
    refused = run(tmp_path, "cli", *command, blocked=UNUSED_WITHOUT_BEING_ASKED_FOR)
    assert refused.returncode == 2
    assert f"{lacks}: Field required" in refused.stderr


def test_the_migrations_name_what_they_lack(tmp_path: Path) -> None:
    refused = run(
        tmp_path, "migrations", "upgrade", blocked=UNUSED_WITHOUT_BEING_ASKED_FOR,
        WRITE_DATABASE_URL="sqlite:///x.db",
    )  # fmt: skip
    assert refused.returncode != 0
    assert "REPORTING_DATABASE_URL: Field required" in refused.stderr
