"""Routes of HTTP functions: templates, constraints, and the order in which they are tried."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from local.functions_host.app import LoadedFunction
from local.functions_host.errors import HostError

_PARAMETER = re.compile(r"^\{(?P<star>\*?)(?P<name>\w+)(?::(?P<constraint>[^?=}]+))?(?P<rest>\?|=[^}]*)?\}$")
_CONSTRAINTS = {
    "int": r"-?\d{1,10}",
    "long": r"-?\d{1,19}",
    "bool": r"(?i:true|false)",
    "alpha": r"[A-Za-z]*",
    "guid": r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}",
}
_RESERVED = ("admin", "runtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An HTTP function and the paths it answers. No methods means all."""

    function: LoadedFunction
    template: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    defaults: Mapping[str, str]

    @classmethod
    def of(cls, function: LoadedFunction, *, prefix: str) -> Self:
        """The route of an HTTP function.

        Raises:
            HostError: its template is malformed, or lies where the host itself answers.
        """
        own: str = function.binding.get("route") or function.name
        template = "/".join(part for part in (prefix.strip("/"), own.strip("/")) if part)
        if template.split("/")[0].lower() in _RESERVED:
            raise HostError(f"{function.name}: the route {template} conflicts with the host's own")
        defaults: dict[str, str] = {}
        pattern = "".join(
            _segment(segment, function=function.name, defaults=defaults) for segment in template.split("/")
        )
        methods = frozenset(_method(method) for method in function.binding.get("methods") or ())
        return cls(
            function=function,
            template=template,
            methods=methods,
            pattern=re.compile(f"^{pattern}/?$"),
            defaults=defaults,
        )

    def match(self, path: str) -> dict[str, str] | None:
        """The route's parameters in a path; None if the path is not this route's."""
        found = self.pattern.match(path)
        if found is None:
            return None
        return {
            **self.defaults,
            **{name: value for name, value in found.groupdict().items() if value is not None},
        }


def _method(method: Any) -> str:
    return str(getattr(method, "value", method)).upper()


def _segment(segment: str, *, function: str, defaults: dict[str, str]) -> str:
    if "{" not in segment:
        return f"/(?i:{re.escape(segment)})" if segment else ""
    parsed = _PARAMETER.match(segment)
    if parsed is None:
        raise HostError(f"{function}: the route segment {segment!r} is not implemented here")
    name, constraint, rest = parsed["name"], parsed["constraint"], parsed["rest"] or ""
    if constraint is not None and constraint not in _CONSTRAINTS:
        raise HostError(f"{function}: the route constraint {constraint!r} is not implemented here")
    value = ".*" if parsed["star"] else _CONSTRAINTS.get(constraint or "", "[^/]+")
    if rest.startswith("="):
        defaults[name] = rest[1:]
    if rest or parsed["star"]:
        return f"(?:/(?P<{name}>{value}))?"
    return f"/(?P<{name}>{value})"


class Router:
    """Tries routes in the order of their functions' names; the first that matches wins, as in the host."""

    def __init__(self, functions: Iterable[LoadedFunction], *, prefix: str) -> None:
        self._routes = [Route.of(function, prefix=prefix) for function in functions]
        taken: dict[tuple[str, str], str] = {}
        for route in self._routes:
            for method in route.methods or {"*"}:
                other = taken.setdefault((route.template.lower(), method), route.function.name)
                if other != route.function.name:
                    raise HostError(
                        f"{route.function.name}: {method} {route.template} is the route of {other} already"
                    )

    @property
    def routes(self) -> list[Route]:
        """Every route, in the order in which they are tried."""
        return list(self._routes)

    def find(self, method: str, path: str) -> tuple[LoadedFunction, dict[str, str]] | None:
        """The function for a request and the parameters in its path; None is answered with 404."""
        for route in self._routes:
            if route.methods and method.upper() not in route.methods:
                continue
            parameters = route.match(path)
            if parameters is not None:
                return route.function, parameters
        return None
