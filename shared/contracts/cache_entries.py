r"""Cache entries: their keys, their text, and the scripts that write them without overwriting anything newer.

An entry's value is `<rev>\n<document JSON>`; a negative entry ("there is no such document") is `0\n`. Writers are two:
the projector, which writes what it has just written to MongoDB if its rev is higher than the cached one, and a reader
that missed, which may fill only while it holds the lease it took *before* it read MongoDB and nothing was written since.
The projector's write deletes the lease, so that a slow reader can't put an old document back after an eviction or a flush.

Source of the lease: R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, §3.2.1.
"""

from typing import NamedTuple

TTL_SECONDS = 60
"""The longest that a write lost between MongoDB and the cache can stay unseen. Writers subtract a jitter."""

TTL_JITTER_SECONDS = 15
NEGATIVE_TTL_SECONDS = 5
LEASE_MILLISECONDS = 3_000


def entry_key(view: str, document_id: str, *, generation: int) -> str:
    """The key of a document's entry. The braces keep it and its lease in one cluster slot."""
    return f"cinema:{generation}:{view}:{{{document_id}}}"


def lease_key(key: str) -> str:
    """The key of the fill lease that belongs to an entry."""
    return f"{key}:lease"


def channel(view: str, document_id: str, *, generation: int) -> str:
    """The pub/sub channel that hints at a change of a document. The message is its new rev."""
    return f"{entry_key(view, document_id, generation=generation)}:changed"


class CacheEntry(NamedTuple):
    """A decoded entry. `document` is None when the entry says that there is no such document."""

    rev: int
    document: bytes | None


def encode_entry(*, rev: int, document: bytes) -> bytes:
    """The text of an entry; `document` is the view document's JSON."""
    return b"%d\n%s" % (rev, document)


NEGATIVE_ENTRY = b"0\n"


def decode_entry(value: bytes) -> CacheEntry:
    """Read an entry.

    Raises:
        ValueError: the value was not written by `encode_entry`.
    """
    rev, separator, document = value.partition(b"\n")
    if not separator:
        raise ValueError("a cache entry must start with its rev and a newline")
    return CacheEntry(rev=int(rev), document=document or None)


PROJECT_SCRIPT = """
-- KEYS: entry, lease. ARGV: rev, value, ttl in ms, channel. Answers 1 if written.
local current = redis.call('GET', KEYS[1])
redis.call('DEL', KEYS[2])
if current then
  local rev = tonumber(string.match(current, '^(%d+)\\n'))
  if rev and rev > tonumber(ARGV[1]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 1
"""
"""The projector's write: newer wins, the fill lease dies, watchers are told."""

FILL_SCRIPT = """
-- KEYS: entry, lease. ARGV: lease token, value, ttl in ms. Answers 1 if written.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
"""A reader's fill: counts only under its own lease, and only into an absent entry."""

HITS_KEY = "cinema:read:hits"
MISSES_KEY = "cinema:read:misses"
"""Counters that the read service keeps, from which operations derive the hit rate."""
