"""Generate from the protos the gRPC code, the gateway's descriptor set and the queries' part of the OpenAPI document.

Run it with `python -m readsvc.protos.generate`.

What it writes is committed, so that neither the container nor a clone needs a compiler; a test says when it is stale.
"""

import json
import logging
import sys
from pathlib import Path

from readsvc.protos.compiler import PROTOS, SOURCE, GenerationError, compile_protos, described
from readsvc.protos.openapi import queries

ROOT = Path(__file__).parents[2]
PACKAGES = (Path("readsvc/generated"), Path("clients/python/src/cinema_client/generated"))
"""Where the same code goes: the service's, and the one that its clients install."""

_ERROR_DETAILS = "google/rpc/error_details.proto"
"""In no import of ours, but the gateway can turn a status with details into JSON only if it knows their types."""

_ENDINGS = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py")


def generate(root: Path) -> list[Path]:
    """Write everything below a root folder, and answer the paths written, relative to it.

    Raises:
        GenerationError: the protos do not compile.
    """
    descriptors = Path("infra/envoy/cinema.pb")
    (root / descriptors.parent).mkdir(parents=True, exist_ok=True)
    compile_protos(
        [f"-I{PROTOS}", "--include_imports", f"--descriptor_set_out={root / descriptors}"],
        sources=[SOURCE, _ERROR_DETAILS],
    )
    code = [path for package in PACKAGES for path in _write_code(root, package=package)]
    return [*code, descriptors, _write_queries(root)]


def _write_code(root: Path, *, package: Path) -> list[Path]:
    folder = root / package
    folder.mkdir(parents=True, exist_ok=True)
    compile_protos(
        [f"-I{PROTOS}", f"--python_out={folder}", f"--pyi_out={folder}", f"--grpc_python_out={folder}"],
        sources=[SOURCE],
    )
    stem = Path(SOURCE).with_suffix("")
    _make_relative(folder / f"{stem}_pb2_grpc.py", package=".".join(stem.parent.parts))
    return [package / f"{stem}{ending}" for ending in _ENDINGS]


def _make_relative(stub: Path, *, package: str) -> None:
    """The compiler thinks that the proto's package is on the path; here it is within another."""
    code = stub.read_text()
    relative = code.replace(f"\nfrom {package} import ", "\nfrom . import ")
    if relative == code:
        raise GenerationError(f"{stub.name} does not import its messages as expected")
    stub.write_text(relative)


def _write_queries(root: Path) -> Path:
    """The functions serve the OpenAPI document of both sides, and have neither protos nor a compiler."""
    written = Path("functions/contract/queries.json")
    [file] = [file for file in described().file if file.name == SOURCE]
    (root / written).parent.mkdir(parents=True, exist_ok=True)
    (root / written).write_text(json.dumps(queries(file), indent=2) + "\n")
    return written


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    for written in generate(ROOT):
        (ROOT / written).parent.mkdir(parents=True, exist_ok=True)
        logging.getLogger(__name__).info("%s", written)
