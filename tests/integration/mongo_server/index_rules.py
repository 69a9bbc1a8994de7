"""Whether an index serves a query as MongoDB would use it: equality, then sort, then range.

For the queries that this product has: conditions on plain fields, and a `$or` that only narrows what stands beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

IndexKey = Sequence[tuple[str, int]]


def serves(index: IndexKey, *, query: Mapping[str, Any], sort: IndexKey = ()) -> bool:
    """Whether the index finds what the query wants without reading the whole collection, and in the order of the sort."""
    equal = {field for field, condition in query.items() if _is_equality(field, condition)}
    ranged = {field for field, condition in query.items() if _is_range(field, condition)}
    behind = list(index)
    while behind and behind[0][0] in equal:
        behind.pop(0)
    narrowed = len(behind) < len(index) or index[0][0] in ranged
    wanted = [(field, direction) for field, direction in sort if field not in equal]
    return narrowed and _in_this_order(behind[: len(wanted)], wanted)


def _in_this_order(keys: IndexKey, wanted: IndexKey) -> bool:
    """As they are, or all of them the other way round: an index is walked in both directions."""
    forwards, backwards = list(wanted), [(field, -direction) for field, direction in wanted]
    return list(keys) in (forwards, backwards)


def _is_equality(field: str, condition: Any) -> bool:
    return not field.startswith("$") and not _operators(condition)


def _is_range(field: str, condition: Any) -> bool:
    """`$in` is one too: its values are points, but those of several come in no order that a sort could use."""
    return not field.startswith("$") and bool(_operators(condition) & {"$gt", "$gte", "$lt", "$lte", "$in"})


def _operators(condition: Any) -> set[str]:
    if not isinstance(condition, Mapping):
        return set()
    return {name for name in cast(Mapping[str, Any], condition) if name.startswith("$")}
