"""`make bench`: what it costs to tell everything to a collector that throws it away, beside telling nothing.

Commands go to two nodes in turn, round by round; outboxes are drained in turn; projections too. Every trace is recorded,
which is the dearest setting. Figures go to benchmarks/results/telemetry.json.
"""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from statistics import median

from benchmarks.drain.rounds import product
from benchmarks.report import write
from benchmarks.telemetry.projections import measure as measure_projections
from benchmarks.telemetry.traced_outbox import traced_outbox
from benchmarks.write_side.__main__ import ROOT, Node, host, open_showtime
from migrations.upgrade import upgrade_branch
from tests.servers.process import free_port, module, running

CLIENTS, ROUNDS = (1, 8), 5
PENDING, DRAIN_ROUNDS = 10_000, 3

Environment = Mapping[str, str]


@contextmanager
def collector() -> Generator[Environment]:
    """The settings of who tells everything."""
    port = free_port()
    with running(*module("benchmarks.telemetry.discarding_receiver", port), port=port):
        yield {
            "TELEMETRY_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_BSP_MAX_QUEUE_SIZE": "50000",
            "OTEL_METRIC_EXPORT_INTERVAL": "5000",
        }


def commands(told: Environment) -> dict[str, dict[str, float]]:
    """Bookings a second by a node that tells, and by one that does not."""
    with tempfile.TemporaryDirectory() as folder:
        databases = [f"sqlite:///{folder}/{name}.db" for name in ("told", "untold")]
        for database in databases:
            upgrade_branch("write", url=database)
        with (
            host(ROOT, database=databases[0], environment=told) as telling,
            host(ROOT, database=databases[1]) as silent,
        ):
            nodes = [Node(url, showtime_id=open_showtime(url)) for url in (telling, silent)]
            for node in nodes:
                node.per_second(clients=8)
            return {str(clients): _commands_in_turn(nodes, clients=clients) for clients in CLIENTS}


def _commands_in_turn(nodes: list[Node], *, clients: int) -> dict[str, float]:
    rounds = [[node.per_second(clients=clients) for node in nodes] for _ in range(ROUNDS)]
    return {
        "told_per_second": round(median(told for told, _ in rounds), 1),
        "untold_per_second": round(median(untold for _, untold in rounds), 1),
        "ratio": round(median(told / untold for told, untold in rounds), 3),
    }


def drains(told: Environment) -> dict[str, float]:
    """Events a second by a master that tells, and by one that does not, and the processor's time for each."""
    with traced_outbox(pending=PENDING) as filled:
        rounds = [(product(filled, environment=told), product(filled)) for _ in range(DRAIN_ROUNDS)]
    return {
        "told_per_second": round(median(one.per_second for one, _ in rounds)),
        "untold_per_second": round(median(one.per_second for _, one in rounds)),
        "ratio": round(median(one.per_second / other.per_second for one, other in rounds), 3),
        "told_cpu_us_per_event": round(median(one.cpu_us_per_event for one, _ in rounds)),
        "untold_cpu_us_per_event": round(median(one.cpu_us_per_event for _, one in rounds)),
    }


def main() -> None:
    with collector() as told:
        figures = {
            "commands_by_clients": commands(told),
            "drain": drains(told),
            "projector": measure_projections(told),
        }
    write("telemetry", {"rounds": ROUNDS, "drained_events": PENDING, **figures})
    for name, found in figures.items():
        print(f"{name:<20} {found}")


if __name__ == "__main__":
    main()
