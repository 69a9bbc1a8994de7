"""A folder that, on PYTHONPATH, makes every import of OpenTelemetry and of its exporters fail."""

from pathlib import Path

_SOURCE = '''"""Python imports this module at every start."""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry" or name.startswith("azure.monitor"):
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
'''


def without_opentelemetry(folder: Path) -> str:
    """The folder's path, for PYTHONPATH."""
    (folder / "sitecustomize.py").write_text(_SOURCE)
    return str(folder)
