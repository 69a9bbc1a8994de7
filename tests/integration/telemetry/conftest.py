"""Stores for the read service, one of each for a test module."""

from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url"]
