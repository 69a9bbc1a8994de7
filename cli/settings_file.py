"""Settings from a file in the form of local.settings.json, for a command that is run beside the functions."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.settings import SettingsError

FUNCTIONS_FILE = Path("local.settings.json")
"""What `func` reads from the current folder, and this command too when it is told nothing else."""


class _SettingsFile(BaseModel):
    model_config = ConfigDict(extra="ignore")

    values: dict[str, str] = Field(alias="Values")


def apply_settings_file(path: Path | None) -> None:
    """Take over a file's values as environment variables; what the environment says already wins.

    Args:
        path: The file; without one, `local.settings.json` of the current folder if it is there.

    Raises:
        SettingsError: the file can't be read, or has no `Values`.
    """
    if path is None and not FUNCTIONS_FILE.exists():
        return
    chosen = path or FUNCTIONS_FILE
    try:
        settings = _SettingsFile.model_validate_json(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{chosen} can't be read: {error}") from error
    except ValidationError as error:
        raise SettingsError(f"{chosen} is no settings file: {_problems(error)}") from error
    for name, value in settings.values.items():
        if not os.environ.get(name):  # an empty variable is none, as for the settings themselves
            os.environ[name] = value


def _problems(error: ValidationError) -> str:
    """In one line, and without the values, which may be secret."""
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, problem["loc"])), problem["msg"])))
        for problem in error.errors(include_input=False, include_context=False, include_url=False)
    )
