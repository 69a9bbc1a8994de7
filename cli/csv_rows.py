"""Rows as CSV (RFC 4180, UTF-8): a header of field names, days and times in ISO 8601, nothing where there is no value.

Spreadsheets run a text as a formula when it begins like one, and people choose titles. Such a text gets an apostrophe
in front; `unguarded` takes it off again. docs/reports.md tells readers of the files so.
"""

import csv
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""With the full-width forms, which spreadsheets of East Asia take for the same."""

_PASSED_OVER = "' \t\r\n"
"""What may stand before a formula: the guard itself, and what some programs trim."""


def csv_text(rows: Iterable[Row], *, of: type[Row]) -> str:
    """A header and a line for each row, each ended by CR LF."""
    names = [field.name for field in fields(of)]
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return text.getvalue()


def guarded(text: str) -> str:
    """A text that no spreadsheet runs."""
    return f"'{text}" if _looks_like_a_formula(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _looks_like_a_formula(text) else text


def _looks_like_a_formula(text: str) -> bool:
    return text.lstrip(_PASSED_OVER).startswith(_FORMULA)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) else str(value)
