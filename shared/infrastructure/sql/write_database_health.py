"""Whether the write database answers."""

import logging

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from shared.application.errors import MisconfiguredStoreError
from shared.application.outbox.errors import RowVersionsMissingError
from shared.infrastructure.sql.engine import for_reading
from shared.infrastructure.sql.row_versions import check_versions_read
from shared.infrastructure.sql.write_tables import movies

_log = logging.getLogger(__name__)


def write_database_answers(engine: Engine) -> bool:
    """Whether a table can be read: the server is there, and so is the schema.

    Raises:
        MisconfiguredStoreError: the database answers, but is not set up as the commands need it.
    """
    try:
        with for_reading(engine).connect() as connection:
            connection.execute(select(movies.c.MovieId).limit(1)).all()
            check_versions_read(connection)
    except SQLAlchemyError as error:
        _log.warning("write_database_unhealthy cause=%s", type(error).__name__)
        return False
    except RowVersionsMissingError as error:
        _log.warning("write_database_unhealthy cause=%s", error)
        raise MisconfiguredStoreError from error
    return True
