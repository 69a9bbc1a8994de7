"""Whether the protos are well made, and still say what was published.

`python -m readsvc.protos.contract` checks both. `approved.json` is what clients may rely on, without comments, so that words
may be improved; with `--approve`, what was added since is written down there, if nothing else has changed.
"""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from google.api import annotations_pb2, field_behavior_pb2, http_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto
from google.protobuf.json_format import MessageToDict, Parse

from readsvc.protos.compiler import PROTOS, SOURCE, described

APPROVED = PROTOS / "approved.json"
OPTIONS = (annotations_pb2.http, field_behavior_pb2.field_behavior)
"""Options that are ours to use: those whose modules are imported have names in `approved.json`, others would be lost."""

_RULES = PROTOS / "buf.yaml"
_FOUND_SOMETHING = 100
"""The exit code with which buf says that it has looked, and found something."""


class BufError(Exception):
    """buf did not look. The message is what it says about that."""


def lint_problems(protos: FileDescriptorSet) -> list[str]:
    """What buf's rules say of the protos, a line each.

    Raises:
        BufError: it could not look.
    """
    with TemporaryDirectory() as folder:
        return _buf("lint", _written(protos, Path(folder) / "protos.binpb"))


def breaking_changes(protos: FileDescriptorSet, *, approved: FileDescriptorProto) -> list[str]:
    """What a client of the approved contract would notice, a line each.

    Raises:
        BufError: buf could not look.
    """
    imports = [file for file in protos.file if file.name != SOURCE]
    with TemporaryDirectory() as folder:
        new = _written(protos, Path(folder) / "new.binpb")
        old = _written(FileDescriptorSet(file=[*imports, approved]), Path(folder) / "approved.binpb")
        return [*_buf("breaking", new, "--against", old), *_moved_paths(ours(protos), approved=approved)]


def ours(protos: FileDescriptorSet) -> FileDescriptorProto:
    """The published file, without comments."""
    [file] = [file for file in protos.file if file.name == SOURCE]
    bare = FileDescriptorProto()
    bare.CopyFrom(file)
    bare.ClearField("source_code_info")
    return bare


def approved_text(file: FileDescriptorProto) -> str:
    """A contract as `approved.json` has it."""
    return json.dumps(MessageToDict(file), indent=1) + "\n"


def approved_contract(text: str) -> FileDescriptorProto:
    """The contract of an `approved.json`."""
    return Parse(text, FileDescriptorProto())


def _moved_paths(new: FileDescriptorProto, *, approved: FileDescriptorProto) -> Iterator[str]:
    """Apart from buf, which does not look at the gateway's paths, since they are options."""
    paths = {method.name: _paths(method) for service in new.service for method in service.method}
    for service in approved.service:
        for method in service.method:
            if lost := _paths(method) - paths.get(method.name, set()):
                yield f"{method.name} can no longer be had at {', '.join(sorted(lost))}."


def _paths(method: MethodDescriptorProto) -> set[str]:
    rule: http_pb2.HttpRule = method.options.Extensions[cast(Any, annotations_pb2.http)]
    found: set[str] = set()
    for binding in (rule, *rule.additional_bindings):
        if verb := binding.WhichOneof("pattern"):
            found.add(f"{verb.upper()} {getattr(binding, verb)}")
    return found


def _written(protos: FileDescriptorSet, path: Path) -> Path:
    path.write_bytes(protos.SerializeToString())
    return path


def _buf(command: str, image: Path, *options: object) -> list[str]:
    buf = Path(sys.executable).with_name("buf")
    words = [buf, command, image, *options, "--config", _RULES]
    ended = subprocess.run(  # noqa: S603 our own words
        [str(word) for word in words], capture_output=True, text=True, check=False
    )
    found = ended.stdout.splitlines()
    if ended.returncode != (_FOUND_SOMETHING if found else 0):
        raise BufError(ended.stderr)
    return found


def main(arguments: Sequence[str]) -> int:
    """0 if the protos are well made, break no client, and are approved as they are; else 1, with the reasons."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    log = logging.getLogger(__name__)
    protos = described()
    approved = approved_contract(APPROVED.read_text())
    problems = lint_problems(protos)
    problems += [f"a client would break: {line}" for line in breaking_changes(protos, approved=approved)]
    text = approved_text(ours(protos))
    if not problems and "--approve" in arguments:
        APPROVED.write_text(text)
    elif not problems and text != APPROVED.read_text():
        problems = ["something was added that is not approved yet: `make proto` approves it"]
    for problem in problems:
        log.error("%s", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
