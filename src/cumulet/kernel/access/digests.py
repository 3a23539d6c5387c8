"""Digests and checksums of bodies, computed as the bytes pass, so that no file is read again."""

from __future__ import annotations

import hashlib
import importlib
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Protocol

from ..http.message import Request


@cache
def _native() -> Any:
    """awscrt's checksums, loaded at the first large body (it costs a start 60 ms); None where it is not installed: then S3
    computes these sums itself when it needs them."""
    try:
        return importlib.import_module("awscrt.checksums")
    except ImportError:
        return None


class _Sum(Protocol):
    def update(self, data: bytes, /) -> object: ...
    def hexdigest(self) -> str: ...


class _Crc:
    """A running CRC with hashlib's face."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bytes = 8 if name == "crc64nvme" else 4
        self._value = 0

    def update(self, data: bytes) -> None:
        if self._name == "crc32":
            self._value = zlib.crc32(data, self._value)
        elif self._name == "crc32c":
            self._value = _native().crc32c(data, self._value)
        else:
            self._value = _native().crc64nvme(data, self._value)

    def hexdigest(self) -> str:
        return self._value.to_bytes(self._bytes, "big").hex()


class Digests:
    """Some digests of what is fed to it."""

    def __init__(self, names: Iterable[str]) -> None:
        self._sums: dict[str, _Sum] = {}
        for name in names:
            if name in ("crc32", "crc32c", "crc64nvme"):
                if name == "crc32" or _native() is not None:
                    self._sums[name] = _Crc(name)
            else:
                self._sums[name] = hashlib.new(name, usedforsecurity=False)

    def update(self, data: bytes) -> None:
        for one in self._sums.values():
            one.update(data)

    def told(self) -> dict[str, str]:
        """Name → hexadecimal."""
        return {name: one.hexdigest() for name, one in self._sums.items()}


_CHECKSUM = "x-amz-checksum-"
_KNOWN = frozenset(("md5", "sha1", "sha256", "sha512", "crc32", "crc32c", "crc64nvme"))


def wanted(request: Request, service: str, payload: str) -> set[str]:
    """What the signature and S3 will ask of a body that is too large to be read twice."""
    names = set()
    if len(payload) == 64 or (not payload and service != "s3"):
        names.add("sha256")
    if service == "s3":
        announced = _announced(request.headers)
        names |= {"md5", *(announced or {"crc64nvme"})}
    return names


def _announced(headers: Mapping[str, str]) -> set[str]:
    found = {name[len(_CHECKSUM):] for name in headers if name.startswith(_CHECKSUM)}
    found |= {one.strip().lower()[len(_CHECKSUM):] for one in headers.get("x-amz-trailer", "").split(",")
              if one.strip().lower().startswith(_CHECKSUM)}
    return found & _KNOWN
