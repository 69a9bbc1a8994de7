"""docs/settings.md has every setting with its default, and no other."""

import inspect
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

import local.stack.settings
import readsvc.settings
import shared.settings

pytestmark = pytest.mark.architecture

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([^`]+)` \| (\S+|`[^`]+`) \|", re.MULTILINE)
HOST = "### Read by the Functions host"
CHAPTERS = {
    "## The functions and the `cinema` command": shared.settings,
    "## The read service": readsvc.settings,
    "## `make run`": local.stack.settings,
}


def rows(chapter: str) -> list[tuple[str, str]]:
    """The variables of a chapter with what stands beside them; the host's are a section of their own."""
    text = (ROOT / "docs" / "settings.md").read_text()
    until = r"\n#{2,3} " if chapter == HOST else r"\n## |\n" + re.escape(HOST)
    section = re.split(until, text.split(f"\n{chapter}\n")[1])[0]
    return [(name, value.strip("`")) for name, value in ROW.findall(section)]


def said(field: FieldInfo) -> str:
    """A default as the document writes it."""
    if field.is_required():
        return "required"
    value: object = field.default
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def defaults(module: ModuleType) -> dict[str, set[str]]:
    """Each variable of a module's settings, with every default that it has in one of them."""
    found: dict[str, set[str]] = {}
    for _, settings in inspect.getmembers(module, inspect.isclass):
        if issubclass(settings, BaseSettings) and settings.__module__ == module.__name__:
            for name, field in settings.model_fields.items():
                variable = str(field.validation_alias or name.upper())
                found.setdefault(variable, set()).add(said(field))
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_setting_is_told_once_with_its_default(chapter: str) -> None:
    known, told = defaults(CHAPTERS[chapter]), rows(chapter)
    assert sorted(name for name, _ in told) == sorted(known)
    assert {name: value for name, value in told if value not in known[name]} == {}


def test_what_the_host_reads_is_told_as_local_settings_have_it() -> None:
    source = "".join(path.read_text() for path in (ROOT / "functions").glob("*.py"))
    values = json.loads((ROOT / "local.settings.json").read_text())["Values"]
    assert dict(rows(HOST)) == {name: values[name] for name in set(re.findall(r'"%(\w+)%"', source))}
