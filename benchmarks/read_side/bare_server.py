"""The bare side: handlers that do one GET, two, or one find_one, and return the bytes of an answer that was made before.

python -m benchmarks.read_side.bare_server PORT REDIS_URL MONGO_URL
"""

import asyncio
import sys
from typing import Any, cast

import grpc
from pymongo import AsyncMongoClient
from redis.asyncio import Redis

from benchmarks.read_side.cinema import ANSWER_FIELD, DATABASE, bare_key
from shared.contracts.documents import FIRST_GENERATION, ShowtimeDocument, collection_name


async def serve(port: int, *, redis_url: str, mongo_url: str) -> None:
    redis: Any = cast(Any, Redis).from_url(redis_url)
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo_url)
    showtimes = mongo[DATABASE][collection_name(ShowtimeDocument.view, generation=FIRST_GENERATION)]

    async def get(showtime_id: bytes, _: object) -> bytes:
        return await redis.get(bare_key(showtime_id.decode()))

    async def get_two(showtime_id: bytes, _: object) -> bytes:
        await redis.get(bare_key(showtime_id.decode()))
        return await redis.get(bare_key(showtime_id.decode()))

    async def find(showtime_id: bytes, _: object) -> bytes:
        document = await showtimes.find_one({"_id": showtime_id.decode()})
        assert document
        return document[ANSWER_FIELD]

    server = grpc.aio.server()
    as_handler: Any = grpc.unary_unary_rpc_method_handler
    handlers = {"Get": as_handler(get), "GetTwo": as_handler(get_two), "Find": as_handler(find)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Bare", handlers),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), redis_url=sys.argv[2], mongo_url=sys.argv[3]))
