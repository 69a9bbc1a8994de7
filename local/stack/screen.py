"""What `make run` shows: one line for each thing that happened, and about one screen of them until the stack runs."""

import time
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from local.stack.child import Child
from local.stack.cinema_command import cinema_command, shown
from local.stack.journey import Journey
from local.stack.part import Part
from local.stack.settings import StackSettings


class Screen:
    """Prints to the terminal; where there is no terminal, plain lines without control characters.

    What is said fits into 60 columns. Lines to copy may be longer, and are left to the terminal to wrap.
    """

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)
        self._is_blank = True

    def title(self, text: str) -> None:
        """A heading, after an empty line unless it is the first."""
        before = "" if self._is_blank else "\n"
        self._is_blank = False
        self._console.print(f"{before}[bold]{escape(text)}[/bold]")

    def line(self, text: str) -> None:
        """A plain line."""
        self._console.print(f"  {escape(text)}")

    def error(self, text: str) -> None:
        """What went wrong, to stderr."""
        self._errors.print(f"\n[bold red]✗[/bold red] {escape(text)}")

    def ready(self, part: Part, *, seconds: float) -> None:
        """A part is ready."""
        where = f":{part.listener.port}" if part.listener else ""
        self._console.print(f"  [green]✓[/green] {part.name:<19}{where:<8}[dim]{seconds:5.1f} s[/dim]")

    def yours(self, name: str, *, place: str) -> None:
        """A server of one's own answers, which stands in the place of a part."""
        self._console.print(f"  [green]✓[/green] {name:<19}yours, at {escape(place)}")

    def died(self, child: Child, *, reason: str) -> None:
        """A part is about to be restarted: two short lines, with the place of all that it had to say."""
        self._console.print(
            f"  {_now()} [red]✗[/red] {child.part.name} {reason}, is restarted\n"
            f"             log: {escape(shown(child.log))}"
        )

    def restarted(self, child: Child, *, seconds: float) -> None:
        """A part is back."""
        self._console.print(
            f"  {_now()} [green]✓[/green] {child.part.name} is back after {seconds:.1f} s (pid {child.pid})"
        )

    def journey(self, journey: Journey) -> None:
        """The way of one booking, in milliseconds since its request was sent."""
        for station, after in journey.stations():
            self.line(f"{_milliseconds(after):>7}  {station}")

    def invitation(self, settings: StackSettings, *, journey: Journey) -> None:
        """The URLs, and lines to try."""
        ports = settings.ports
        host = f"localhost:{ports.gateway}"
        self.title("Open")
        for address, purpose in (
            (f"http://{host}/", "book seats: try it in two windows"),
            (f"http://{host}/ops", "the operators' page"),
            (f"http://{host}/api/docs", "the whole API"),
            (f"http://{host}/health", "whether everything answers"),
            (f"localhost:{ports.read_service}", "gRPC, with reflection"),
        ):
            self.line(f"{address:<31} {purpose}")
        self.title("Try")
        row, number = journey.next_seat
        for line in (
            f"curl -s {host}/api/showtimes/{journey.showtime_id}",
            f"curl -s {host}/api/reservations -H content-type:application/json -d '",
            f'  {{"showtimeId":"{journey.showtime_id}",',
            f'   "customerId":"{journey.customer_id}",',
            f'   "seats":[{{"row":"{row}","number":{number}}}]}}\'',
            f"curl -s {host}/api/reservations/{journey.reservation_id}",
            cinema_command(settings, "report", "showtimes"),
        ):
            self.line(line)

    def running(self, *, logs: Path) -> None:
        """The last thing that is said while nothing happens."""
        self.title("Running. Ctrl-C stops it; the data stays (make reset drops it).")
        self.line(f"logs: {shown(logs)}")


def _milliseconds(after: timedelta) -> str:
    return f"{after / timedelta(milliseconds=1):.0f} ms"


def _now() -> str:
    return time.strftime("%H:%M:%S")
