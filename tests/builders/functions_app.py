"""The Functions app, loaded with settings of a process that runs all of it."""

import os
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest.mock import patch

ENOUGH_SETTINGS = {
    "WRITE_DATABASE_URL": "sqlite:///nowhere/cinema.db",
    "REPORTING_DATABASE_URL": "sqlite:///nowhere/reporting.db",
    "EventHub": "Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=s;UseDevelopmentEmulator=true;",
    "MONGO_URL": "mongodb://127.0.0.1:1",
    "REDIS_URL": "redis://127.0.0.1:1",
}


def loaded_app() -> ModuleType:
    """The module `function_app`."""
    with patch.dict(os.environ, ENOUGH_SETTINGS):
        return import_module("function_app")


@cache
def app_functions() -> list[Any]:
    """Its functions, as the worker indexes them; the library gives them once."""
    return loaded_app().app.get_functions()
