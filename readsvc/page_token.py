"""Page tokens: where a page ended, as text that clients must not look into.

A token names the last row of its page and not a number of rows, so that rows that are added or taken away
meanwhile neither repeat nor hide another. It is valid for the filters that it was made for alone.
"""

import base64
import binascii
import json
import zlib
from typing import NamedTuple


class Position(NamedTuple):
    """The last row of a page: the moment by which rows are sorted, as sortable text, and its id."""

    moment: str
    document_id: str


class MalformedPageTokenError(ValueError):
    """The token was not made here, or for other filters."""


def encode_page_token(position: Position, *, filters: str) -> str:
    """The token that continues after a position."""
    text = json.dumps([_fingerprint(filters), *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_page_token(token: str, *, filters: str) -> Position:
    """Where the page before ended.

    Raises:
        MalformedPageTokenError: the token was not made here, or for other filters.
    """
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        parts: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError, RecursionError) as error:
        raise MalformedPageTokenError(token) from error
    match parts:
        case [int() as fingerprint, str() as moment, str() as document_id] if fingerprint == _fingerprint(
            filters
        ):
            return Position(moment, document_id)
        case _:
            raise MalformedPageTokenError(token)


def _fingerprint(filters: str) -> int:
    return zlib.crc32(filters.encode())
