"""What is generated from the protos is committed, and not stale."""

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from readsvc.protos.generate import ROOT, generate

pytestmark = pytest.mark.unit


def test_generated_files_are_those_of_the_protos(tmp_path: Path) -> None:
    stale = [
        path.as_posix()
        for path in generate(tmp_path)
        if (ROOT / path).read_bytes() != (tmp_path / path).read_bytes()
    ]
    assert stale == [], "run `make proto`"


def test_the_gateway_can_name_the_details_of_errors() -> None:
    descriptors = descriptor_pb2.FileDescriptorSet.FromString((ROOT / "infra/envoy/cinema.pb").read_bytes())
    assert "google/rpc/error_details.proto" in {file.name for file in descriptors.file}


def test_sequences_are_numbers_in_json() -> None:
    """The transcoder writes 64-bit integers as JSON strings."""
    descriptors = descriptor_pb2.FileDescriptorSet.FromString((ROOT / "infra/envoy/cinema.pb").read_bytes())
    [ours] = [file for file in descriptors.file if file.package == "cinema.read.v1"]
    kinds = {field.type for message in ours.message_type for field in message.field}
    assert not kinds & {
        descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
        descriptor_pb2.FieldDescriptorProto.TYPE_UINT64,
    }
