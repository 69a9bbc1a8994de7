"""Generate from the protos the gRPC code, the gateway's descriptor set and the queries' part of the OpenAPI document.

Run it with `python -m readsvc.protos.generate`.

What it writes is committed, so that neither the container nor a clone needs a compiler; a test says when it is stale.
"""

import json
import logging
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.rpc import status_pb2
from grpc_tools import protoc

from readsvc.protos.openapi import queries

ROOT = Path(__file__).parents[2]
_PROTOS = ROOT / "readsvc" / "protos"
_SOURCE = "cinema/read/v1/cinema_query.proto"
_ERROR_DETAILS = "google/rpc/error_details.proto"
"""In no import of ours, but the gateway can turn a status with details into JSON only if it knows their types."""


class GenerationError(Exception):
    """The compiler refused the protos; it has said why on standard error."""


def generate(root: Path) -> list[Path]:
    """Write everything below a root folder, and answer the paths written, relative to it.

    Raises:
        GenerationError: the protos do not compile.
    """
    descriptors = Path("infra/envoy/cinema.pb")
    (root / descriptors.parent).mkdir(parents=True, exist_ok=True)
    package = Path("readsvc/generated")
    # The mapped prefix makes the generated modules import each other as members of this package.
    _compile(
        [f"-I{package}={_PROTOS}", f"--python_out={root}", f"--pyi_out={root}", f"--grpc_python_out={root}"],
        sources=[f"{package}/{_SOURCE}"],
    )
    _compile(
        [f"-I{_PROTOS}", "--include_imports", f"--descriptor_set_out={root / descriptors}"],
        sources=[_SOURCE, _ERROR_DETAILS],
    )
    stem = package / _SOURCE.removesuffix(".proto")
    code = [stem.with_name(f"{stem.name}{ending}") for ending in ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py")]
    return [*code, descriptors, _write_queries(root)]


def _write_queries(root: Path) -> Path:
    """The functions serve the OpenAPI document of both sides, and have neither protos nor a compiler."""
    written = Path("functions/contract/queries.json")
    with TemporaryDirectory() as folder:
        described = Path(folder) / "cinema.pb"
        _compile(
            [f"-I{_PROTOS}", "--include_source_info", f"--descriptor_set_out={described}"], sources=[_SOURCE]
        )
        [file] = FileDescriptorSet.FromString(described.read_bytes()).file
    (root / written).parent.mkdir(parents=True, exist_ok=True)
    (root / written).write_text(json.dumps(queries(file), indent=2) + "\n")
    return written


def _compile(options: Sequence[str], *, sources: Sequence[str]) -> None:
    google = Path(status_pb2.__file__).parents[2]
    well_known = files("grpc_tools") / "_proto"
    arguments = ["protoc", *options, f"-I{google}", f"-I{well_known}", *sources]
    if cast(Any, protoc).main(arguments) != 0:
        raise GenerationError(f"{', '.join(sources)} did not compile")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    for written in generate(ROOT):
        (ROOT / written).parent.mkdir(parents=True, exist_ok=True)
        logging.getLogger(__name__).info("%s", written)
