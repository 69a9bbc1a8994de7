"""View documents in Redis."""
