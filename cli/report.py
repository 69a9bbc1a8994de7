"""`cinema report …`: the reports, as tables, as CSV, as pictures."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from cli import report_tables as tables
from cli.csv_rows import write_csv
from cli.errors import CommandError
from cli.report_output import Output
from shared.application.reporting.ports import Reports, ReportScope
from shared.application.reporting.rows import BookingHour, MovieDay, ShowtimeSales
from shared.bootstrap.reporting import open_reports
from shared.settings import ReportSettings, load

