"""The laptop and the container fill in the same configurations in the same way."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.envoy.render import FOLDER, render
from tests.servers.envoy import GatewayPorts

pytestmark = pytest.mark.integration

CONFIGURATIONS = ["gateway.yaml", "load_balancer.yaml"]


def entrypoint(configuration: str, *, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the entrypoint with a program named `envoy` that prints what it is given."""
    envoy = tmp_path / "envoy"
    envoy.write_text('#!/bin/sh\ncat "$2"\n')
    envoy.chmod(0o755)
    return subprocess.run(
        [FOLDER / "entrypoint.sh", configuration],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path), **environment},
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_the_entrypoint_renders_as_the_launcher_does(configuration: str, tmp_path: Path) -> None:
    values = {**GatewayPorts(read_service=1).values(), "DESCRIPTOR_SET": "/a path/with|odd&chars\\.pb"}
    assert entrypoint(configuration, tmp_path=tmp_path, **values).stdout == render(
        configuration, values=values
    )


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_a_name_without_a_value_stops_both(configuration: str, tmp_path: Path) -> None:
    values = GatewayPorts(read_service=1).values()
    del values["LISTEN_ADDRESS"]
    stopped = entrypoint(configuration, tmp_path=tmp_path, **values)
    assert stopped.returncode == 1
    assert "LISTEN_ADDRESS" in stopped.stderr
    with pytest.raises(KeyError, match="LISTEN_ADDRESS"):
        render(configuration, values=values)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_no_admin_port_is_open(configuration: str) -> None:
    assert "admin:" not in (FOLDER / configuration).read_text()
