"""One Valkey for each test module."""

from tests.servers.valkey import redis_url

__all__ = ["redis_url"]
