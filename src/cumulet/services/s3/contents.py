"""What is kept of an object beside its bytes, from the request that makes it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cumulet.kernel import AwsError, error

from . import checksums
from .names import MAX_KEY
from .resources import Version

GIB = 1 << 30
LARGEST_PUT = 5 * GIB
_METADATA = 2048
STANDARD = "STANDARD"
_CLASSES = frozenset({STANDARD, "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
                      "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE"})
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_FACTS = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "Expires", "Metadata", "StorageClass",
          "WebsiteRedirectLocation")
_NO_FACTS = (None,) * len(_FACTS)


def facts(cache_control: str | None, disposition: str | None, encoding: str | None, language: str | None,
          expires: str | None, metadata: dict[str, str] | None, storage: str | None,
          redirect: str | None) -> dict[str, Any] | None:
    """The members that GetObject gives back as they came, checked; None when there are none."""
    if (cache_control, disposition, encoding, language, expires, metadata, storage, redirect) == _NO_FACTS:
        return None
    if storage is not None:
        if storage not in _CLASSES:
            raise error.named("InvalidStorageClass", "The storage class you specified is not valid", 400,
                              StorageClassRequested=storage)
        if storage == STANDARD:
            storage = None
    if encoding is not None and "aws-chunked" in encoding:
        encoding = ",".join(one for one in map(str.strip, encoding.split(",")) if one != "aws-chunked") or None
    if metadata:
        size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
        if size > _METADATA:
            raise error.named("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400,
                              Size=str(size), MaxSizeAllowed=str(_METADATA))
    if redirect is not None and not redirect.startswith(("/", "http://", "https://")):
        raise error.named("InvalidRedirectLocation", "The website redirect location must have a prefix of 'http://' or "
                          "'https://' or '/'.", 400)
    values = (cache_control, disposition, encoding, language, expires, metadata or None, storage, redirect)
    return {name: value for name, value in zip(_FACTS, values, strict=True) if value is not None} or None


def key_bytes(key: str) -> bytes:
    """A key as it is kept; raises KeyTooLongError."""
    raw = key.encode()
    if len(raw) > MAX_KEY:
        raise error.named("KeyTooLongError", "Your key is too long", 400, Size=str(len(raw)), MaxSizeAllowed=str(MAX_KEY))
    return raw


def storage_class(kept: dict[str, Any] | None) -> str:
    return kept.get("StorageClass", STANDARD) if kept else STANDARD


@lru_cache(64)
def iso(second: int) -> str:
    """A second as listings write it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def fragment(row: Version) -> bytes:
    """What listings say of this version beside its key; kept with it, so that a page is spliced together."""
    kind = checksums.kind_of(row.checksum) if row.checksum else ""
    checked = (f"<ChecksumAlgorithm>{row.algorithm}</ChecksumAlgorithm><ChecksumType>{kind}</ChecksumType>"
               if row.algorithm else "")
    return (f"<LastModified>{iso(int(row.modified))}</LastModified><ETag>&quot;{row.etag}&quot;</ETag>{checked}"
            f"<Size>{row.size}</Size><StorageClass>{storage_class(row.facts)}</StorageClass>").encode()


def too_large(size: int) -> AwsError:
    return error.named("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400,
                       ProposedSize=str(size), MaxSizeAllowed=str(LARGEST_PUT))
