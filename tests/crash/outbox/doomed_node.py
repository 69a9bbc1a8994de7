"""A functions node that dies at its n-th booking: `python -m … amid|before|after NUMBER start --port …`.

Amid the append, before the commit, or after it and before the answer.
"""

import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import Connection, Engine, event

from functions import reservations_http
from local.functions_host.__main__ import main

moment, number = sys.argv.pop(1), int(sys.argv.pop(1))
answer = reservations_http.reservation_answer
bookings = count(1)
books = False


def note_booking(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    global books  # noqa: PLW0603 the process is short-lived, and about to die
    books = books or statement.startswith('INSERT INTO "SeatClaims"')
    if moment == "amid" and 'INSERT INTO "OutboxMessages"' in statement:
        strike_at_a_booking()


def note_commit(_connection: Connection) -> None:
    if moment == "before":
        strike_at_a_booking()


def strike_at_a_booking() -> None:
    global books  # noqa: PLW0603 see above
    if books and next(bookings) == number:
        os.kill(os.getpid(), signal.SIGKILL)
    books = False


def strike_before_the_answer(*arguments: Any) -> object:
    if moment == "after":
        strike_at_a_booking()
    return answer(*arguments)


event.listen(Engine, "after_cursor_execute", note_booking)
event.listen(Engine, "commit", note_commit)
reservations_http.reservation_answer = strike_before_the_answer  # pyright: ignore[reportAttributeAccessIssue] the fault
main()
