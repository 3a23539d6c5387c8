"""How the Iceberg REST catalog is asked, and answers: bodies in JSON, pages, and the bucket that its prefix names.

https://iceberg.apache.org/rest-catalog-spec/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec

from .faults import bad_request
from .iceberg.metadata import Metadata
from .resources import Table

MOST = 1000                            # names on a page
_NO_CONTENT = 204


def answer(body: Any) -> dict[str, Any]:
    return {"body": msgspec.json.encode(body), "contentType": "application/json", "status": 200}


def nothing() -> dict[str, Any]:
    """Done, and there is nothing to be told."""
    return {"status": _NO_CONTENT}


def read(body: bytes, *needed: str) -> dict[str, Any]:
    """The members of a request."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise bad_request("The body of the request is not a JSON object.")
    for name in needed:
        if name not in found:
            raise bad_request(f"The request needs {name}.")
    return found


def only(levels: Any) -> str:
    """The name of a namespace, which has one level here."""
    if not isinstance(levels, list) or len(levels) != 1 or not isinstance(levels[0], str):
        raise bad_request("Namespaces of S3 Tables have one level.")
    return levels[0]


def after(token: str) -> str | None:
    """The name that a page ended with."""
    try:
        return base64.urlsafe_b64decode(token).decode() or None
    except (binascii.Error, ValueError):
        raise bad_request("The page token is not valid.") from None


def paged(names: Sequence[str], size: int) -> tuple[Sequence[str], str | None]:
    """The names of this page, of which one more was read, and the token of the next."""
    more = len(names) > size
    return names[:size], base64.urlsafe_b64encode(names[size - 1].encode()).decode() if more else None


def loaded(row: Table, said: Metadata) -> dict[str, Any]:
    """A table as LoadTable tells it."""
    return {"metadata-location": row.location, "metadata": said, "config": {}}
