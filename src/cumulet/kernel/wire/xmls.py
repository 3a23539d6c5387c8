"""XML of the rest-xml, query and ec2 protocols: members from elements, elements from results."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from ..errors import AwsError
from . import scalars
from .compiling import Compiler, Fn
from .contract import Raw
from .model import Model

# What must not stand in text: markup, carriage returns (parsers would make them line feeds), and what XML cannot hold.
_SPECIAL = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]')
_REPLACED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)|\x00", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")


def escape(text: str) -> str:
    """Text as it may stand in an element or an attribute."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _REPLACED.get(found[0]) or f"&#x{ord(found[0]):X};", text)


def malformed() -> AwsError:
    return AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
                    400)


def parse(body: bytes) -> ElementTree.Element:
    """The root of a document. No document types, no entities, nothing but UTF-8: nothing to expand, nothing to fetch."""
    encoding = _ENCODING.match(body)
    if _FORBIDDEN.search(body) or (encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii", b"utf8")):
        raise malformed()
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise malformed() from None


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


class Reader(Compiler):
    """Functions from an element to a value."""

    traits = ("timestampFormat", "flattened", "locationName")

    def structure(self, shape: dict[str, Any]) -> Fn:
        readers: dict[str, tuple[str, Fn, bool]] = {}
        attributes: list[tuple[str, str]] = []
        for name, ref in shape["members"].items():
            if ref.get("location") is not None:
                continue
            target, wire = self.shape(ref), self.named(ref, name)
            if target.get("xmlAttribute"):
                attributes.append((wire.rpartition(":")[2], name))
            elif target["type"] in ("list", "map") and target.get("flattened"):
                item = self._item(target)
                readers[wire] = (name, item, True)
                if target["type"] == "list":
                    readers.setdefault(self.named(target["member"], wire), (name, item, True))
            else:
                readers[wire] = (name, self.of(ref), False)
        return _structure_reader(readers, attributes)

    def _item(self, target: dict[str, Any]) -> Fn:
        if target["type"] == "list":
            return self.of(target["member"])
        return self._entry(target)

    def _entry(self, shape: dict[str, Any]) -> Fn:
        key_name, value_name = self.named(shape["key"], "key"), self.named(shape["value"], "value")
        value_of = self.of(shape["value"])

        def read(element: ElementTree.Element) -> Any:
            parts = {local(part.tag): part for part in element}
            if key_name not in parts or value_name not in parts:
                raise malformed()
            return parts[key_name].text or "", value_of(parts[value_name])

        return read

    def list(self, shape: dict[str, Any]) -> Fn:
        item_of = self.of(shape["member"])
        wire = self.named(shape["member"], "member")
        return lambda element: [item_of(item) for item in element if local(item.tag) == wire]

    def map(self, shape: dict[str, Any]) -> Fn:
        entry_of = self._entry(shape)
        return lambda element: dict(entry_of(item) for item in element)

    def _scalar(self, shape: dict[str, Any]) -> Fn:
        read = scalars.reader(shape["type"])
        if read is scalars.text:
            return lambda element: element.text or ""
        return lambda element: read((element.text or "").strip())

    string = integer = long = float = double = boolean = timestamp = blob = _scalar


def _structure_reader(readers: dict[str, tuple[str, Fn, bool]], attributes: list[tuple[str, str]]) -> Fn:
    find = readers.get

    def read(element: ElementTree.Element) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for part in element:
            known = find(local(part.tag))
            if known is None:
                continue
            name, value_of, many = known
            if not many:
                out[name] = value_of(part)
                continue
            item = value_of(part)
            if type(item) is tuple:
                out.setdefault(name, {})[item[0]] = item[1]
            else:
                out.setdefault(name, []).append(item)
        for wire, name in attributes:
            found = next((v for k, v in element.attrib.items() if local(k) == wire), None)
            if found is not None:
                out[name] = found
        return out

    return read


class Writer(Compiler):
    """Functions from a value to the text inside its element; `element` gives those that write the element too."""

    traits = ("timestampFormat", "flattened", "locationName", "xmlNamespace")

    def __init__(self, model: Model, item_name: str = "member") -> None:
        super().__init__(model)
        self.item_name = item_name                       # of lists that name none: "item" in ec2

    def element(self, name: str, ref: dict[str, Any]) -> Callable[[Any], str]:
        """value → its element, or elements when it is a flattened list or map."""
        target = self.shape(ref)
        if target["type"] == "list" and target.get("flattened"):
            item = self.element(self.named(target["member"], name), target["member"])
            return lambda value: value.data.decode() if type(value) is Raw else "".join(map(item, value))
        if target["type"] == "map" and target.get("flattened"):
            return self._entries(name, target)
        inner = self.of(ref)
        start, end = f"<{name}", f"</{name}>"
        attributes = self._attributes(target)
        if attributes is not None:
            return lambda value: f"{start}{attributes(value)}>{inner(value)}{end}"
        start += ">"
        if target["type"] == "string":
            search = _SPECIAL.search

            def write(value: Any) -> str:
                text = value if type(value) is str else value.data.decode() if type(value) is Raw else str(value)
                return f"{start}{text if search(text) is None or type(value) is Raw else escape(text)}{end}"

            return write
        return lambda value: f"{start}{inner(value)}{end}"

    def _attributes(self, target: dict[str, Any]) -> Callable[[Any], str] | None:
        """What stands in the start tag: a namespace, and members that are attributes."""
        space = target.get("xmlNamespace")
        members = [(name, self.named(ref, name)) for name, ref in target.get("members", {}).items() if ref.get("xmlAttribute")]
        if not members:
            return None
        fixed = ""
        if isinstance(space, dict):
            prefix = f":{space['prefix']}" if space.get("prefix") else ""
            fixed = f' xmlns{prefix}="{space["uri"]}"'
        return lambda value: fixed + "".join(f' {wire}="{escape(str(value[name]))}"' for name, wire in members
                                             if value.get(name) is not None)

    def structure(self, shape: dict[str, Any]) -> Fn:
        writers = {name: self.element(self.named(ref, name), ref) for name, ref in shape["members"].items()
                   if ref.get("location") is None and not ref.get("xmlAttribute")}
        find = writers.get

        def write(value: Any) -> str:
            if type(value) is Raw:
                return value.data.decode()
            out = []
            for key, item in value.items():
                if item is not None:
                    known = find(key)
                    if known is not None:
                        out.append(known(item))
            return "".join(out)

        return write

    def list(self, shape: dict[str, Any]) -> Fn:
        item = self.element(self.named(shape["member"], self.item_name), shape["member"])
        return lambda value: value.data.decode() if type(value) is Raw else "".join(map(item, value))

    def map(self, shape: dict[str, Any]) -> Fn:
        return self._entries("entry", shape)

    def _entries(self, name: str, shape: dict[str, Any]) -> Fn:
        key_of = self.element(self.named(shape["key"], "key"), shape["key"])
        value_of = self.element(self.named(shape["value"], "value"), shape["value"])
        return lambda value: value.data.decode() if type(value) is Raw else "".join(
            f"<{name}>{key_of(key)}{value_of(item)}</{name}>" for key, item in value.items() if item is not None)

    def _scalar(self, shape: dict[str, Any]) -> Fn:
        write = scalars.writer(shape, "iso8601")
        if shape["type"] == "string":
            return lambda value: escape(str(value))
        return write

    string = integer = long = float = double = boolean = timestamp = blob = _scalar
