"""An operator who is killed amid letting a held stream go: `python -m … redrive|discard HOLD`."""

import os
import signal
import sys

from sqlalchemy import Engine, event

from shared.infrastructure.sql.dead_letters import SqlDeadLetters
from shared.infrastructure.sql.engine import create_database_engine


def strike(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    """The change is made, and not yet committed."""
    if statement.startswith('UPDATE "OutboxHolds"'):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    event.listen(Engine, "after_cursor_execute", strike)
    engine = create_database_engine(os.environ["WRITE_DATABASE_URL"], lock_wait_seconds=20.0, pool_size=1)
    operator = SqlDeadLetters(engine)
    {"redrive": operator.redrive, "discard": operator.discard}[sys.argv[1]](int(sys.argv[2]))
