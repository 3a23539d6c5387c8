"""An object's bytes as DuckDB reads them: unpacked, cut to the scan range, without comments, records ended by line feeds."""

from __future__ import annotations

import bz2
import csv
import io
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .faults import refused
from .wishes import CSV, PARQUET, Range, Reading

_LONGEST = 1 << 20


class Laid(NamedTuple):
    """What was written. first: its first record (of the object, even where a range begins later).  width: columns at most."""

    unpacked: int
    first: bytes
    width: int


def unpacked(chunks: Iterable[bytes], compression: str) -> Iterator[bytes]:
    """GZIP (several members too) and BZIP2 undone; raises TruncatedInput."""
    if compression == "NONE":
        yield from chunks
        return
    new: Any = (lambda: zlib.decompressobj(31)) if compression == "GZIP" else bz2.BZ2Decompressor
    undo, used = new(), False
    try:
        for chunk in chunks:
            data = chunk
            while data:
                if undo.eof:
                    undo = new()
                yield undo.decompress(data)
                data, used = undo.unused_data, True
    except (OSError, zlib.error, EOFError):
        raise refused("InvalidCompressionFormat") from None
    if used and not undo.eof:
        raise refused("TruncatedInput")


def lay(chunks: Iterable[bytes], how: Reading, window: Range | None, file: Any) -> Laid:
    """Write the records down as DuckDB reads them."""
    size, first, width = 0, b"", 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in unpacked(chunks, how.compression):
            size += len(chunk)
            yield chunk

    if how.form == PARQUET or (how.form != CSV and window is None):
        for chunk in counted():
            file.write(chunk)
        return Laid(size, b"", 0)
    foreign = how.record not in ("\n", "\r\n")
    for at, record in _records(counted(), how):
        if how.form == CSV and record.startswith(how.comment.encode()):
            continue
        if foreign:
            record = _rewritten(record, how)
        if not first:
            first = record
            width = _width(record, how)
            if window is not None and window.start and how.header != "NONE":
                file.write(record + b"\n")
                continue
        if window is not None and not window.start <= at <= window.end:
            continue
        width = max(width, _width(record, how))
        file.write(record + b"\n")
    return Laid(size, first, width)


def _records(chunks: Iterable[bytes], how: Reading) -> Iterator[tuple[int, bytes]]:
    """Each record and where it begins. Where that is allowed, a delimiter between quotes ends nothing."""
    end = how.record.encode() if how.form == CSV else b"\n"
    quote = how.quote.encode()
    at, rest, held = 0, b"", b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(end)
        for one in whole:
            record = held + one
            if how.quoted_records and record.count(quote) % 2:
                held = record + end
                continue
            held = b""
            yield at, record
            at += len(record) + len(end)
        if len(rest) > _LONGEST:
            raise refused("OverMaxRecordSize")
    if held + rest:
        yield at, held + rest


def _width(record: bytes, how: Reading) -> int:
    """How many fields a record has."""
    return len(fields(record, how)) if how.quote.encode() in record else record.count(how.field.encode()) + 1


def _rewritten(record: bytes, how: Reading) -> bytes:
    """A record that other bytes than line feeds end: its own line feeds are quoted."""
    made = io.StringIO()
    doubled = how.escape == how.quote
    csv.writer(made, delimiter=how.field, quotechar=how.quote, doublequote=doubled, escapechar=None if doubled else how.escape,
               quoting=csv.QUOTE_ALL, lineterminator="").writerow(fields(record, how))
    return made.getvalue().encode()


def fields(record: bytes, how: Reading) -> tuple[str, ...]:
    """The fields of a record, as of the first one that has the names."""
    doubled = how.escape == how.quote
    line = _text(record).removesuffix("\r")
    found = csv.reader(line.splitlines(keepends=True), delimiter=how.field, quotechar=how.quote, doublequote=doubled,
                       escapechar=None if doubled else how.escape)
    return tuple(next(found, []))


def _text(record: bytes) -> str:
    try:
        return record.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused("InvalidTextEncoding") from None
