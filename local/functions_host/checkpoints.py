"""Checkpoints and partition ownership in a folder, so that a restart goes on where it was.

In Azure both live in a storage account, and the ownership of a process that died ends by time. Here an owner holds a
lock on a file of its own for as long as it lives, so that the partitions of a dead one are free at once.
"""

import fcntl
import json
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from azure.eventhub.aio import CheckpointStore

Record = dict[str, Any]


class FileCheckpointStore(CheckpointStore):
    """One folder for each hub and consumer group. Several processes may use it at once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lives: dict[str, int] = {}

    async def list_ownership(
        self, fully_qualified_namespace: str, eventhub_name: str, consumer_group: str, **_: Any
    ) -> Iterable[Record]:
        """The ownerships of those who live."""
        del fully_qualified_namespace
        folder = self._folder(eventhub_name, consumer_group)
        with _locked(folder):
            return [record for record in _read_all(folder, "ownership") if self._lives_still(folder, record)]

    async def claim_ownership(self, ownership_list: Iterable[Record], **_: Any) -> Iterable[Record]:
        """Claim partitions; each claim counts only if nobody has changed the ownership since it was read."""
        claimed: list[Record] = []
        for wanted in ownership_list:
            folder = self._folder(wanted["eventhub_name"], wanted["consumer_group"])
            with _locked(folder):
                file = folder / f"ownership-{wanted['partition_id']}.json"
                present = _read(file)
                if present and present["etag"] != wanted.get("etag") and self._lives_still(folder, present):
                    continue
                self._live(folder, wanted["owner_id"])
                record = {**wanted, "etag": str(uuid4()), "last_modified_time": datetime.now(UTC).timestamp()}
                _write(file, record)
                claimed.append(record)
        return claimed

    async def update_checkpoint(self, checkpoint: Record, **_: Any) -> None:
        """Keep how far a partition has been read."""
        folder = self._folder(checkpoint["eventhub_name"], checkpoint["consumer_group"])
        _write(folder / f"checkpoint-{checkpoint['partition_id']}.json", checkpoint)

    async def list_checkpoints(
        self, fully_qualified_namespace: str, eventhub_name: str, consumer_group: str, **_: Any
    ) -> Iterable[Record]:
        """How far each partition has been read."""
        del fully_qualified_namespace
        return _read_all(self._folder(eventhub_name, consumer_group), "checkpoint")

    def _folder(self, hub: str, group: str) -> Path:
        folder = self._root / hub / group.lower().replace("$", "")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _live(self, folder: Path, owner: str) -> None:
        """Hold the lock that says that this owner lives, until the process ends."""
        if owner and owner not in self._lives:
            descriptor = os.open(folder / f"owner-{owner}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._lives[owner] = descriptor

    def _lives_still(self, folder: Path, record: Record) -> bool:
        owner: str = record["owner_id"]
        if owner in self._lives:
            return True
        file = folder / f"owner-{owner}.lock"
        try:
            descriptor = os.open(file, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            file.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Give up every ownership."""
        for descriptor in self._lives.values():
            os.close(descriptor)
        self._lives.clear()


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(file: Path, record: Record) -> None:
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(record))
    draft.replace(file)


def _read(file: Path) -> Record | None:
    try:
        return json.loads(file.read_text())
    except FileNotFoundError:
        return None


def _read_all(folder: Path, kind: str) -> list[Record]:
    return [record for file in sorted(folder.glob(f"{kind}-*.json")) if (record := _read(file)) is not None]
