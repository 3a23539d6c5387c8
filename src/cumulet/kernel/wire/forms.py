"""The query and ec2 protocols' requests: a form whose names are paths, made a tree, then read as members."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from ..errors import AwsError
from . import scalars
from .compiling import Compiler, Fn
from .model import Model

MAX_PARTS = 64                         # a name with more dots than this is no name of AWS's
Tree = dict[str, Any]                  # name → text, or a further tree; a tree's own text stands under ""


def malformed(message: str) -> AwsError:
    return AwsError("MalformedQueryString", message, 400)


def pairs(text: str) -> list[tuple[str, str]]:
    """The names and values of a form or query string, decoded, in order."""
    found = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((_unquoted(name), _unquoted(value)) if "%" in part or "+" in part else (name, value))
    return found


def _unquoted(text: str) -> str:
    """As urllib's `unquote_plus`, in half the time."""
    if "+" in text:
        text = text.replace("+", " ")
    if "%3A" in text:                  # ARNs are full of colons; one neither begins nor ends another escape
        text = text.replace("%3A", ":")
    if "%" not in text:
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise malformed("The query string is not valid UTF-8") from None


def tree(fields: list[tuple[str, str]]) -> Tree:
    """`A.member.1.B=x` → {"A": {"member": {"1": {"B": "x"}}}}."""
    root: Tree = {}
    for name, value in fields:
        if "." not in name:
            old = root.get(name)
            if type(old) is dict:
                old[""] = value
            else:
                root[name] = value
            continue
        parts = name.split(".")
        if len(parts) > MAX_PARTS:
            raise malformed("A parameter's name has too many parts")
        node = root
        for part in parts[:-1]:
            below = node.get(part)
            if type(below) is not dict:
                below = {} if below is None else {"": below}
                node[part] = below
            node = below
        last = parts[-1]
        if type(node.get(last)) is dict:
            node[last][""] = value
        else:
            node[last] = value
    return root


def numbered(node: Any) -> list[Any]:
    """What stands under 1, 2, 3 … of a node, in the order of the numbers."""
    if type(node) is not dict:
        return []
    found = []
    for key, value in node.items():
        if key and not (key.isascii() and key.isdigit() and len(key) < 12):
            raise malformed(f"{key[:64]} is not a number of a list")
        if key:
            found.append((int(key), value))
    found.sort(key=lambda pair: pair[0])
    return [value for _, value in found]


class Reader(Compiler):
    """Functions from a node of the tree to a value."""

    traits = ("flattened", "locationName")

    def __init__(self, model: Model, ec2: bool) -> None:
        super().__init__(model)
        self.ec2 = ec2

    def name_of(self, name: str, ref: dict[str, Any]) -> str:
        if not self.ec2:
            return self.named(ref, name)
        said = ref.get("queryName")
        if said is None:
            said = self.named(ref, name)
            said = said[:1].upper() + said[1:]
        return str(said)

    def structure(self, shape: dict[str, Any]) -> Fn:
        readers: dict[str, tuple[str, Fn]] = {}
        for name, ref in shape["members"].items():
            target = self.shape(ref)
            wire = self.name_of(name, ref)
            item = target.get("member", {}).get("locationName")
            # A flattened list takes its own name from that of its items.
            if item and target["type"] == "list" and not self.ec2 and (target.get("flattened") or ref.get("flattened")):
                readers.setdefault(wire, (name, self.of(ref)))
                wire = item
            readers[wire] = (name, self.of(ref))
        find = readers.get

        def read(node: Any) -> dict[str, Any]:
            if type(node) is not dict:
                if node == "":
                    return {}
                raise malformed("A structure was expected")
            out = {}
            for key, item in node.items():
                known = find(key)
                if known is not None:
                    out[known[0]] = known[1](item)
            return out

        return read

    def list(self, shape: dict[str, Any]) -> Fn:
        item_of = self.of(shape["member"])
        inner = "" if self.ec2 or shape.get("flattened") else shape["member"].get("locationName", "member")

        def read(node: Any) -> Any:
            if type(node) is not dict:
                if node == "":
                    return []
                raise malformed("A list was expected")
            return [item_of(item) for item in numbered(node.get(inner) if inner else node)]

        return read

    def map(self, shape: dict[str, Any]) -> Fn:
        value_of = self.of(shape["value"])
        inner = "" if self.ec2 or shape.get("flattened") else "entry"
        key_name, value_name = shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")

        def read(node: Any) -> Any:
            if type(node) is not dict:
                if node == "":
                    return {}
                raise malformed("A map was expected")
            out = {}
            for entry in numbered(node.get(inner) if inner else node):
                if type(entry) is not dict or type(entry.get(key_name)) is not str:
                    raise malformed("An entry of a map has no key")
                out[entry[key_name]] = value_of(entry.get(value_name, ""))
            return out

        return read

    def _scalar(self, shape: dict[str, Any]) -> Fn:
        read = scalars.reader(shape["type"])

        def read_text(node: Any) -> Any:
            if type(node) is dict:
                node = node.get("")
                if type(node) is not str:                # absent, or a name with nothing between two dots
                    raise malformed("A value was expected where a structure was found")
            return read(node)

        return read_text

    string = integer = long = float = double = boolean = timestamp = blob = _scalar
