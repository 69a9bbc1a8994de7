"""grpcurl for the tests of the `full` tier.

Go builds it once, to `.local/`: under a minute, packages and all. Where there is no Go, or no module proxy to reach, the
tests are skipped and say so.
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

VERSION = "1.9.4"
BUILD_SECONDS = 480

_FOLDER = Path(__file__).parents[2] / ".local" / f"grpcurl-{VERSION}"


@cache
def grpcurl_folder() -> Path:
    """The folder that has the program."""
    if not (_FOLDER / "grpcurl").exists():
        go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
        if go is None:
            pytest.skip("grpcurl can't be had: there is no Go here")
        build = [go, "install", f"github.com/fullstorydev/grpcurl/cmd/grpcurl@v{VERSION}"]
        environment = os.environ | {"GOBIN": str(_FOLDER)}
        try:
            subprocess.run(
                build, env=environment, check=True, capture_output=True, text=True, timeout=BUILD_SECONDS
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"grpcurl can't be had: Go did not build it: {str(error.stderr)[-300:]}")
    return _FOLDER
