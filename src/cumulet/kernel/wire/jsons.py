"""JSON (and the values of CBOR, which are alike): members from parsed bodies, bodies from results."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable
from typing import Any

import orjson

from ..errors import AwsError
from . import times
from .compiling import Compiler, Fn
from .contract import Raw
from .scalars import LIMITS

_TOKENS = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}
_NOT_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def wrong_type(value: Any, wanted: str) -> AwsError:
    """The error for a value of another JSON type."""
    if type(value) is dict:
        message = "Start of structure or map found where not expected."
    elif type(value) is list:
        message = "Start of list found where not expected"
    elif wanted == "Structure" or wanted == "List":
        message = "Unexpected field type" if value is None else "Unexpected token received from parser"
    else:
        token = "TRUE_VALUE" if value is True else "FALSE_VALUE" if value is False else _TOKENS.get(type(value), "NULL_VALUE")
        message = f"{token} cannot be converted to {wanted}"
    return AwsError("SerializationException", message, 400)


def loads(body: bytes) -> Any:
    """Parse a body; an empty one is an empty structure."""
    if not body:
        return {}
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise AwsError("SerializationException", "The request body is not valid JSON.", 400) from None


class Reader(Compiler):
    """Functions from parsed JSON to members: types checked, unknown members and nulls left out."""

    traits = ("timestampFormat",)

    def structure(self, shape: dict[str, Any]) -> Fn:
        readers = {self.named(ref, name): (name, self.of(ref)) for name, ref in shape["members"].items()
                   if ref.get("location") is None}
        find = readers.get

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise wrong_type(value, "Structure")
            out = {}
            for key, item in value.items():
                if item is not None:
                    known = find(key)
                    if known is not None:
                        out[known[0]] = known[1](item)
            return out

        return read

    def list(self, shape: dict[str, Any]) -> Fn:
        item_of = self.of(shape["member"])
        sparse = "sparse" in shape

        def read(value: Any) -> Any:
            if type(value) is not list:
                raise wrong_type(value, "List")
            if None in value:
                if sparse:
                    return [None if item is None else item_of(item) for item in value]
                raise AwsError("ValidationException", "1 validation error detected: Value '[null]' at 'member' failed to "
                               "satisfy constraint: Member must not be null", 400)
            return [item_of(item) for item in value]

        return read

    def map(self, shape: dict[str, Any]) -> Fn:
        item_of = self.of(shape["value"])
        sparse = "sparse" in shape

        def read(value: Any) -> Any:
            if type(value) is not dict:
                raise wrong_type(value, "Map")
            return {key: item_of(item) if item is not None else None for key, item in value.items()
                    if sparse or item is not None}

        return read

    def document(self, shape: dict[str, Any]) -> Fn:
        return lambda value: value

    def string(self, shape: dict[str, Any]) -> Fn:
        def read(value: Any) -> Any:
            if type(value) is str:
                return value
            raise wrong_type(value, "String")

        return read

    def _integer(self, shape: dict[str, Any]) -> Fn:
        low, high = LIMITS[shape["type"]]
        wanted = shape["type"].capitalize()

        def read(value: Any) -> Any:
            if type(value) is int:
                if low <= value <= high:
                    return value
                raise AwsError("SerializationException", f"Numeric value ({value}) out of range of {wanted.lower()}", 400)
            if type(value) is float and value.is_integer() and low <= value <= high:
                return int(value)
            raise wrong_type(value, wanted)

        return read

    integer = long = _integer

    def float(self, shape: dict[str, Any]) -> Fn:
        def read(value: Any) -> Any:
            if type(value) is float:
                return value
            if type(value) is int:
                try:
                    return value * 1.0
                except OverflowError:
                    pass
            if type(value) is str and value in _NOT_NUMBERS:
                return _NOT_NUMBERS[value]
            raise wrong_type(value, shape["type"].capitalize())

        return read

    double = float

    def boolean(self, shape: dict[str, Any]) -> Fn:
        def read(value: Any) -> Any:
            if value is True or value is False:
                return value
            raise wrong_type(value, "Boolean")

        return read

    def timestamp(self, shape: dict[str, Any]) -> Fn:
        def read(value: Any) -> Any:
            if type(value) is dict or type(value) is list or value is True or value is False:
                raise wrong_type(value, "Timestamp")
            try:
                return times.parse(value)
            except (ValueError, OverflowError):
                raise AwsError("SerializationException", f"{value!r:.100} is not a timestamp", 400) from None

        return read

    def blob(self, shape: dict[str, Any]) -> Fn:
        decode = base64.b64decode

        def read(value: Any) -> Any:
            if type(value) is bytes:
                return value
            if type(value) is not str:
                raise wrong_type(value, "Blob")
            try:
                return decode(value, validate=True)
            except (binascii.Error, ValueError):
                raise AwsError("SerializationException", "Invalid base64 in a blob", 400) from None

        return read


def _same(value: Any) -> Any:
    return value


class Writer(Compiler):
    """Functions from results to JSON values: None left out, names as on the wire, timestamps and blobs as the model says."""

    traits = ("timestampFormat",)

    def structure(self, shape: dict[str, Any]) -> Fn:
        writers = {name: (self.named(ref, name), self.of(ref)) for name, ref in shape["members"].items()
                   if ref.get("location") is None}
        find = writers.get

        def write(value: Any) -> Any:
            if type(value) is Raw:
                return orjson.Fragment(value.data)
            out = {}
            for key, item in value.items():
                if item is not None:
                    known = find(key)
                    if known is not None:
                        out[known[0]] = known[1](item)
            return out

        return write

    def list(self, shape: dict[str, Any]) -> Fn:
        item_of = self.of(shape["member"])
        return lambda value: orjson.Fragment(value.data) if type(value) is Raw else [
            None if item is None else item_of(item) for item in value]

    def map(self, shape: dict[str, Any]) -> Fn:
        item_of = self.of(shape["value"])
        sparse = "sparse" in shape
        return lambda value: orjson.Fragment(value.data) if type(value) is Raw else {
            key: None if item is None else item_of(item) for key, item in value.items() if sparse or item is not None}

    def document(self, shape: dict[str, Any]) -> Fn:
        return _same

    string = integer = long = boolean = document

    def float(self, shape: dict[str, Any]) -> Fn:
        def write(value: Any) -> Any:
            if type(value) is int or math.isfinite(value):
                return value
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"

        return write

    double = float

    def timestamp(self, shape: dict[str, Any]) -> Fn:
        form = shape.get("timestampFormat", "unixTimestamp")
        if form == "unixTimestamp":
            return lambda value: value if type(value) is str else times.unix(value)
        return times.writer(shape, form)

    def blob(self, shape: dict[str, Any]) -> Fn:
        def write(value: Any) -> Any:
            return base64.b64encode(value.encode() if type(value) is str else value).decode()

        return write


def default(value: Any) -> Any:
    """What orjson does not know: blobs, and bytes that are JSON already."""
    if type(value) is bytes:
        return base64.b64encode(value).decode()
    if type(value) is Raw:
        return orjson.Fragment(value.data)
    raise TypeError(f"{type(value).__name__} in a result")


def dumper(writer: Writer, ref: dict[str, Any]) -> Callable[[Any], bytes]:
    """result → JSON. Where every member is on the wire what it is in the result, orjson does it alone, unless a None (or a
    NaN, which it writes as null too) is in it."""
    walk = writer.of(ref)
    dumps = orjson.dumps
    if not _plain(writer, ref, set()):
        return lambda value: dumps(walk(value), default=default)

    def dump(value: Any) -> bytes:
        body = dumps(value, default=default)
        return dumps(walk(value), default=default) if b"null" in body else body

    return dump


def _plain(writer: Writer, ref: dict[str, Any], seen: set[str]) -> bool:
    """Nothing below this shape is renamed or written in a form of its own."""
    if ref["shape"] in seen:
        return True
    seen.add(ref["shape"])
    shape = writer.shape(ref)
    kind = shape["type"]
    if kind == "timestamp":
        return bool(shape.get("timestampFormat", "unixTimestamp") == "unixTimestamp")
    if kind == "list":
        return _plain(writer, shape["member"], seen)
    if kind == "map":
        return _plain(writer, shape["value"], seen)
    if kind == "structure":
        return all(writer.named(member, name) == name and "location" not in member and _plain(writer, member, seen)
                   for name, member in shape.get("members", {}).items())
    return True
