"""`make bench`: bookings a second through the host, beside the bare insert of the same rows through the same host.

Both nodes run at once and are measured in turn, round by round, so that the machine's moods hit both. All bookings are of
one showtime, the worst case: they queue for its stream. Figures go to benchmarks/results/write_side.json.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count, islice
from pathlib import Path
from statistics import median
from uuid import uuid4

import httpx

from benchmarks.report import write
from local.stack.function_names import PROJECTOR_FUNCTIONS, TIMER_FUNCTIONS
from migrations.upgrade import upgrade_branch
from tests.servers.postgres import throw_away_database
from tests.servers.process import free_port, module, wait_until_listening

ROOT = Path(__file__).parents[2]
CLIENTS, ROUNDS, BOOKINGS = (1, 8, 32), 5, 200
ROWS, SEATS = [chr(ord("A") + number) for number in range(26)], 200


class Node:
    """A functions host with bookings to make."""

    def __init__(self, url: str, *, showtime_id: str) -> None:
        limits = httpx.Limits(max_connections=max(CLIENTS), max_keepalive_connections=max(CLIENTS))
        self._client = httpx.Client(base_url=url, trust_env=False, timeout=60, limits=limits)
        self._bookings = self._all_bookings(showtime_id)

    @staticmethod
    def _all_bookings(showtime_id: str) -> Iterator[dict[str, object]]:
        for place in count():
            row, number = ROWS[place // SEATS], place % SEATS + 1
            seats = [{"row": row, "number": number}]
            yield {"showtimeId": showtime_id, "customerId": str(uuid4()), "seats": seats}

    def per_second(self, *, clients: int) -> float:
        """How many bookings a second so many clients get through."""
        wanted = list(islice(self._bookings, BOOKINGS))
        with ThreadPoolExecutor(clients) as pool:
            begun = time.perf_counter()
            statuses = set(pool.map(self._book, wanted))
            seconds = time.perf_counter() - begun
        assert statuses == {201}, statuses
        return BOOKINGS / seconds

    def _book(self, wanted: dict[str, object]) -> int:
        return self._client.post("/api/reservations", json=wanted).status_code


@contextmanager
def host(root: Path, *, database: str, environment: Mapping[str, str] | None = None) -> Generator[str]:
    """A functions host over a database; its URL."""
    port = free_port()
    settings = {"WRITE_DATABASE_URL": database, "PYTHONPATH": str(ROOT)}
    disabled = {f"AzureWebJobs.{name}.Disabled": "true" for name in TIMER_FUNCTIONS + PROJECTOR_FUNCTIONS}
    arguments = ("start", "--port", port, "--script-root", root, "--state", tempfile.mkdtemp())
    process = subprocess.Popen(
        module("local.functions_host", *arguments),
        cwd=ROOT,
        env={**os.environ, **settings, **disabled, **(environment or {})},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_listening(port, process=process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def open_showtime(url: str) -> str:
    """A showtime with more seats than are booked."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        client.put("/api/movies/tt1375666", json={"title": "Inception", "runtimeMinutes": 148})
        rows = [{"row": row, "seats": SEATS} for row in ROWS]
        client.put("/api/auditoriums/arena", json={"name": "Arena", "rows": rows})
        command = {"movieId": "tt1375666", "auditoriumId": "arena", "screeningTime": "2999-01-01T20:00:00Z"}
        return client.post("/api/showtimes", json=command).json()["showtimeId"]


def measure(product_database: str, bare_database: str) -> dict[str, dict[str, float]]:
    """Bookings a second and their ratio, for each number of clients; medians over the rounds."""
    for database in (product_database, bare_database):
        upgrade_branch("write", url=database)
    with ExitStack() as stack:
        product_url = stack.enter_context(host(ROOT, database=product_database))
        product = Node(product_url, showtime_id=open_showtime(product_url))
        with host(ROOT, database=bare_database) as url:
            showtime_id = open_showtime(url)
        bare_url = stack.enter_context(host(ROOT / "benchmarks/write_side/bare_node", database=bare_database))
        bare = Node(bare_url, showtime_id=showtime_id)
        for node in (product, bare):
            node.per_second(clients=8)
        return {str(clients): _in_turn(product, bare, clients=clients) for clients in CLIENTS}


def _in_turn(product: Node, bare: Node, *, clients: int) -> dict[str, float]:
    rounds = [(product.per_second(clients=clients), bare.per_second(clients=clients)) for _ in range(ROUNDS)]
    return {
        "commands_per_second": round(median(ours for ours, _ in rounds), 1),
        "bare_inserts_per_second": round(median(theirs for _, theirs in rounds), 1),
        "ratio": round(median(ours / theirs for ours, theirs in rounds), 3),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {
            "sqlite": measure(f"sqlite:///{folder}/product.db", f"sqlite:///{folder}/bare.db"),
        }
    with throw_away_database() as one, throw_away_database() as other:
        figures["postgresql"] = measure(one, other)
    write("write_side", {"bookings_a_round": BOOKINGS, "rounds": ROUNDS, "one_hot_showtime": figures})
    for database, by_clients in figures.items():
        for clients, found in by_clients.items():
            print(f"{database:<12} {clients:>3} clients  {found}")


if __name__ == "__main__":
    main()
