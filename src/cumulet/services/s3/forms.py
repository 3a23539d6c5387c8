"""HTML forms that upload a file: their fields and their file.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from cumulet.kernel import AwsError, Call, Spool, error

from .faults import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_FIELDS = 20 * 1024
_CHUNK = 1 << 20
_BOUNDARY = re.compile(r'multipart/form-data\s*;(?:.*;)?\s*boundary=("?)([^";]{1,70})\1\s*(?:;.*)?', re.IGNORECASE)
_NAME = re.compile(r';\s*(name|filename)="((?:[^"\\]|\\.)*)"')


class Form(NamedTuple):
    """fields: by their names in lower case.  file: what was uploaded, and what the browser calls it."""

    fields: Mapping[str, str]
    file: Spool
    filename: str
    kind: str


def malformed() -> AwsError:
    return error.named("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", 400)


def missing(name: str) -> AwsError:
    return invalid_argument(f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of "
                            "the fields.", name, "")


def read(call: Call, spool: Spool, content_type: str) -> Form:
    """The form of a request's body. What stands behind the file is ignored, as S3 does."""
    found = _BOUNDARY.fullmatch(content_type)
    if found is None:
        raise error.named("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
                          Condition="Bucket POST must be of the enclosure-type multipart/form-data")
    with _buffer(spool) as data:
        return _read(call, data, b"--" + found[2].encode("latin-1"))


@contextmanager
def _buffer(spool: Spool) -> Iterator[bytes | mmap.mmap]:
    """The bytes of a body, without holding large ones in memory."""
    if spool.data is not None:
        yield spool.data
        return
    with open(spool.path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _read(call: Call, data: bytes | mmap.mmap, mark: bytes) -> Form:
    fields: dict[str, str] = {}
    used = 0
    at = data.find(mark)
    while at >= 0:
        at += len(mark)
        if data[at : at + 2] != b"\r\n":
            break                                        # the mark of the end
        head = data.find(b"\r\n\r\n", at)
        end = data.find(b"\r\n" + mark, head + 2)
        if head < 0 or end < 0:
            raise malformed()
        names, kind = _head(data[at + 2 : head])
        start, name = head + 4, names.get("name", "").lower()
        if name == "file":
            return Form(fields, _piece(call, data, start, end), names.get("filename", "").replace("\\", "/").rpartition("/")[2],
                        kind)
        used += end - start + len(name)
        if used > _MOST_FIELDS:
            raise error.named("MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too "
                              "large.", 400)
        fields[name] = data[start:end].decode("utf-8", "replace")
        at = end + 2
    if not fields:
        raise malformed()
    raise invalid_argument("POST requires exactly one file upload per request.", "file", "0")


def _head(head: bytes) -> tuple[dict[str, str], str]:
    """The names in a part's Content-Disposition, and its type."""
    names: dict[str, str] = {}
    kind = ""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == "content-disposition":
            names = {found[1]: found[2].replace('\\"', '"') for found in _NAME.finditer(value)}
        elif header.strip().lower() == "content-type":
            kind = value.strip()
    return names, kind


def _piece(call: Call, data: bytes | mmap.mmap, start: int, end: int) -> Spool:
    if isinstance(data, bytes):
        return Spool(data[start:end])
    path = call.blobs.temporary()
    with open(path, "wb") as file:
        for at in range(start, end, _CHUNK):
            file.write(data[at : min(at + _CHUNK, end)])
    return Spool(None, path, end - start)
