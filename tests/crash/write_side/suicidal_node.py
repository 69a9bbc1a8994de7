"""A functions node that dies before its first answer to a booking: `python -m … MARKER start --port …`.

By then the booking is committed. The file MARKER remembers that the node has died, so that its successor lives.
"""

import os
import signal
import sys
from pathlib import Path

from functions import reservations_http
from local.functions_host.__main__ import main

marker = Path(sys.argv.pop(1))
answer = reservations_http.reservation_answer


def die_or_answer(*args: object) -> object:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer(*args)  # pyright: ignore[reportArgumentType] passed on as they came


reservations_http.reservation_answer = die_or_answer  # pyright: ignore[reportAttributeAccessIssue] the fault
main()
