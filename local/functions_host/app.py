"""Loading the app: exactly the checks that the Python worker and the host make."""

import gc
import importlib.util
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import azure.functions as func

from local.functions_host.errors import HostError

_NAME = re.compile(r"^(?!host$)[a-z][a-z0-9_-]{0,127}$", re.IGNORECASE)
_CONTEXT = "context"
_INPUT_TYPES: dict[str, type] = {
    "httpTrigger": func.HttpRequest,
    "timerTrigger": func.TimerRequest,
    "eventHubTrigger": func.EventHubEvent,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFunction:
    """A function that passed the checks. `binding` is its trigger's description, `retry` its retry policy's."""

    name: str
    handler: Callable[..., Any]
    trigger: str
    argument: str
    binding: Mapping[str, Any]
    retry: Mapping[str, str] | None
    takes_context: bool

    @property
    def is_async(self) -> bool:
        """Whether it runs on the event loop."""
        return inspect.iscoroutinefunction(self.handler)


@contextmanager
def _nothing_collected() -> Generator[None]:
    """What is imported stays. The collector would walk all of it again and again, for a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def load_functions(root: Path) -> list[LoadedFunction]:
    """Import function_app.py and answer its functions, ordered by name.

    Raises:
        HostError: the app can't be imported, is none, or a function breaks a rule; the message names it.
    """
    with _nothing_collected():
        app = _the_app(_import(root / "function_app.py"))
    try:
        declared = cast(list[Any], app.get_functions())
    except Exception as error:  # the library raises bare ValueErrors and more
        raise HostError(f"function_app.py: {error}") from error
    functions = sorted((_checked(function) for function in declared), key=lambda function: function.name)
    names = [function.name.lower() for function in functions]
    for name in names:
        if names.count(name) > 1:
            raise HostError(f"two functions are named {name}")
    return functions


def _import(path: Path) -> types.ModuleType:
    if not path.exists():
        raise HostError(f"{path} is missing")
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("function_app", path)
    if spec is None or spec.loader is None:
        raise HostError(f"{path} can't be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules["function_app"] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the app's own code raises
        raise HostError(f"{path} can't be imported: {type(error).__name__}: {error}") from error
    return module


def _the_app(module: types.ModuleType) -> func.FunctionApp:
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise HostError(f"function_app.py must have exactly one FunctionApp, it has {len(apps)}")
    return apps[0]


def _checked(function: Any) -> LoadedFunction:
    name: str = function.get_function_name()
    if not _NAME.match(name):
        raise HostError(f"{name!r} is no name for a function: it must match {_NAME.pattern}")
    trigger = function.get_trigger()
    if trigger is None or trigger.type not in _INPUT_TYPES:
        raise HostError(f"{name}: the trigger {getattr(trigger, 'type', None)!r} is not implemented here")
    handler: Callable[..., Any] = function.get_user_function()
    bindings = {
        binding["name"]
        for binding in (b.get_dict_repr() for b in function.get_bindings())
        if binding["name"] != "$return"
    }
    takes_context = _check_parameters(name, handler, bindings=bindings)
    _check_annotation(name, handler, argument=trigger.name, trigger=trigger.type)
    _check_answer(name, handler, trigger=trigger.type)
    return LoadedFunction(
        name=name,
        handler=handler,
        trigger=trigger.type,
        argument=trigger.name,
        binding=trigger.get_dict_repr(),
        retry=function.get_settings_dict("retry_policy"),
        takes_context=takes_context,
    )


def _check_parameters(name: str, handler: Callable[..., Any], *, bindings: set[str]) -> bool:
    """Parameters must be the bindings, and may be `context` besides; answers whether it is there."""
    parameters = set(inspect.signature(handler).parameters)
    takes_context = _CONTEXT in parameters and _CONTEXT not in bindings
    wanted = parameters - {_CONTEXT} if takes_context else parameters
    if wanted != bindings:
        raise HostError(f"{name}: the parameters {sorted(wanted)} are not the bindings {sorted(bindings)}")
    return takes_context


def _check_annotation(name: str, handler: Callable[..., Any], *, argument: str, trigger: str) -> None:
    """The worker takes the trigger's class or `typing.List` of it; it refuses the built-in `list[…]`."""
    annotation: object = inspect.signature(handler, eval_str=True).parameters[argument].annotation
    if annotation is inspect.Parameter.empty:
        return
    if isinstance(annotation, types.GenericAlias):
        raise HostError(
            f"{name}: the worker refuses the annotation {annotation} of {argument}; use typing.List"
        )
    plain = typing.get_args(annotation)[0] if typing.get_origin(annotation) is list else annotation
    wanted = _INPUT_TYPES[trigger]
    if not (isinstance(plain, type) and issubclass(plain, wanted)):
        raise HostError(f"{name}: {argument} can't be {annotation}, a {trigger} gives {wanted.__name__}")


def _check_answer(name: str, handler: Callable[..., Any], *, trigger: str) -> None:
    """An HTTP function that says what it returns must say HttpResponse or text."""
    annotation: object = inspect.signature(handler, eval_str=True).return_annotation
    if trigger != "httpTrigger" or annotation is inspect.Signature.empty:
        return
    if not (isinstance(annotation, type) and issubclass(annotation, func.HttpResponse | str)):
        raise HostError(f"{name}: it can't return {annotation}, an HTTP function returns HttpResponse or str")
