"""The driver's errors as the projector's."""

from collections.abc import Generator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from shared.application.projections.ports import ViewStoreUnavailableError


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
