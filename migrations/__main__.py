"""`python -m migrations upgrade`: bring the write and the reporting database to the newest revision."""

import argparse
import logging
import sys

from sqlalchemy.exc import SQLAlchemyError

from migrations.upgrade import upgrade
from shared.infrastructure.sql.engine import UnsupportedDatabaseError
from shared.settings import MigrationSettings, SettingsError, load


def main() -> None:
    """Migrate both databases, or say what is wrong and exit with 1."""
    parser = argparse.ArgumentParser(prog="python -m migrations", description=__doc__)
    parser.add_argument("command", choices=["upgrade"])
    parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        settings = load(MigrationSettings)
        upgrade(write_url=settings.write_database_url, reporting_url=settings.reporting_database_url)
    except (SettingsError, UnsupportedDatabaseError, SQLAlchemyError, OSError) as error:
        sys.exit(f"migrations: {error}")


if __name__ == "__main__":
    main()
