"""What is deployed as the Functions app: this repository without what `.funcignore` names."""

import shutil
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[2]


def ignored_names() -> list[str]:
    """The patterns of `.funcignore`. Those for paths, and exceptions, would need more than is done here."""
    lines = (ROOT / ".funcignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert not [pattern for pattern in patterns if "/" in pattern or pattern.startswith("!")]
    return patterns


def packaged(folder: Path) -> Path:
    """The package's files in a folder of their own. As in .gitignore, a name is left out wherever it stands."""
    patterns = ignored_names()

    def ignore(_folder: str, names: list[str]) -> set[str]:
        return {name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)}

    return Path(shutil.copytree(ROOT, folder / "package", ignore=ignore))
