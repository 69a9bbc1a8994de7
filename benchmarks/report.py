"""What a benchmark has measured, and on which machine."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def write(name: str, report: Mapping[str, Any]) -> None:
    """Keep a report of this machine, as `results/<name>.json`."""
    text = json.dumps({"machine": machine(), **report}, indent=2)
    (_RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
