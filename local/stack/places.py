"""Where a URL or a connection string leads, without who signs in there and how."""

import re
from urllib.parse import parse_qs, unquote

_ENDPOINT = re.compile(r"Endpoint=sb://([^/;]+)", re.IGNORECASE)
_KEY = re.compile(r"(?:SharedAccessKey|SharedAccessSignature)=([^;]+)", re.IGNORECASE)
_NAMED_PASSWORD = re.compile(r"(?:password|pwd)=([^&;]+)", re.IGNORECASE)

_PLACE = re.compile(r"(?:[\w.-]*|\[[\da-fA-F:.]+\])(?::\d+)?(?:,[\w.-]+(?::\d+)?)*(?:/.*)?$")
"""Hosts with ports, then a path."""


def place_of(address: str) -> str:
    """Host, port and database, for people to read: no user, no password, no option."""
    if endpoint := _ENDPOINT.search(address):
        return endpoint[1]
    location, _, options = address.partition("://")[2].partition("?")
    place = location.rpartition("@")[2]  # a password may have what else would end it
    if place.startswith("/") and (socket := parse_qs(options).get("host")):
        place = socket[0] + place
    if not _PLACE.match(place):  # such as a password with an unquoted question mark
        return "an address that can't be read"
    return place.removeprefix("/" if address.startswith("sqlite") else "").rstrip("/")


def secrets_in(address: str) -> list[str]:
    """What of it must not be told, as it is written and as it is meant; the longest first."""
    _, has_password, password = address.partition("://")[2].rpartition("@")[0].partition(":")
    written = [password] if has_password else []
    written += _KEY.findall(address) + _NAMED_PASSWORD.findall(unquote(address))
    return sorted({form for secret in written if secret for form in (secret, unquote(secret))}, key=len)[::-1]
