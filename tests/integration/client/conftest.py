"""One MongoDB stand-in, one Valkey and one read service for each test module."""

from tests.integration.readsvc.conftest import service, views
from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url", "service", "views"]
