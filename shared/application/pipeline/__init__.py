"""How far events have come behind the outbox: projected, or missing, or parked, and how often the cache has the answer."""
