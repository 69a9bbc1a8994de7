"""What a route parameter with a constraint takes, as .NET's parsers take it. The other constraints are refused."""

import re
from collections.abc import Callable

_GUID = re.compile(
    r"[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE
)  # formats N and D; those in braces are not worth a line
_NUMBER = re.compile(r"[+-]?[0-9]+")


def _integer(bits: int) -> Callable[[str], bool]:
    limit = 1 << (bits - 1)
    return lambda text: bool(_NUMBER.fullmatch(text)) and -limit <= int(text) < limit


CONSTRAINTS: dict[str, Callable[[str], bool]] = {
    "int": _integer(32),
    "long": _integer(64),
    "bool": lambda text: text.lower() in {"true", "false"},
    "alpha": lambda text: re.fullmatch("[A-Za-z]*", text) is not None,
    "guid": lambda text: _GUID.fullmatch(text) is not None,
}
