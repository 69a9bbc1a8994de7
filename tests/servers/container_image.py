"""A container image for tests, made without a container engine: what a Dockerfile says is done in folders.

Each stage has a folder as its root. COPY copies what the ignore file leaves, and RUN runs the very command, in which
absolute paths are made to lie below that root. The one thing taken from this machine instead of from the base image is
the interpreter called `python`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from string import Template

_ABSOLUTE = re.compile(r"(?<![^\s=:\"'])/(?=\w)")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A word and what follows it, on one line."""

    name: str
    text: str


@dataclass(slots=True, kw_only=True)
class Image:
    """A stage: its root folder, and what its instructions have set."""

    root: Path
    base: str
    environment: dict[str, str]
    workdir: str = "/"
    user: str = ""
    entrypoint: list[str] = field(default_factory=list[str])
    health_check: list[str] = field(default_factory=list[str])

    def inside(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / path.lstrip("/")

    def command(self, words: list[str]) -> list[str]:
        """A command line as the image's user. That of root is replaced, since root may write anywhere."""
        uid, _, gid = self.user.partition(":")
        namespace = ("unshare", "--user", f"--map-user={uid}", f"--map-group={gid}")
        return [*(namespace if os.geteuid() == 0 else ()), *words]


def instructions(dockerfile: str) -> Iterator[Instruction]:
    """The instructions, with continued lines joined and without comments."""
    lines = [line for line in dockerfile.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, text = line.strip().partition(" ")
            yield Instruction(name, text.strip())


def build(
    dockerfile: Path,
    *,
    context: Path,
    folder: Path,
    run: bool = True,
    build_arguments: Mapping[str, str] | None = None,
) -> Image:
    """Build all stages and answer the last; without `run`, RUN is passed over, and so is copying what it makes."""
    stages: dict[str, Image] = {}
    sent = _Context(context, Path(f"{dockerfile}.dockerignore").read_text().splitlines())
    image: Image | None = None
    arguments: dict[str, str] = {}
    for instruction in instructions(dockerfile.read_text()):
        name, text = instruction.name, Template(instruction.text).safe_substitute(arguments)
        if name == "ARG":
            argument, _, default = text.partition("=")
            arguments[argument] = (build_arguments or {}).get(argument, default)
            continue
        if name == "FROM":
            base, _, stage = text.partition(" AS ")
            image = stages[stage] = _stage(folder / (stage or "last"), base=base)
            continue
        assert image is not None, "the first instruction is FROM"
        if name == "COPY" and text.startswith("--from="):
            _copy_from(text.removeprefix("--from="), image=image, stages=stages, made=run)
        elif name == "COPY":
            _copy(text.split(), image=image, context=sent)
        elif name != "RUN":
            _set(instruction, image=image)
        elif run:
            _run(text, image=image)
    assert image is not None
    return image


def _stage(root: Path, *, base: str) -> Image:
    interpreter = root / "usr" / "base" / "python"
    interpreter.parent.mkdir(parents=True)
    interpreter.write_text(f'#!/bin/sh\nexec {Path(sys.base_prefix) / "bin" / "python3"} "$@"\n')
    interpreter.chmod(0o755)
    return Image(root=root, base=base, environment={"PATH": f"{interpreter.parent}:{_SYSTEM_PATH}"})


def _set(instruction: Instruction, *, image: Image) -> None:
    text = instruction.text
    match instruction.name:
        case "ENV":
            for name, value in (pair.split("=", 1) for pair in text.split()):
                placed = _ABSOLUTE.sub(f"{image.root}/", value)
                image.environment[name] = placed.replace(f"${name}", image.environment.get(name, ""))
        case "WORKDIR":
            image.workdir = text
        case "USER":
            image.user = text
        case "ENTRYPOINT":
            image.entrypoint = json.loads(text)
        case "HEALTHCHECK":
            image.health_check = json.loads(text[text.index("[") :])
        case "EXPOSE" | "STOPSIGNAL":
            pass
        case unknown:
            raise AssertionError(f"{unknown} is not known here")


def _copy_from(text: str, *, image: Image, stages: dict[str, Image], made: bool) -> None:
    stage, source, target = text.split()
    if made or stages[stage].inside(source).exists():
        shutil.copytree(stages[stage].inside(source), image.inside(target), symlinks=True)


def _copy(words: list[str], *, image: Image, context: "_Context") -> None:
    *patterns, target = words
    for pattern in patterns:
        found = context.files(pattern)
        assert found, f"COPY finds no {pattern}"
        for source, relative in found:
            destination = image.inside(target)
            if relative.parts:
                destination /= relative
            elif target.endswith("/"):
                destination /= source.name
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, destination)


class _Context:
    """The files that a build is sent: those of a folder which its ignore file leaves."""

    def __init__(self, folder: Path, ignored: list[str]) -> None:
        self._folder = folder
        self._ignored = ignored

    def files(self, pattern: str) -> list[tuple[Path, Path]]:
        """The files that fit a COPY's source, and those of the folders that do, with their place below it."""
        return [
            (path, path.relative_to(found))
            for found in sorted(self._folder.glob(pattern))
            for path in ([found] if found.is_file() else sorted(found.rglob("*")))
            if path.is_file() and not self._is_ignored(path)
        ]

    def _is_ignored(self, path: Path) -> bool:
        """The last pattern that fits a path, or a folder that it is in, decides."""
        relative = PurePosixPath(path.relative_to(self._folder).as_posix())
        places = (relative, *relative.parents[:-1])
        ignored = False
        for pattern in self._ignored:
            if any(_fits(place, pattern.removeprefix("!")) for place in places):
                ignored = not pattern.startswith("!")
        return ignored


def _fits(place: PurePosixPath, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatchcase(place.name, pattern.removeprefix("**/"))
    parts = pattern.split("/")
    return len(parts) == len(place.parts) and all(map(fnmatchcase, place.parts, parts))


def _run(command: str, *, image: Image) -> None:
    """In this machine's environment, as a build has its proxies and certificates, but not this project's Python."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))
    }
    workdir = image.inside(image.workdir)
    workdir.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(
        ["/bin/sh", "-e", "-c", _ABSOLUTE.sub(f"{image.root}/", command)],
        cwd=workdir, env=own | image.environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, f"RUN {command}\n{ended.stdout}{ended.stderr}"
