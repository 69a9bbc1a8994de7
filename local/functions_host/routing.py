"""Routes of HTTP functions: templates, constraints, and the order in which they are tried."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from local.functions_host.app import LoadedFunction
from local.functions_host.errors import HostError
from local.functions_host.route_constraints import CONSTRAINTS

_PARAMETER = re.compile(r"^\{(?P<star>\*?)(?P<name>\w+)(?::(?P<constraint>[^?=}]+))?(?P<rest>\?|=[^}]*)?\}$")
_RESERVED = ("admin", "runtime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An HTTP function and the paths it answers. No methods means all."""

    function: LoadedFunction
    template: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    defaults: Mapping[str, str]
    constraints: Mapping[str, str]

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
        segments = [_Segment.of(text, function=function.name) for text in template.split("/")]
        methods = frozenset(_method(method) for method in function.binding.get("methods") or ())
        return cls(
            function=function,
            template=template,
            methods=methods,
            pattern=re.compile("".join(segment.pattern for segment in segments) + "/?"),
            defaults={each.name: each.default for each in segments if each.default is not None},
            constraints={each.name: each.constraint for each in segments if each.constraint},
        )

    def match(self, path: str) -> dict[str, str] | None:
        """The route's parameters in a path; None if the path is not this route's."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        given = {name: value for name, value in found.groupdict().items() if value is not None}
        if not all(
            CONSTRAINTS[self.constraints[name]](value)
            for name, value in given.items()
            if name in self.constraints
        ):
            return None
        return {**self.defaults, **given}


def _method(method: Any) -> str:
    return str(getattr(method, "value", method)).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    """What stands between two slashes of a template: a literal, or a parameter with its name."""

    pattern: str
    name: str = ""
    constraint: str = ""
    default: str | None = None

    @classmethod
    def of(cls, text: str, *, function: str) -> Self:
        """Parse a segment.

        Raises:
            HostError: Azure would take it, perhaps, but it is not implemented here.
        """
        if "{" not in text:
            return cls(pattern=f"/(?i:{re.escape(text)})" if text else "")
        parsed = _PARAMETER.match(text)
        if parsed is None:
            raise HostError(f"{function}: the route segment {text!r} is not implemented here")
        name, constraint, rest = parsed["name"], parsed["constraint"] or "", parsed["rest"] or ""
        if constraint and constraint not in CONSTRAINTS:
            raise HostError(f"{function}: the route constraint {constraint!r} is not implemented here")
        value = f"/(?P<{name}>{'(?s:.*)' if parsed['star'] else '[^/]+'})"
        return cls(
            pattern=f"(?:{value})?" if rest or parsed["star"] else value,
            name=name,
            constraint=constraint,
            default=rest[1:] if rest.startswith("=") else None,
        )


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
