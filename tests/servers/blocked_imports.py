"""A folder that, on PYTHONPATH, makes every import of some packages fail in a process, as if they were not installed."""

from pathlib import Path

TELEMETRY = ("opentelemetry", "azure.monitor")
"""OpenTelemetry and its exporters."""

_SOURCE = '''"""Python imports this module at every start."""
import sys

BLOCKED = {blocked!r}

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in BLOCKED):
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
'''


def without(*packages: str, folder: Path) -> str:
    """The folder's path, for PYTHONPATH."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(_SOURCE.format(blocked=packages))
    return str(folder)
