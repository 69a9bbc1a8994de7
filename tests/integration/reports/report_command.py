"""Runs `cinema report …` in this process."""

import csv
from io import StringIO

from typer.testing import CliRunner, Result

from cli.__main__ import app


class ReportCommand:
    """A terminal whose settings name the test's reporting database."""

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["report", *arguments])

    def says(self, *arguments: str) -> str:
        """What a command prints that ends well."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refuses(self, *arguments: str) -> str:
        """What is said of a command line that is wrong; nothing is printed beside it."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return result.stderr

    def rows(self, *arguments: str) -> list[dict[str, str]]:
        """A report as somebody reads it who asked for CSV."""
        return list(csv.DictReader(StringIO(self.says(*arguments, "--csv", "-"))))
