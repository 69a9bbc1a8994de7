"""Fills in the ${NAMES} of a configuration: `python infra/envoy/render.py gateway.yaml > out.yaml`.

The container's entrypoint does the same with sed; both fail on a name that has no value.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent
DESCRIPTOR_SET = FOLDER / "cinema.pb"


def render(configuration: str, *, values: Mapping[str, str]) -> str:
    """A configuration of this folder with its names filled in.

    Raises:
        KeyError: a name has no value.
    """
    return Template((FOLDER / configuration).read_text()).substitute(values)


if __name__ == "__main__":
    sys.stdout.write(render(sys.argv[1], values=os.environ))
