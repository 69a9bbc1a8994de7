"""BSON as bytes. The one module that names the codec, whose types are loose."""

from typing import Any, cast

import bson
from bson.errors import BSONError

_codec = cast(Any, bson)


class MalformedDocumentError(Exception):
    """The bytes are no BSON document."""


def encode(document: dict[str, Any]) -> bytes:
    """The BSON of a document."""
    return _codec.encode(document)


def decode(data: bytes) -> dict[str, Any]:
    """One document.

    Raises:
        MalformedDocumentError: the bytes are none.
    """
    try:
        return _codec.decode(data)
    except BSONError as error:
        raise MalformedDocumentError(str(error)) from error


def decode_all(data: bytes) -> list[dict[str, Any]]:
    """Documents one after the other.

    Raises:
        MalformedDocumentError: the bytes are none.
    """
    try:
        return _codec.decode_all(data)
    except BSONError as error:
        raise MalformedDocumentError(str(error)) from error
