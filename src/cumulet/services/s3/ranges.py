"""Which bytes of an object are asked for."""

from __future__ import annotations

import re

from .faults import invalid_argument, invalid_range

_RANGE = re.compile(r"\s*bytes\s*=\s*(?:(\d{1,40})\s*-\s*(\d{0,40})|-\s*(\d{1,40}))\s*", re.ASCII)
_COPY = re.compile(r"bytes=(\d{1,40})-(\d{1,40})", re.ASCII)


def asked(header: str, size: int) -> tuple[int, int] | None:
    """Offset and length of a Range header; None where S3 ignores it (bad syntax, several ranges).

    Raises InvalidRange (416) when no byte of it exists.
    """
    found = _RANGE.fullmatch(header)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if not length:
            raise invalid_range(header, size)
        return size - length, length
    start = int(first)
    end = int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise invalid_range(header, size)
    return start, min(end, size - 1) - start + 1


def copied(header: str, size: int) -> tuple[int, int]:
    """Offset and length of x-amz-copy-source-range, which must lie within the source."""
    found = _COPY.fullmatch(header)
    name = "x-amz-copy-source-range"
    if found is None or int(found[2]) < int(found[1]):
        raise invalid_argument("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
                               "are the zero-based offsets of the first and last bytes to copy", name, header)
    start, end = int(found[1]), int(found[2])
    if end >= size:
        raise invalid_argument(f"Range specified is not valid for source object of size: {size}", name, header)
    return start, end - start + 1
