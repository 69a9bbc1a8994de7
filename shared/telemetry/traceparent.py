"""The `traceparent` of W3C Trace Context: its grammar, and its parts."""

import re
from typing import NamedTuple

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED = 1


class TraceParent(NamedTuple):
    """A place in a trace, and what its maker has decided on: `flags` has the sampled bit."""

    trace_id: int
    span_id: int
    flags: int

    @property
    def sampled(self) -> bool:
        """Whether whoever made it records the trace, so that those who follow shall."""
        return bool(self.flags & _SAMPLED)

    def __str__(self) -> str:
        """The text of version 00."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.flags:02x}"


def parse_traceparent(text: object) -> TraceParent | None:
    """The parts of a traceparent; None for one that breaks the grammar, which is as good as none."""
    found = _TRACEPARENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    return TraceParent(trace_id, span_id, flags)
