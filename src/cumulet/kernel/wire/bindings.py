"""The REST protocols' bindings: which members stand in the path, the query string, the headers and the status."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

import orjson

from ..errors import AwsError
from ..http.message import Request
from . import scalars, times
from .forms import pairs
from .model import Model

_Text = Callable[[str], Any]


def _split(text: str) -> list[str]:
    """The items of a header's list: quoted ones may hold commas."""
    if '"' not in text:
        return [item.strip() for item in text.split(",")]
    items, item, quoted, escaped = [], "", False, False
    for c in text:
        if escaped:
            item, escaped = item + c, False
        elif quoted and c == "\\":
            escaped = True
        elif c == '"' and (quoted or not item.strip()):
            quoted = not quoted
        elif c == "," and not quoted:
            items.append(item.strip())
            item = ""
        else:
            item += c
    return [*items, item.strip()]


def _split_dates(text: str) -> list[str]:
    """HTTP dates have one comma each."""
    parts = text.split(",")
    return [f"{a},{b}".strip() for a, b in zip(parts[::2], parts[1::2], strict=False)] if "GMT" in text else parts


def _json_value(text: str) -> Any:
    try:
        return orjson.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        raise scalars.BadText("JSON value", text) from None


def _latin(text: str) -> str:
    """Headers come as latin-1 text; those that are UTF-8 are meant as UTF-8."""
    if not text.isascii():
        with contextlib.suppress(UnicodeDecodeError, UnicodeEncodeError):
            return text.encode("latin-1").decode()
    return text


def _header_reader(model: Model, shape: dict[str, Any]) -> _Text:
    if shape["type"] == "list":
        item = {**model.shapes[shape["member"]["shape"]], **shape["member"]}
        read = scalars.reader(item["type"])
        split = _split_dates if item["type"] == "timestamp" and item.get("timestampFormat", "rfc822") == "rfc822" else _split
        return lambda text: [read(part) for part in split(text)]
    if shape.get("jsonvalue"):
        return _json_value
    return _latin if shape["type"] == "string" else scalars.reader(shape["type"])


class RequestBinding:
    """Reads the members of one operation that are not in the body."""

    def __init__(self, model: Model, shape: dict[str, Any], uri: str) -> None:
        # Constants of the query string choose the operation; they are no members.
        self._constants = frozenset(part.partition("=")[0] for part in uri.partition("?")[2].split("&"))
        self._labels: dict[str, tuple[str, _Text]] = {}
        self._query: dict[str, tuple[str, _Text, bool]] = {}
        self._headers: dict[str, tuple[str, _Text]] = {}
        self._prefixes: list[tuple[str, str]] = []
        self._rest: tuple[str, bool] | None = None       # the member that takes all other query parameters
        for name, ref in shape["members"].items():
            target = {**model.shapes[ref["shape"]], **ref}
            wire = str(target.get("locationName", name))
            where = target.get("location")
            if where == "uri":
                self._labels[wire] = (name, scalars.reader(target["type"]))
            elif where == "querystring":
                self._bind_query(model, name, wire, target)
            elif where == "header" and wire.lower() != "content-length":         # HTTP itself has counted the body
                self._headers[wire.lower()] = (name, _header_reader(model, target))
            elif where == "headers":
                self._prefixes.append((wire.lower(), name))

    def _bind_query(self, model: Model, name: str, wire: str, target: dict[str, Any]) -> None:
        if target["type"] == "map":
            self._rest = (name, model.shapes[target["value"]["shape"]]["type"] == "list")
        elif target["type"] == "list":
            self._query[wire] = (name, scalars.reader(model.shapes[target["member"]["shape"]]["type"]), True)
        else:
            self._query[wire] = (name, scalars.reader(target["type"]), False)

    def read(self, request: Request, labels: Mapping[str, str]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        find = self._labels.get
        for wire, text in labels.items():
            if (label := find(wire)) is not None:
                name, read = label
                out[name] = read(text)
        if request.query and (self._query or self._rest):
            self._read_query(request.query, out)
        known, headers = self._headers, request.headers
        for wire in filter(known.__contains__, headers):
            name, read = known[wire]
            out[name] = read(headers[wire])
        if self._prefixes:
            names = "\n".join(headers)
            for prefix, name in self._prefixes:
                if prefix in names and (found := _prefixed(headers, prefix)):
                    out[name] = found
        return out

    def _read_query(self, query: str, out: dict[str, Any]) -> None:
        for wire, text in pairs(query):
            known = self._query.get(wire)
            if known is None:
                if self._rest is not None and wire not in self._constants and not wire.lower().startswith("x-amz-"):
                    name, many = self._rest
                    into = out.setdefault(name, {})
                    if many:
                        into.setdefault(wire, []).append(text)
                    else:
                        into[wire] = text
            elif known[2]:
                out.setdefault(known[0], []).append(known[1](text))
            else:
                out.setdefault(known[0], known[1](text))


def _prefixed(headers: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The headers of a map: what follows the prefix, and the text."""
    return {wire[len(prefix):]: _latin(text) for wire, text in headers.items()
            if wire.startswith(prefix) and len(wire) > len(prefix)}


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"' if '"' in text or "," in text else text


def _header_writer(model: Model, shape: dict[str, Any]) -> Callable[[Any], str]:
    if shape["type"] == "list":
        item = {**model.shapes[shape["member"]["shape"]], **shape["member"]}
        if item["type"] == "string":
            return lambda value: ",".join(_quoted(str(part)) for part in value)
        write = scalars.writer(item, "rfc822")
        return lambda value: ",".join(write(part) for part in value)
    if shape.get("jsonvalue"):
        return lambda value: base64.b64encode(orjson.dumps(value)).decode()
    if shape["type"] == "timestamp":
        return times.writer(shape, "rfc822")
    return scalars.writer(shape, "rfc822")


class ResponseBinding:
    """Writes the members of one operation's output that are not in its body."""

    def __init__(self, model: Model, shape: dict[str, Any]) -> None:
        self.status = ""
        self.headers: dict[str, tuple[str, Callable[[Any], str]]] = {}
        self.prefixes: dict[str, str] = {}
        for name, ref in shape["members"].items():
            target = {**model.shapes[ref["shape"]], **ref}
            where = target.get("location")
            if where == "header":
                self.headers[name] = (str(target.get("locationName", name)), _header_writer(model, target))
            elif where == "headers":
                self.prefixes[name] = str(target.get("locationName", ""))
            elif where == "statusCode":
                self.status = name
        self.bound = frozenset(self.headers) | frozenset(self.prefixes) | ({self.status} if self.status else frozenset())

    def member(self, header: str) -> str:
        """The member that is this header; "" when there is none."""
        return next((name for name, (wire, _) in self.headers.items() if wire.lower() == header), "")

    def without(self, member: str) -> ResponseBinding:
        """The same for results whose member is told otherwise."""
        other = copy(self)
        other.headers = {name: known for name, known in self.headers.items() if name != member}
        return other

    def write(self, result: Mapping[str, Any], headers: list[tuple[str, str]]) -> None:
        """Append the headers of a result."""
        find, add = self.headers.get, headers.append
        for name, value in result.items():
            if value is not None and (known := find(name)) is not None:
                wire, write = known
                text = write(value)
                add((wire, text if text.isascii() and text.isprintable() else _header_safe(text)))
        for name, prefix in self.prefixes.items():
            if found := result.get(name):
                headers += [(prefix + key, _header_safe(str(text))) for key, text in found.items()]


def _header_safe(text: str) -> str:
    """A header is one line of latin-1; other text goes as the bytes of its UTF-8."""
    if "\n" in text or "\r" in text or "\0" in text:
        text = text.replace("\r", " ").replace("\n", " ").replace("\0", "")
    return text if text.isascii() else text.encode().decode("latin-1")


def bad_text(problem: scalars.BadText, service: str) -> AwsError:
    """The error for a header, label or parameter that is not of its type."""
    if service == "s3":
        return AwsError("InvalidArgument", f"{problem.text[:256]} is not a valid {problem.kind}", 400)
    kind = problem.kind.capitalize()
    return AwsError("SerializationException", f"{problem.text[:256]!r} can not be converted to {kind}", 400)
