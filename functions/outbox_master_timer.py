"""The outbox master's timer functions: `outbox_master_1` to `outbox_master_<MASTER_COUNT>`.

Each timer function scales on its own, to one instance, so that several of them are how several masters run at once. A host that
starts runs them at once, not at the next tick: leases keep masters apart however often they are started.
"""

import logging
from typing import TYPE_CHECKING

import azure.functions as func

from shared.settings import TriggerSettings, load

if TYPE_CHECKING:
    from shared.bootstrap.master import KeptMaster

bp = func.Blueprint()

_log = logging.getLogger(__name__)

_masters: "dict[int, KeptMaster]" = {}


def sinks_reachable() -> dict[str, bool]:
    """Whether each sink could be reached when it was last tried; nothing in a process that runs no master."""
    reachable: dict[str, bool] = {}
    for master in _masters.values():
        for sink, is_reachable in master.sinks_reachable().items():
            reachable[sink] = is_reachable and reachable.get(sink, True)
    return reachable


def _register(number: int) -> None:
    @bp.function_name(f"outbox_master_{number}")
    @bp.timer_trigger(arg_name="timer", schedule="%MASTER_SCHEDULE%", run_on_startup=True)
    async def outbox_master(timer: func.TimerRequest) -> None:  # pyright: ignore[reportUnusedFunction] the blueprint has it
        """Carry committed events to every sink until the run's budget ends."""
        del timer
        for sink, tally in (await _kept(number).run()).items():
            _log.info(
                "outbox_run_ended master=%d sink=%s delivered=%d poisoned=%d outages=%d lost_leases=%d",
                number, sink, tally.delivered, tally.poisoned, tally.outages, tally.lost_leases,
            )  # fmt: skip


def _kept(number: int) -> "KeptMaster":
    from shared.bootstrap.master import KeptMaster  # noqa: PLC0415 # its drivers load only where it runs

    if number not in _masters:
        _masters[number] = KeptMaster()
    return _masters[number]


for _number in range(1, load(TriggerSettings).master_count + 1):
    _register(_number)
