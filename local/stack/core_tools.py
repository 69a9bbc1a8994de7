"""The real Functions host: Azure Functions Core Tools and, for its storage, Azurite. Both are programs that people install.

What `func start` does with what it is given here is from its sources: a variable of the environment wins over
local.settings.json, and `languageWorkers:python:defaultExecutablePath` over the Pythons on PATH.
"""

import os
import shutil
import sys
from pathlib import Path

from local.stack.part import Listener, Part, StackError
from local.stack.probes import accepts_tcp
from local.stack.settings import HOST, StackSettings

_ACCOUNT = "devstoreaccount1"
_WELL_KNOWN_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's, the same everywhere; it opens nothing else."""

_CORE_TOOLS_MISSING = (
    "HOST=func needs the Azure Functions Core Tools, and there is no `func` on PATH. Install them "
    "(npm install -g azure-functions-core-tools@4, or the package azure-functions-core-tools-4 of Microsoft's repository), "
    "or leave HOST out: the stack then runs the functions on its own host"
)
_AZURITE_MISSING = (
    "HOST=func needs a storage account for the real host's locks and checkpoints, and there is no `azurite` on PATH. "
    "Install it (npm install -g azurite), or name an account: AzureWebJobsStorage=… HOST=func make run"
)


def func_command(port: int) -> tuple[str, ...]:
    """How `func` is started, in the folder that host.json is in.

    Raises:
        StackError: it is not installed.
    """
    return (_installed("func", missing=_CORE_TOOLS_MISSING), "start", "--port", str(port))


def func_environment(settings: StackSettings) -> dict[str, str]:
    """What makes `func` run the functions by this Python and its packages, and keep what it keeps in this stack's storage."""
    python = Path(sys.executable)
    return {
        "VIRTUAL_ENV": str(python.parent.parent),
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "languageWorkers:python:defaultExecutablePath": str(python),
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT": "1",
        "AzureWebJobsStorage": settings.azure_web_jobs_storage or _azurite_account(settings),
    }


def azurite_part(settings: StackSettings) -> Part | None:
    """Azurite on the stack's ports; nothing where a storage account is named.

    Raises:
        StackError: it is not installed.
    """
    if not settings.starts_azurite:
        return None
    ports = settings.ports
    services = (("blob", ports.blobs), ("queue", ports.queues), ("table", ports.tables))
    listening = [
        argument
        for name, port in services
        for argument in (f"--{name}Host", HOST, f"--{name}Port", str(port))
    ]
    folder = settings.state_directory / "azurite"
    return Part(
        name="azurite",
        command=(
            _installed("azurite", missing=_AZURITE_MISSING),
            *("--location", str(folder), "--silent", "--skipApiVersionCheck", "--disableTelemetry"),
            *listening,
        ),
        listener=Listener(port=ports.blobs, purpose="Azure Storage"),
        ready=accepts_tcp(ports.blobs),
    )


def _azurite_account(settings: StackSettings) -> str:
    ports = settings.ports
    services = (("Blob", ports.blobs), ("Queue", ports.queues), ("Table", ports.tables))
    endpoints = "".join(f"{name}Endpoint=http://{HOST}:{port}/{_ACCOUNT};" for name, port in services)
    return f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_WELL_KNOWN_KEY};{endpoints}"


def _installed(program: str, *, missing: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise StackError(missing)
    return found
