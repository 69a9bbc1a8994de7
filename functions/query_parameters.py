"""Reading the query parameters of a request, as strictly as a body: what is unknown is refused, not ignored."""

import re
from collections.abc import Collection, Mapping
from typing import cast

import azure.functions as func

from shared.domain.errors import InvalidValueError

LARGEST_ID = 2**31 - 1
"""No id that is a number is larger: the database's columns are not."""

_DIGITS = re.compile(r"[0-9]{1,10}")
_LONGEST_NAME_TOLD = 100


def refuse_others(req: func.HttpRequest, *, known: Collection[str]) -> None:
    """Make sure that every parameter is one of those known.

    Raises:
        InvalidValueError: one is not.
    """
    for name in _parameters(req):
        if name not in known:
            raise InvalidValueError(name[:_LONGEST_NAME_TOLD], "is no parameter of this request")


def whole_number(
    req: func.HttpRequest, name: str, *, at_least: int, at_most: int = LARGEST_ID, default: int
) -> int:
    """A parameter that is a whole number within its bounds, or the default.

    Raises:
        InvalidValueError: it is something else.
    """
    text = _parameters(req).get(name)
    if text is None:
        return default
    number = number_in(text)
    if number is None or not at_least <= number <= at_most:
        raise InvalidValueError(name, f"must be a whole number from {at_least} to {at_most}")
    return number


def one_of(req: func.HttpRequest, name: str, *, choices: Collection[str]) -> str | None:
    """A parameter that is one of some words; None if it is not there.

    Raises:
        InvalidValueError: it is another word.
    """
    text = _parameters(req).get(name)
    if text is not None and text not in choices:
        raise InvalidValueError(name, f"must be one of {', '.join(choices)}")
    return text


def number_in(text: str) -> int | None:
    """The number that a text of up to ten digits is; None for anything else."""
    return int(text) if _DIGITS.fullmatch(text) else None


def _parameters(req: func.HttpRequest) -> Mapping[str, str]:
    return cast("Mapping[str, str]", req.params)
