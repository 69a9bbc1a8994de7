"""How people call the `cinema` command for this stack, and the file that tells it where the stack is."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from local.stack.settings import StackSettings

_ONLY_ITS_OWNER = 0o600
"""A database's URL may have a password in it."""


def settings_file(settings: StackSettings) -> Path:
    """Where the settings of this stack's functions hosts are written."""
    return settings.state_directory / "settings.json"


def write_settings_file(settings: StackSettings, values: Mapping[str, str]) -> None:
    """Write settings in the form of local.settings.json, for `cinema --settings`; a reader never meets half of it."""
    written = settings_file(settings).with_suffix(".new")
    written.unlink(missing_ok=True)
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_ITS_OWNER)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"IsEncrypted": False, "Values": dict(values)}, file, indent=2)
    written.replace(settings_file(settings))


def cinema_command(settings: StackSettings, *arguments: str) -> str:
    """A line to copy. The stack that local.settings.json describes is found without being named."""
    named = () if settings.is_ordinary else ("--settings", shown(settings_file(settings)))
    return shlex.join([shown(Path(sys.executable).with_name("cinema")), *named, *arguments])


def shown(path: Path) -> str:
    """A path as people read it: from this folder, if it is in it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
