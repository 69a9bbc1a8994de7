"""Reading a request's headers, whose type azure-functions leaves open."""

from collections.abc import Mapping
from typing import cast

import azure.functions as func


def header(req: func.HttpRequest, name: str) -> str | None:
    """A header's value, whatever the case of its name; None if there is none."""
    return cast("Mapping[str, str]", req.headers).get(name)
