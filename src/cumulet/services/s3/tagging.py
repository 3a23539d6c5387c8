"""Tag sets of buckets and objects: as XML has them, as the header x-amz-tagging has them, and their limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

from cumulet.kernel import error

from .faults import invalid_argument, invalid_tag, malformed_xml

_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")
OBJECT_TAGS = 10
BUCKET_TAGS = 50


def from_set(tags: Iterable[dict[str, Any]], limit: int) -> dict[str, str]:
    """A TagSet, checked."""
    pairs = [(tag.get("Key", ""), tag.get("Value", "")) for tag in tags]
    if len({key for key, _ in pairs}) < len(pairs):
        raise invalid_tag("Cannot provide multiple Tags with the same key")
    return _checked(pairs, limit)


def from_header(header: str) -> dict[str, str]:
    """x-amz-tagging: a query string."""
    pairs = []
    for pair in header.split("&") if header else ():
        key, _, value = pair.partition("=")
        pairs.append((unquote_plus(key), unquote_plus(value)))
    if len({key for key, _ in pairs}) < len(pairs) or any(not key for key, _ in pairs):
        raise invalid_argument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
                               "without tag name duplicates.", "x-amz-tagging", header)
    return _checked(pairs, OBJECT_TAGS)


def from_document(text: str) -> dict[str, str]:
    """A Tagging document, as forms have it."""
    from xml.etree import ElementTree

    try:
        if "<!" in text:
            raise ElementTree.ParseError("a document type")
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        raise malformed_xml() from None
    tags = [{child.tag.rpartition("}")[2]: child.text or "" for child in tag} for tag in root.iter()
            if tag.tag.rpartition("}")[2] == "Tag"]
    return from_set(tags, OBJECT_TAGS)


def _checked(pairs: list[tuple[str, str]], limit: int) -> dict[str, str]:
    if len(pairs) > limit:
        what = "Object" if limit == OBJECT_TAGS else "Bucket"
        raise error.named("BadRequest", f"{what} tags cannot be greater than {limit}", 400)
    for key, value in pairs:
        if key.startswith("aws:"):
            raise invalid_tag("System tags cannot be added/updated by requester")
        if not key or len(key) > 128 or not _ALLOWED.fullmatch(key):
            raise invalid_tag("The TagKey you have provided is invalid")
        if len(value) > 256 or not _ALLOWED.fullmatch(value):
            raise invalid_tag("The TagValue you have provided is invalid")
    return dict(pairs)


def as_set(tags: dict[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
