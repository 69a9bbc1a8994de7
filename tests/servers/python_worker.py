"""The official Python worker of Azure Functions, from its sources, and the host's end of its gRPC stream.

The worker is on no package registry. `AZURE_FUNCTIONS_PYTHON_WORKER` names a folder with a checkout of
github.com/Azure/azure-functions-python-worker; without it, tests that want the worker are skipped. Its protocol is FunctionRpc, whose
proto lies in the checkout; the worker runs with this project's packages in front of any other, as in Azure.
"""

import importlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any
from uuid import uuid4

import grpc
import pytest

from readsvc.protos.compiler import compile_protos
from tests.servers.process import module

SOURCES = os.environ.get("AZURE_FUNCTIONS_PYTHON_WORKER")
ROOT = Path(__file__).parents[2]

_PACKAGE = "azure_functions_worker"
_PROTOS = ("FunctionRpc.proto", "identity/ClaimsIdentityRpc.proto", "shared/NullableTypes.proto")
_ANSWER_SECONDS = 60.0


@dataclass
class PythonWorker:
    """A worker process that has the app of this repository."""

    protos: Any
    """The module of the messages."""
    to_worker: "Queue[Any]" = field(default_factory=Queue[Any])
    from_worker: "Queue[Any]" = field(default_factory=Queue[Any])
    functions: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the worker has told of each function, by its name."""
    seconds_to_load: float = 0.0
    """From the start of the process until every function was loaded."""

    def ask(self, answer: str, **request: Any) -> Any:
        """Send a message, and wait for the one that answers it, which must not be a failure."""
        self.to_worker.put(self.protos.StreamingMessage(request_id=str(uuid4()), **request))
        told = self.next(answer)
        assert told.result.status == self.protos.StatusResult.Success, told.result.exception
        return told

    def next(self, kind: str) -> Any:
        while True:
            message = self.from_worker.get(timeout=_ANSWER_SECONDS)
            if message.WhichOneof("content") == kind:
                return getattr(message, kind)

    def load(self) -> None:
        """Let it index the app, and load every function."""
        directory = str(ROOT)
        self.next("start_stream")
        self.ask(
            "worker_init_response",
            worker_init_request=self.protos.WorkerInitRequest(
                host_version="4.0.0", function_app_directory=directory
            ),
        )
        indexed = self.ask(
            "function_metadata_response",
            functions_metadata_request=self.protos.FunctionsMetadataRequest(function_app_directory=directory),
        )
        for metadata in indexed.function_metadata_results:
            self.functions[metadata.name] = metadata
            self.ask(
                "function_load_response",
                function_load_request=self.protos.FunctionLoadRequest(
                    function_id=metadata.function_id, metadata=metadata
                ),
            )

    def invoke(self, function: str, *, metadata: Mapping[str, Any] | None = None, **data: Any) -> Any:
        """What a function returns for an input of this name. The input and its metadata are the fields of a `TypedData`."""
        [(name, value)] = data.items()
        answer = self.ask(
            "invocation_response",
            invocation_request=self.protos.InvocationRequest(
                invocation_id=str(uuid4()),
                function_id=self.functions[function].function_id,
                input_data=[self.protos.ParameterBinding(name=name, data=value)],
                trigger_metadata={of: self.protos.TypedData(**told) for of, told in (metadata or {}).items()},
            ),
        )
        return answer.return_value


@contextmanager
def python_worker(folder: Path, *, settings: Mapping[str, str]) -> Generator[PythonWorker]:
    """A worker with the app loaded, told these app settings."""
    if SOURCES is None:
        pytest.skip(
            "The official Python worker can't be had: AZURE_FUNCTIONS_PYTHON_WORKER names no folder of it"
        )
    shutil.copytree(Path(SOURCES) / _PACKAGE, folder / _PACKAGE)
    _compile(folder / _PACKAGE / "protos")
    sys.path.insert(0, str(folder))
    try:
        protos = importlib.import_module(f"{_PACKAGE}.protos")
    finally:
        sys.path.remove(str(folder))
    worker = PythonWorker(protos)
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    protos.add_FunctionRpcServicer_to_server(_stream_of(worker), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    arguments = ("--host", "127.0.0.1", "--port", port, "--workerId", "worker", "--requestId", "start")
    environment = {**os.environ, **settings, "PYTHONPATH": str(folder), "AzureWebJobsScriptRoot": str(ROOT)}
    begun = time.monotonic()
    process = subprocess.Popen(
        module(_PACKAGE, *arguments, "--grpcMaxMessageLength", 2**31 - 1),
        cwd=ROOT,
        env=environment,
    )
    try:
        worker.load()
        worker.seconds_to_load = time.monotonic() - begun
        yield worker
    finally:
        worker.to_worker.put(None)
        process.kill()
        process.wait(timeout=10)
        server.stop(grace=None)


def _compile(protos: Path) -> None:
    """Generate the messages' modules, which import each other as modules of one package."""
    source = protos / "_src/src/proto"
    compile_protos(
        [f"-I{source}", f"--python_out={protos}", f"--grpc_python_out={protos}"], sources=list(_PROTOS)
    )
    for generated in protos.rglob("*_pb2*.py"):
        text = re.sub(r"^from (identity|shared) import", rf"from {_PACKAGE}.protos.\1 import", generated.read_text(), flags=re.MULTILINE)  # fmt: skip
        generated.write_text(
            re.sub(
                r"^import (FunctionRpc_pb2)", rf"from {_PACKAGE}.protos import \1", text, flags=re.MULTILINE
            )
        )


def _stream_of(worker: PythonWorker) -> Any:
    class Host(worker.protos.FunctionRpcServicer):
        def EventStream(self, request_iterator: Any, context: Any) -> Generator[Any]:  # noqa: N802 the protocol's name
            del context
            reader = ThreadPoolExecutor(max_workers=1)
            reader.submit(lambda: [worker.from_worker.put(message) for message in request_iterator])
            while (message := worker.to_worker.get()) is not None:
                yield message
            reader.shutdown(wait=False)

    return Host()
