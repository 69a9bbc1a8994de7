"""What tests want to know of a Bicep file: its declarations, with literals as Python has them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

INFRA = Path(__file__).parents[2] / "infra"
MODULES = INFRA / "modules"
FILES = sorted([INFRA / "main.bicep", *MODULES.glob("*.bicep")])

_PARSER = Parser(Language(tree_sitter_bicep.language()))


class Expression(str):
    """What is no literal: its text."""

    __slots__ = ()


@dataclass
class BicepFile:
    """The declarations of a file by name. Values are dict, list, str, bool, int, or `Expression`."""

    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])
    modules: dict[str, Any] = field(default_factory=dict[str, Any])
    resources: dict[str, Any] = field(default_factory=dict[str, Any])
    types: dict[str, str] = field(default_factory=dict[str, str])
    outputs: set[str] = field(default_factory=set[str])

    def of_type(self, name: str) -> list[Any]:
        """The bodies of the resources of a type."""
        return [self.resources[key] for key, kind in self.types.items() if kind.split("@")[0] == name]


def read(path: Path) -> BicepFile:
    """Parse a file; a syntax error is an assertion's."""
    root = _PARSER.parse(path.read_bytes()).root_node
    assert not root.has_error, f"{path} can't be parsed"
    found = BicepFile()
    for node in root.named_children:
        name = _text(node.named_children[0]) if node.named_children else ""
        match node.type:
            case "variable_declaration":
                found.variables[name] = _value(node.named_children[-1])
            case "parameter_declaration":
                has_default = len(node.named_children) > 2
                found.parameters[name] = _value(node.named_children[-1]) if has_default else None
            case "module_declaration":
                found.modules[name] = _value(_body(node))
            case "resource_declaration":
                found.resources[name] = _value(_body(node))
                found.types[name] = str(_value(node.named_children[1]))
            case "output_declaration":
                found.outputs.add(name)
            case _:
                pass
    return found


def _body(node: Node) -> Node:
    """The object of a declaration, also where it is declared once for each, or only if."""
    last = node.named_children[-1]
    while last.type != "object":
        last = last.named_children[-1]
    return last


def _value(node: Node) -> Any:
    match node.type:
        case "object":
            pairs = [child for child in node.named_children if child.type == "object_property"]
            return {
                str(_value(pair.named_children[0])): _value(pair.named_children[-1])
                for pair in pairs
                if len(pair.named_children) > 1
            }
        case "array":
            return [_value(child) for child in node.named_children if child.type != "comment"]
        case "string":
            return _text(node)[1:-1].replace("\\'", "'")
        case "number":
            return int(_text(node))
        case "boolean":
            return _text(node) == "true"
        case _:
            return Expression(_text(node))


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()
