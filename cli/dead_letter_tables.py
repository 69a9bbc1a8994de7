"""Dead letters as tables that can be read at eighty columns."""

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cli.wording import moment, shortened
from shared.application.outbox.dead_letters import Discard, Hold, HoldState


def table_of_holds(holds: Iterable[Hold]) -> Table:
    """What is held, for whom, and how much waits."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Id", justify="right")
    table.add_column("Sink", no_wrap=True)
    table.add_column("Waiting", justify="right")
    table.add_column("What is held, and why", overflow="fold")
    for hold in holds:
        table.add_row(str(hold.id), hold.sink, f"{hold.waiting:,}", described(hold), end_section=True)
    return table


def table_of_gaps(gaps: Iterable[Discard]) -> Table:
    """What was left out, for whom."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("Sink", no_wrap=True)
    table.add_column("What was left out, and why", overflow="fold")
    for gap in gaps:
        what = Text.assemble(
            (f"{gap.stream_id} #{gap.sequence}\n", "bold"),
            f"event {gap.event_id}\ndiscarded {moment(gap.discarded_at)}\n",
            (shortened(gap.reason), "red"),
        )
        table.add_row(gap.sink, what, end_section=True)
    return table


def described(hold: Hold) -> Text:
    """One dead letter, on a line for each of its sides."""
    state = "held" if hold.state is HoldState.HELD else "resumed, held"
    return Text.assemble(
        (f"{hold.stream_id} #{hold.sequence}\n", "bold"),
        f"{hold.type}\nevent {hold.event_id}\n",
        f"{state} since {moment(hold.held_at)}\n",
        (shortened(hold.reason), "red"),
    )
