"""A throw-away Apache Kafka for the tests of the `full` tier: one broker in KRaft mode, on Java.

Maven brings its jars once, to `.local/`. Where there is no Java or no Maven, or no repository to reach, the tests are
skipped and say so.
"""

import ctypes
import shutil
import signal
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.servers.process import free_port

VERSION = "3.9.1"

_JARS = Path(__file__).parents[2] / ".local" / f"kafka-{VERSION}"
_START_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1

_POM = f"""
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>cinema.tests</groupId> <artifactId>kafka</artifactId> <version>1</version> <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId> <artifactId>kafka_2.13</artifactId> <version>{VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""

_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=200
"""


class KafkaBroker:
    """A running broker; leaving the context kills it."""

    def __init__(self, home: Path) -> None:
        self._classpath = f"{_jars()}/*"
        self._home = home
        self._port = free_port()
        self._properties = home / "server.properties"
        text = _PROPERTIES.format(port=self._port, controller=free_port(), data=home / "data")
        self._properties.write_text(text)
        self._run("kafka.tools.StorageTool", "format", "-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c")
        self._process = self._started()

    @property
    def servers(self) -> str:
        """For `bootstrap.servers`."""
        return f"127.0.0.1:{self._port}"

    def create_topic(self, name: str, *, partitions: int, config: dict[str, str] | None = None) -> None:
        topic = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config or {})
        client: Any = AdminClient({"bootstrap.servers": self.servers})
        client.create_topics([topic])[name].result(timeout=_START_SECONDS)

    def start(self) -> None:
        self._process = self._started()

    def stop(self) -> None:
        """By kill -9."""
        self._process.kill()
        self._process.wait(timeout=10)

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, program: str, *arguments: str) -> None:
        command = ["java", "-cp", self._classpath, program, *arguments, self._properties]
        subprocess.run(command, check=True, capture_output=True, timeout=_START_SECONDS)

    def _started(self) -> subprocess.Popen[bytes]:
        command = ["java", "-Xmx384m", "-XX:+UseSerialGC", "-cp", self._classpath, "kafka.Kafka"]
        with (self._home / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command, self._properties], stdout=log, stderr=log, preexec_fn=_die_with_parent  # noqa: PLW1509 it makes one system call
            )  # fmt: skip
        client = AdminClient({"bootstrap.servers": self.servers, "log_level": 0})
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.list_topics(timeout=1.0)
            except KafkaException:
                continue
            return process
        pytest.fail(f"Kafka did not start: {(self._home / 'log').read_text()}")


@cache
def _jars() -> Path:
    """The folder of the broker's jars; a marker says that all of them are there."""
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"Kafka can't be had: there is no {' and no '.join(missing)} here")
    complete = _JARS / "complete"
    if not complete.exists():
        _JARS.mkdir(parents=True, exist_ok=True)
        (_JARS / "pom.xml").write_text(_POM)
        copy = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={_JARS}"]
        try:
            subprocess.run(copy, cwd=_JARS, check=True, capture_output=True, text=True, timeout=300)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            pytest.skip(f"Kafka can't be had: Maven brought no jars: {str(error.stdout)[:200]}")
        complete.touch()
    return _JARS


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
