"""The servers that the projector writes to."""

from tests.contract.projections.view_database import view_database
from tests.servers.mongo import mongo_url
from tests.servers.valkey import redis_url

__all__ = ["mongo_url", "redis_url", "view_database"]
