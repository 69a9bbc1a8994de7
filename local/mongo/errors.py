"""What the server refuses, with MongoDB's own error codes."""

from typing import Any

BAD_VALUE = 2
CURSOR_NOT_FOUND = 43
COMMAND_NOT_FOUND = 59
IMMUTABLE_FIELD = 66
NOT_IMPLEMENTED = 238
DUPLICATE_KEY = 11000

_NAMES = {
    BAD_VALUE: "BadValue",
    CURSOR_NOT_FOUND: "CursorNotFound",
    COMMAND_NOT_FOUND: "CommandNotFound",
    IMMUTABLE_FIELD: "ImmutableField",
    NOT_IMPLEMENTED: "NotImplemented",
    DUPLICATE_KEY: "DuplicateKey",
}


class CommandError(Exception):
    """A command, or one of its statements, is refused."""

    def __init__(self, code: int, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details

    def as_reply(self) -> dict[str, Any]:
        """The answer to the command."""
        return {"ok": 0.0, "errmsg": str(self), "code": self.code, "codeName": _NAMES[self.code]}

    def as_write_error(self, index: int) -> dict[str, Any]:
        """The entry among a command's write errors."""
        return {"index": index, "code": self.code, "errmsg": str(self), **self.details}


def not_implemented(what: str) -> CommandError:
    """The refusal of something that MongoDB has and this stand-in has not."""
    return CommandError(NOT_IMPLEMENTED, f"the local MongoDB stand-in does not implement {what}")
