"""AWS's own managed policies (`arn:aws:iam::aws:policy/…`): the real catalogue, packed by tools/managed_policies.py.

Nothing is read before the first question; then the index (some 30 KB), and one block of 32 documents for each policy that
is asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson

PREFIX = "arn:aws:iam::aws:policy"
_FILE = Path(__file__).parent / "aws_managed_policies.json.gz"
_GZIP = 31                    # zlib's window bits for one member of a gzip file


class AwsPolicy(NamedTuple):
    """One policy of the catalogue; `place` is where its document lies."""

    arn: str
    name: str
    path: str
    version: str
    created: float
    updated: float
    place: int


class _Catalogue(NamedTuple):
    policies: Mapping[str, AwsPolicy]            # by ARN, in its order
    offsets: Sequence[int]
    in_block: int


@cache
def _catalogue() -> _Catalogue:
    unpack = zlib.decompressobj(_GZIP)
    packed = _FILE.read_bytes()
    told: dict[str, Any] = orjson.loads(unpack.decompress(packed))
    first = len(packed) - len(unpack.unused_data)
    found = {}
    for place, (name, path, version, created, updated) in enumerate(told["policies"]):
        arn = PREFIX + path + name
        found[arn] = AwsPolicy(arn, name, path, version, created, updated, place)
    return _Catalogue(found, [first + offset for offset in told["offsets"]], told["in_block"])


@lru_cache(16)
def _block(number: int) -> list[bytes]:
    with _FILE.open("rb") as file:
        file.seek(_catalogue().offsets[number])
        return zlib.decompressobj(_GZIP).decompress(file.read()).splitlines()


def find(arn: str) -> AwsPolicy | None:
    """The policy of this ARN, if AWS has it."""
    return _catalogue().policies.get(arn) if arn.startswith(PREFIX) else None


@lru_cache(512)
def document(arn: str) -> str | None:
    """The text of the policy's default version. (The same object each time, so that it is compiled once.)"""
    row = find(arn)
    if row is None:
        return None
    number, line = divmod(row.place, _catalogue().in_block)
    return _block(number)[line].decode()


def listing() -> Sequence[AwsPolicy]:
    """All of them, in order of their ARNs."""
    return list(_catalogue().policies.values())
