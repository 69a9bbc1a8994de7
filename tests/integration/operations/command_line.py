"""Runs `cinema …` in this process, on a database of the test's, at eighty columns."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.__main__ import app
from shared.bootstrap.operations import operations


@dataclass(frozen=True)
class CommandLine:
    """A terminal whose settings name one database."""

    runner: CliRunner

    @classmethod
    def on(cls, url: str, *, folder: Path, monkeypatch: pytest.MonkeyPatch) -> "CommandLine":
        """In a folder without settings files."""
        monkeypatch.chdir(folder)
        monkeypatch.setenv("WRITE_DATABASE_URL", url)
        monkeypatch.setenv("COLUMNS", "80")
        operations.cache_clear()
        return cls(CliRunner())

    def run(self, *arguments: str, typed: str = "") -> Result:
        return self.runner.invoke(app, arguments, input=typed)

    def says(self, *arguments: str, typed: str = "") -> str:
        """What a command prints that ends well."""
        result = self.run(*arguments, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout
