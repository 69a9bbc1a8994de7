"""The protobuf compiler of grpcio-tools, with the protos of ours, of google.api and of google.rpc on its path."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.rpc import status_pb2
from grpc_tools import protoc

PROTOS = Path(__file__).parent
SOURCE = "cinema/read/v1/cinema_query.proto"


class GenerationError(Exception):
    """The compiler refused the protos; it has said why on standard error."""


def compile_protos(options: Sequence[str], *, sources: Sequence[str]) -> None:
    """Run the compiler.

    Raises:
        GenerationError: the sources do not compile.
    """
    google = Path(status_pb2.__file__).parents[2]
    well_known = files("grpc_tools") / "_proto"
    arguments = ["protoc", *options, f"-I{google}", f"-I{well_known}", *sources]
    if cast(Any, protoc).main(arguments) != 0:
        raise GenerationError(f"{', '.join(sources)} did not compile")


def described(protos: Path = PROTOS) -> FileDescriptorSet:
    """The contract and all that it imports, with comments and places in the source.

    Raises:
        GenerationError: it does not compile.
    """
    with TemporaryDirectory() as folder:
        written = Path(folder) / "described.binpb"
        options = ("--include_imports", "--include_source_info", f"--descriptor_set_out={written}")
        compile_protos([f"-I{protos}", *options], sources=[SOURCE])
        return FileDescriptorSet.FromString(written.read_bytes())
