"""What is shown of an address: where it leads, never who signs in."""

import pytest

from local.stack.places import place_of, secrets_in

pytestmark = pytest.mark.integration

EVENT_HUBS = (
    "Endpoint=sb://cinema.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=c2VjcmV0PQ==;"
)


@pytest.mark.parametrize(
    ("address", "place", "secrets"),
    [
        ("mongodb://127.0.0.1:27018", "127.0.0.1:27018", []),
        (
            "mongodb://me:pa%2Fss@one:27017,two:27017/?replicaSet=rs",
            "one:27017,two:27017",
            ["pa%2Fss", "pa/ss"],
        ),
        ("mongodb+srv://me:secret@cluster.example.com/cinema", "cluster.example.com/cinema", ["secret"]),
        ("rediss://:a/b@c@cache.example.com:6380/0", "cache.example.com:6380/0", ["a/b@c"]),
        ("postgresql://me:secret@db/cinema?sslmode=require", "db/cinema", ["secret"]),
        ("postgresql://postgres@/cinema?host=/run/postgresql", "/run/postgresql/cinema", []),
        ("postgresql://db/cinema?user=me&password=sec%3Dret", "db/cinema", ["sec=ret"]),
        ("sqlite:////srv/cinema.db", "/srv/cinema.db", []),
        ("redis://:pa?ss@cache", "an address that can't be read", ["pa?ss"]),
        ("redis://[::1]:6379/0", "[::1]:6379/0", []),
        (EVENT_HUBS, "cinema.servicebus.windows.net", ["c2VjcmV0PQ=="]),
        (
            "Endpoint=sb://localhost:5673;SharedAccessKey=k;UseDevelopmentEmulator=true;",
            "localhost:5673",
            ["k"],
        ),
    ],
)
def test_a_place_tells_no_secret(address: str, place: str, secrets: list[str]) -> None:
    assert place_of(address) == place
    assert set(secrets) <= set(secrets_in(address))
    assert not any(secret in place_of(address) for secret in secrets)
