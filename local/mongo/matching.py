"""Filters and sorts: checked against what the product may use, then left to mongomock."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from mongomock import filtering

from local.mongo.errors import CommandError, not_implemented

_COMPARISONS = frozenset({"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$exists"})
_CONNECTIVES = frozenset({"$and", "$or"})
_BAD_VALUE = 2

Document = Mapping[str, Any]

# mongomock has no types.
_untyped = cast(Any, filtering)
_filter_applies: Callable[[Document, Document], bool] = _untyped.filter_applies
_sort_key: Callable[[str, Document], Any] = _untyped.resolve_sort_key


def check_filter(query: Document) -> None:
    """Check that a filter uses implemented operators only.

    Raises:
        CommandError: it does not.
    """
    for key, condition in query.items():
        if key in _CONNECTIVES:
            for part in condition:
                check_filter(part)
        elif key.startswith("$"):
            raise not_implemented(f"the operator {key}")
        elif isinstance(condition, Mapping):
            _check_comparisons(cast(Document, condition))


def _check_comparisons(condition: Document) -> None:
    operators = [key for key in condition if key.startswith("$")]
    if operators and len(operators) != len(condition):
        raise CommandError(_BAD_VALUE, "a condition mixes operators and fields")
    for operator in operators:
        if operator not in _COMPARISONS:
            raise not_implemented(f"the operator {operator}")


def matches(query: Document, document: Document) -> bool:
    """Whether a document meets a checked filter."""
    return _filter_applies(query, document)


def in_order(documents: Iterable[Document], *, sort: Mapping[str, int]) -> list[Any]:
    """Documents by a sort specification, its first field the most significant."""
    ordered = list(documents)
    for field, direction in reversed(list(sort.items())):
        if direction not in {1, -1}:
            raise not_implemented(f"the sort {field}: {direction}")
        ordered.sort(key=lambda document, by=field: _sort_key(by, document), reverse=direction == -1)
    return ordered
