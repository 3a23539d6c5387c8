"""Checksums of bytes: ten algorithms, whole or part by part, as S3 names and combines them.

CRC32C and CRC64NVME come from `awscrt` (the extra `checksums`); without it the same sums are computed slowly here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, Spool, not_implemented

from .faults import bad_digest, invalid_request

CHUNK = 1 << 20
COMPOSITE = "COMPOSITE"
FULL_OBJECT = "FULL_OBJECT"
DEFAULT = "CRC64NVME"


class Algorithm(NamedTuple):
    """name: as the API names it.  poly: of a CRC, bits reversed; 0 for digests.  size: bytes of a sum."""

    name: str
    size: int
    poly: int = 0

    @property
    def member(self) -> str:
        return "Checksum" + self.name

    @property
    def header(self) -> str:
        return "x-amz-checksum-" + self.name.lower()


ALGORITHMS = {a.name: a for a in (
    Algorithm("CRC32", 4, 0xEDB88320), Algorithm("CRC32C", 4, 0x82F63B78), Algorithm("CRC64NVME", 8, 0x9A6C9329AC4BC9B5),
    Algorithm("SHA1", 20), Algorithm("SHA256", 32), Algorithm("SHA512", 64), Algorithm("MD5", 16),
    Algorithm("XXHASH64", 8), Algorithm("XXHASH3", 8), Algorithm("XXHASH128", 16))}
_NO_SUMS = (None,) * len(ALGORITHMS)
_HEADERS = {a.header: a.name for a in ALGORITHMS.values()}


# --- computing --------------------------------------------------------------------------------------------------------


@lru_cache(1)
def _crt() -> Any:
    """The C checksums, when they are installed. Loaded with the first sum that needs them: 7 MB of memory."""
    try:
        from awscrt import checksums
    except ImportError:
        return None
    return checksums


@lru_cache(len(ALGORITHMS))
def _crc(name: str) -> Callable[[bytes, int], int]:
    """A function (data, sum so far) → sum."""
    if name == "CRC32":
        return zlib.crc32
    if (crt := _crt()) is not None:
        fast: Callable[[bytes, int], int] = crt.crc32c if name == "CRC32C" else crt.crc64nvme
        return fast
    return _slow_crc(name)


def _slow_crc(name: str) -> Callable[[bytes, int], int]:
    """The same by a table of 256 entries."""
    algorithm = ALGORITHMS[name]
    ones = (1 << algorithm.size * 8) - 1
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (algorithm.poly if value & 1 else 0)
        table.append(value)

    def crc(data: bytes, start: int = 0) -> int:
        value = start ^ ones
        for byte in data:
            value = value >> 8 ^ table[(value ^ byte) & 255]
        return value ^ ones

    return crc


def of(name: str, data: bytes) -> str:
    """The sum of some bytes, in base64."""
    algorithm = ALGORITHMS[name]
    if algorithm.poly:
        raw = _crc(name)(data, 0).to_bytes(algorithm.size, "big")
    elif name.startswith("XXHASH"):
        return of_chunks(name, (data,))
    else:
        raw = hashlib.new(name.lower(), data, usedforsecurity=False).digest()
    return binascii.b2a_base64(raw, newline=False).decode()


def of_chunks(name: str, chunks: Iterable[bytes]) -> str:
    """The sum of bytes that come in chunks, in base64."""
    algorithm = ALGORITHMS[name]
    if algorithm.poly:
        crc, value = _crc(name), 0
        for chunk in chunks:
            value = crc(chunk, value)
        return base64.b64encode(value.to_bytes(algorithm.size, "big")).decode()
    running: Any = _xxhash(name) if name.startswith("XXHASH") else hashlib.new(name.lower(), usedforsecurity=False)
    for chunk in chunks:
        running.update(chunk)
    return base64.b64encode(running.finalize() if name.startswith("XXHASH") else running.digest()).decode()


def _xxhash(name: str) -> Any:
    crt = _crt()
    if crt is None:
        raise not_implemented(f"s3: checksums by {name} without the package awscrt (extra `checksums`)")
    kind = crt.XXHash
    return {"XXHASH64": kind.new_xxhash64, "XXHASH3": kind.new_xxhash3_64, "XXHASH128": kind.new_xxhash3_128}[name]()


def of_spool(name: str, spool: Spool) -> str:
    """The sum of a received body: known from its way in, or computed now."""
    if spool.data is not None:
        return of(name, spool.data)
    known = spool.digests.get(name.lower())
    if known is not None:
        return base64.b64encode(bytes.fromhex(known)).decode()
    with open(spool.path, "rb") as file:
        return of_chunks(name, iter(lambda: file.read(CHUNK), b""))


# --- combining --------------------------------------------------------------------------------------------------------


def combine(name: str, first: str, second: str, length: int) -> str:
    """The CRC of two pieces from theirs; `length` is the second one's. (A CRC is linear; digests have no such thing.)"""
    algorithm = ALGORITHMS[name]
    a = int.from_bytes(base64.b64decode(first), "big")
    b = int.from_bytes(base64.b64decode(second), "big")
    crt = _crt()
    value = getattr(crt, f"combine_{name.lower()}")(a, b, length) if crt else _slow_combine(algorithm, a, b, length)
    return base64.b64encode(value.to_bytes(algorithm.size, "big")).decode()


def _slow_combine(algorithm: Algorithm, first: int, second: int, length: int) -> int:
    top = 1 << algorithm.size * 8 - 1                      # reversed bits: the top one is x^0

    def times(a: int, b: int) -> int:
        product, bit = 0, top
        while bit:
            if a & bit:
                product ^= b
            bit >>= 1
            b = b >> 1 ^ (algorithm.poly if b & 1 else 0)
        return product

    power, shift = top, top >> 8                           # 1, and x^8
    while length:
        if length & 1:
            power = times(power, shift)
        shift = times(shift, shift)
        length >>= 1
    return times(power, first) ^ second


def of_parts(name: str, kind: str, parts: Iterable[tuple[str, int]]) -> str:
    """The sum of an object from those of its parts (each with its size): a CRC of all bytes, or a sum of sums with "-N"."""
    parts = list(parts)
    if kind == FULL_OBJECT:
        whole = parts[0][0]
        for value, size in parts[1:]:
            whole = combine(name, whole, value, size)
        return whole
    joined = b"".join(base64.b64decode(value) for value, _ in parts)
    return f"{of(name, joined)}-{len(parts)}"


def kind_of(value: str) -> str:
    """COMPOSITE for a sum of sums ("…-3"), else FULL_OBJECT. (Base64 has no hyphen.)"""
    return COMPOSITE if "-" in value else FULL_OBJECT


def kind_for(name: str, asked: str | None) -> str:
    """The checksum type of a new upload with parts; raises where the algorithm does not allow the one asked for."""
    full_only = name == "CRC64NVME"
    composite_only = not ALGORITHMS[name].poly
    kind = asked or (FULL_OBJECT if full_only else COMPOSITE)
    if (kind == FULL_OBJECT and composite_only) or (kind == COMPOSITE and full_only):
        raise invalid_request(f"The {kind} checksum type cannot be used with the {name.lower()} checksum algorithm.")
    return kind


# --- what a request says ----------------------------------------------------------------------------------------------


_ONE = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
_NONE = ("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")


def given(spool: Spool, algorithm: str | None, sums: tuple[str | None, ...]) -> tuple[str, str] | None:
    """Algorithm and sum that came with a body, in a header or a trailer; None when none did. sums: those of the headers, in
    the order of ALGORITHMS."""
    if sums == _NO_SUMS and algorithm is None and not spool.trailers:
        return None
    found = {name: value for name, value in zip(ALGORITHMS, sums, strict=True) if value is not None}
    if spool.trailers:
        found |= {_HEADERS[header]: value for header, value in spool.trailers.items() if header in _HEADERS}
    return _only(found, algorithm)


def said(headers: Mapping[str, str], trailers: Mapping[str, str]) -> tuple[str, str] | None:
    """The same from headers as they came."""
    return _only({_HEADERS[header]: value for one in (headers, trailers) for header, value in one.items()
                  if header in _HEADERS}, headers.get("x-amz-sdk-checksum-algorithm"))


def _only(found: dict[str, str], algorithm: str | None) -> tuple[str, str] | None:
    if not found:
        if algorithm is not None:
            raise invalid_request(_NONE)
        return None
    if len(found) > 1:
        raise invalid_request(_ONE)
    name, value = found.popitem()
    check_form(name, value)
    return name, value


def checked(spool: Spool, content_md5: str | None, said_sum: tuple[str, str] | None,
            default: str = DEFAULT) -> tuple[str, str, str]:
    """MD5 (hex), algorithm and sum of a received body, after everything that the client said of them was checked."""
    data = spool.data
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest() if data is not None else spool.digest("md5")
    if content_md5 is not None:
        check_md5(content_md5, md5)
    if said_sum is None:
        return md5, default, of_spool(default, spool)
    name, value = said_sum
    check(name, value, of_spool(name, spool))
    return md5, name, value


def check_form(name: str, value: str) -> None:
    """Raises when this can be no sum of that algorithm."""
    try:
        right = len(base64.b64decode(value, validate=True)) == ALGORITHMS[name].size
    except ValueError:
        right = False
    if not right:
        raise invalid_request(f"Value for {ALGORITHMS[name].header} header is invalid.")


def check(name: str, said_value: str, value: str) -> None:
    if said_value != value:
        raise mismatch(name)


def mismatch(name: str) -> AwsError:
    return bad_digest(f"The {name} you specified did not match the calculated checksum.")


def check_md5(header: str, md5: str) -> None:
    """Content-MD5 against the hex digest of the body."""
    try:
        raw = base64.b64decode(header, validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400, **{"Content-MD5": header})
    if raw.hex() != md5:
        raise bad_digest("The Content-MD5 you specified did not match what we received.", ExpectedDigest=raw.hex(),
                         CalculatedDigest=base64.b64encode(bytes.fromhex(md5)).decode())


def members(name: str, value: str) -> dict[str, str]:
    """A sum as members of a result."""
    return {"Checksum" + name: value, "ChecksumType": kind_of(value)} if name else {}


def check_document(call: Call, md5: str | None = None, required: bool = False) -> None:
    """The checksums that came with a document (XML) against its bytes."""
    request = call.request
    if request is None:
        return
    headers = request.headers
    md5 = md5 or headers.get("content-md5")
    found = said(headers, request.trailers)
    if md5 is not None:
        check_md5(md5, hashlib.md5(request.body, usedforsecurity=False).hexdigest())
    if found is not None:
        check(found[0], found[1], of(found[0], request.body))
    elif required and md5 is None:
        raise invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")


def named(algorithm: str) -> str:
    """An algorithm that a header names; raises when there is no such."""
    name = algorithm.upper()
    if name not in ALGORITHMS:
        raise invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                              f"[{', '.join(ALGORITHMS)}]")
    return name
