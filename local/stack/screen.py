"""What `make run` shows: one line for each thing that happened."""

from datetime import timedelta

from rich.console import Console
from rich.markup import escape

from local.stack.child import Child
from local.stack.cinema_command import cinema_command
from local.stack.demo import Journey
from local.stack.part import Part
from local.stack.settings import StackSettings


class Screen:
    """Prints to the terminal; without colours where there is no terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)

    def title(self, text: str) -> None:
        """A heading."""
        self._console.print(f"\n[bold]{escape(text)}[/bold]")

    def line(self, text: str) -> None:
        """A plain line."""
        self._console.print(f"  {escape(text)}")

    def error(self, text: str) -> None:
        """What went wrong, to stderr."""
        self._errors.print(f"\n[bold red]✗[/bold red] {escape(text)}")

    def ready(self, part: Part, *, seconds: float) -> None:
        """A part is ready."""
        where = f":{part.listener.port}" if part.listener else ""
        self._console.print(f"  [green]✓[/green] {part.name:<22}{where:<8}[dim]{seconds:5.1f} s[/dim]")

    def died(self, child: Child) -> None:
        """A part died and is about to be restarted."""
        self._console.print(f"  [red]✗[/red] {escape(child.obituary())}\n    restarting it")

    def restarted(self, child: Child) -> None:
        """A part is back."""
        self._console.print(f"  [green]✓[/green] {child.part.name} is back (pid {child.pid})")

    def journey(self, journey: Journey) -> None:
        """The way of one booking, in milliseconds since its request was sent."""
        for station, after in journey.stations():
            self.line(f"{_milliseconds(after):>7}  {station}")

    def invitation(self, settings: StackSettings, *, journey: Journey) -> None:
        """The URLs, and lines to try."""
        ports = settings.ports
        gateway = f"http://localhost:{ports.gateway}"
        self.title("Open")
        for address, purpose in (
            (f"{gateway}/", "the booking page: try it in two windows"),
            (f"{gateway}/ops", "the operators' page"),
            (f"{gateway}/api/showtimes", "the read side, through the gateway"),
            (f"{gateway}/api/docs", "the whole API"),
            (f"{gateway}/health", "whether a booking could be made and read"),
            (f"localhost:{ports.read_service}", "gRPC, with reflection"),
        ):
            self.line(f"{address:<40} {purpose}")
        self.title("Try")
        self.line(f"curl -s {gateway}/api/showtimes/{journey.showtime_id}")
        self.line(
            f"curl -s {gateway}/api/reservations -H 'content-type: application/json' -d "
            f'\'{{"showtimeId":"{journey.showtime_id}","customerId":"{journey.customer_id}",'
            f'"seats":[{{"row":"{journey.next_seat[0]}","number":{journey.next_seat[1]}}}]}}\''
        )
        self.line(f"curl -s {gateway}/api/reservations/{journey.reservation_id}")
        self.line(cinema_command(settings, "report", "showtimes"))


def _milliseconds(after: timedelta) -> str:
    return f"{after / timedelta(milliseconds=1):.0f} ms"
