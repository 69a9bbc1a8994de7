"""Text that people read: titles, names, notes."""

import unicodedata

from shared.domain.errors import InvalidValueError

_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode categories: control characters, lone surrogates, line and paragraph separators."""

_VISIBLE = frozenset("LNPS")
"""First letters of the Unicode categories that leave ink: letters, numbers, punctuation, symbols."""


def readable_text(value: str, *, field: str, longest: int) -> str:
    """The text without the space around it.

    Raises:
        InvalidValueError: there is nothing to read, a control character, or more than `longest` characters.
    """
    text = value.strip()
    categories = [unicodedata.category(character) for character in text]
    if not any(category[0] in _VISIBLE for category in categories):
        raise InvalidValueError(field, "must not be blank")
    if len(text) > longest:
        raise InvalidValueError(field, f"must have at most {longest} characters")
    if not _UNPRINTABLE.isdisjoint(categories):
        raise InvalidValueError(field, "must not have control characters")
    return text
