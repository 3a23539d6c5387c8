"""Pages of keys: prefix, delimiter and marker, by seeking, never by stepping over what is not told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .names import after_prefix

Row = tuple[Any, ...]                                     # (key, second, …)
# Where a page begins: at a key (second None), or behind the row (key, second).
Place = tuple[bytes, Any]
# Rows from a place on whose key is below `high` (None: no bound), in order, at most so many.
Fetch = Callable[[Place, bytes | None, int], list[Row]]

_FEW = 4                                                  # rows to look at behind a common prefix
_FIRST = 64


class Listed(NamedTuple):
    """One page. next: where the next one begins; None when this is the last."""

    rows: list[Row]
    prefixes: list[bytes]
    next: Place | None
    last: bytes | None                                    # the last key or common prefix told


def walk(fetch: Fetch, prefix: bytes, delimiter: bytes, start: Place, limit: int) -> Listed:
    """The rows with this prefix from `start` on; those that share what lies between prefix and delimiter are told once."""
    if limit <= 0:
        return Listed([], [], None, None)
    place = start if start[0] >= prefix else (prefix, None)
    high = after_prefix(prefix)
    if not delimiter:
        rows = fetch(place, high, limit + 1)
        if len(rows) <= limit:
            return Listed(rows, [], None, rows[-1][0] if rows else None)
        del rows[limit:]
        return Listed(rows, [], rows[-1][:2], rows[-1][0])
    return _walk_delimited(fetch, prefix, delimiter, place, high, limit)


def _walk_delimited(fetch: Fetch, prefix: bytes, delimiter: bytes, place: Place, high: bytes | None, limit: int) -> Listed:
    """Reads in batches that grow while every row is told and shrink when rows fall under one prefix."""
    rows: list[Row] = []
    prefixes: list[bytes] = []
    last: bytes | None = None
    room, batch, behind = limit, min(limit + 1, _FIRST), len(prefix)
    while True:
        found = fetch(place, high, batch)
        told, skip = 0, b""
        for row in found:
            key = row[0]
            if key < skip:
                continue
            if not room:
                return Listed(rows, prefixes, place, last)
            at = key.find(delimiter, behind)
            if at < 0:
                rows.append(row)
                last, place = key, row[:2]
            else:
                last = key[: at + len(delimiter)]
                prefixes.append(last)
                skip = after_prefix(last) or key
                place = (skip, None)
            room -= 1
            told += 1
        if len(found) < batch:
            return Listed(rows, prefixes, None, last)
        batch = min(batch * 2, limit + 1) if told * 4 > batch else _FEW


def behind_marker(marker: bytes, prefix: bytes, delimiter: bytes) -> Place:
    """Where a page begins that follows a marker: behind the key, or behind the common prefix that it names."""
    if delimiter and marker.startswith(prefix) and marker.find(delimiter, len(prefix)) == len(marker) - len(delimiter) >= 0:
        return after_prefix(marker) or marker, None
    return marker, 0


# --- as XML -----------------------------------------------------------------------------------------------------------

_UNSAFE_IN_XML = re.compile(rb"[&<>\x00-\x1f\x7f]")
_UNSAFE_IN_URL = re.compile(rb"[^A-Za-z0-9_.*/-]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def text(key: bytes, url: bool) -> str:
    """A key as a listing tells it: percent-encoded when asked so."""
    return quote_plus(key, safe="/*") if url else key.decode()


def element(key: bytes, url: bool) -> bytes:
    """The same as the content of an XML element."""
    if url:
        return quote_plus(key, safe="/*").encode()
    return _CONTROL.sub(lambda found: f"&#x{ord(found[0]):x};", escape(key.decode())).encode()


def elements(keys: list[bytes], url: bool) -> list[bytes]:
    """Many keys at once: mostly they need no escaping at all."""
    unsafe = _UNSAFE_IN_URL if url else _UNSAFE_IN_XML
    if unsafe.search(b"/".join(keys)) is None:
        return keys
    return [element(key, url) for key in keys]


def contents(rows: Iterable[Row], keys: list[bytes], more: bytes) -> bytes:
    """`<Contents>` of rows (key, second, listing); more: elements that all of them have."""
    return b"".join([b"<Contents><Key>%b</Key>%b%b</Contents>" % (key, row[2], more)
                     for key, row in zip(keys, rows, strict=True)])


def plain(rows: Iterable[Row], url: bool) -> list[dict[str, Any]]:
    """`Contents` for a call inside the process, in the model's words."""
    told = []
    for key, _, listed in rows:
        about = {one.tag: one.text or "" for one in ElementTree.fromstring(b"<Contents>%b</Contents>" % listed)}
        told.append({"Key": text(key, url), "Size": int(about["Size"]), "ETag": about["ETag"],
                     "LastModified": datetime.fromisoformat(about["LastModified"]).timestamp(),
                     "StorageClass": about["StorageClass"]})
    return told


def common_prefixes(prefixes: list[bytes], url: bool) -> bytes:
    return b"".join([b"<CommonPrefixes><Prefix>%b</Prefix></CommonPrefixes>" % key for key in elements(prefixes, url)])


def owner(identity: str) -> bytes:
    return b"<Owner><ID>%b</ID></Owner>" % identity.encode()
