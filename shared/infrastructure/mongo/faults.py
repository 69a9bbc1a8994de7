"""The driver's errors as the projector's."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from pymongo.errors import BulkWriteError, PyMongoError

from shared.application.projections.ports import ViewStoreUnavailableError

_DUPLICATE_KEY = 11000


@contextmanager
def faults_translated() -> Generator[None]:
    """Any error of the driver means that the store can't be used just now.

    Raises:
        ViewStoreUnavailableError: in place of the driver's error.
    """
    try:
        yield
    except PyMongoError as error:
        raise ViewStoreUnavailableError(f"{type(error).__name__}: {error}") from error


def require_duplicates_only(error: BulkWriteError) -> None:
    """A duplicate key is a lost race; anything else is a fault.

    Raises:
        BulkWriteError: the same, if it is a fault.
    """
    write_errors: list[dict[str, Any]] = error.details.get("writeErrors", [])
    others = [fault for fault in write_errors if fault["code"] != _DUPLICATE_KEY]
    if others or error.details.get("writeConcernErrors"):
        raise error
