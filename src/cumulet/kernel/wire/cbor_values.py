"""What the two protocols in CBOR make of values, beside JSON: Smithy's RPC v2, and JSON 1.1 spelt in CBOR, which the SDKs for
Java speak to Kinesis. Blobs are bytes; timestamps have tag 1, and in the second protocol they count milliseconds, as
`AwsCborProtocolFactory` of the SDK says.
"""

from __future__ import annotations

from typing import Any

import orjson

from . import cbor, jsons, times
from .compiling import Fn
from .contract import Raw
from .model import Model

JAVA = "cbor-1.1"
JAVA_TYPE = "application/x-amz-cbor-1.1"
_HEADERS = {"rpc-v2-cbor": [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")],
            JAVA: [("Content-Type", JAVA_TYPE)]}


def headers(protocol: str) -> list[tuple[str, str]]:
    """The headers that say that an answer is in CBOR; none for any other protocol."""
    return _HEADERS.get(protocol, [])


def reader(model: Model, protocol: str) -> jsons.Reader:
    """What reads the values of a protocol in JSON or CBOR."""
    return JavaReader(model) if protocol == JAVA else jsons.Reader(model)


def writer(model: Model, protocol: str) -> jsons.Writer:
    """What writes them."""
    return JavaWriter(model) if protocol == JAVA else CborWriter(model) if protocol in _HEADERS else jsons.Writer(model)


class CborWriter(jsons.Writer):
    """Functions from results to values that `cbor.dumps` takes."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._json = jsons.Reader(model)

    def _unpacked(self, shape: dict[str, Any], walk: Fn) -> Fn:
        """What a service has written as JSON already is read again."""
        return lambda value: walk(self._json.of(shape)(orjson.loads(value.data)) if type(value) is Raw else value)

    def structure(self, shape: dict[str, Any]) -> Fn:
        return self._unpacked(shape, super().structure(shape))

    def list(self, shape: dict[str, Any]) -> Fn:
        return self._unpacked(shape, super().list(shape))

    def map(self, shape: dict[str, Any]) -> Fn:
        return self._unpacked(shape, super().map(shape))

    def float(self, shape: dict[str, Any]) -> Fn:
        return lambda value: value * 1.0

    double = float

    def timestamp(self, shape: dict[str, Any]) -> Fn:
        return lambda value: cbor.Stamp(times.parse(value))

    def blob(self, shape: dict[str, Any]) -> Fn:
        return lambda value: value.encode() if type(value) is str else value


class JavaWriter(CborWriter):
    """The same, with timestamps in milliseconds."""

    def timestamp(self, shape: dict[str, Any]) -> Fn:
        return lambda value: cbor.Stamp(round(times.parse(value) * 1000))


class JavaReader(jsons.Reader):
    """Functions from values of CBOR to members, with timestamps in milliseconds."""

    def timestamp(self, shape: dict[str, Any]) -> Fn:
        read = super().timestamp(shape)

        def in_seconds(value: Any) -> Any:
            if type(value) is not int and type(value) is not float:
                return read(value)
            try:
                return read(value / 1000)
            except OverflowError:
                raise jsons.wrong_type(value, "Timestamp") from None

        return in_seconds
