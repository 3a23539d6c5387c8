"""Listings of keys, of versions and of uploads under way."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

from cumulet.kernel import Call, Raw, operation

from .. import contents, directories, listing, names, payment, transforming, versions
from ..buckets import bucket_in_use
from ..faults import invalid_argument
from ..lambda_entrances import ENDING
from ..listing import Fetch, Place, Row
from ..resources import Bucket as BucketRow
from ..resources import Current, Older, Upload

_MOST = 1000
_OWNERS = ("RequestPayer", "OptionalObjectAttributes")      # restores, which they tell of, do not exist yet


# --- current objects --------------------------------------------------------------------------------------------------


@operation(accepts=_OWNERS)
def list_objects_v2(call: Call, Bucket: str, Delimiter: str | None = None, EncodingType: str | None = None,
                    MaxKeys: int | None = None, Prefix: str | None = None, ContinuationToken: str | None = None,
                    FetchOwner: bool | None = None, StartAfter: str | None = None,
                    ExpectedBucketOwner: str | None = None) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html"""
    if Bucket[-7:] == ENDING and (work := transforming.begun(call, Bucket)) is not None:
        return work
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    if bucket.zone:
        directories.check_listing(Prefix, Delimiter, StartAfter)
    limit, url = _limit(MaxKeys, "max-keys"), _is_url(EncodingType)
    prefix, delimiter = (Prefix or "").encode(), (Delimiter or "").encode()
    if ContinuationToken is not None:
        start = _place(ContinuationToken)
    else:
        start = listing.behind_marker(StartAfter.encode(), prefix, delimiter) if StartAfter else (b"", None)
    found = listing.walk(_objects(call, bucket), prefix, delimiter, start, limit)
    return _page(call, bucket, found, url, bool(FetchOwner)) | {
        "Name": Bucket, "Prefix": _text(Prefix or "", url), "Delimiter": _text(Delimiter, url), "MaxKeys": limit,
        "EncodingType": EncodingType or None, "KeyCount": len(found.rows) + len(found.prefixes),
        "ContinuationToken": ContinuationToken, "StartAfter": _text(StartAfter, url),
        "NextContinuationToken": _token(found.next) if found.next else None}


@operation(accepts=_OWNERS)
def list_objects(call: Call, Bucket: str, Delimiter: str | None = None, EncodingType: str | None = None,
                 Marker: str | None = None, MaxKeys: int | None = None, Prefix: str | None = None,
                 ExpectedBucketOwner: str | None = None) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html"""
    if Bucket[-7:] == ENDING and (work := transforming.begun(call, Bucket)) is not None:
        return work
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    limit, url = _limit(MaxKeys, "max-keys"), _is_url(EncodingType)
    prefix, delimiter = (Prefix or "").encode(), (Delimiter or "").encode()
    start = listing.behind_marker(Marker.encode(), prefix, delimiter) if Marker else (b"", None)
    found = listing.walk(_objects(call, bucket), prefix, delimiter, start, limit)
    # NextMarker is told only where there is a delimiter; else clients go on behind the last key.
    tell = found.next is not None and found.last is not None and bool(delimiter)
    return _page(call, bucket, found, url, True) | {
        "Name": Bucket, "Prefix": _text(Prefix or "", url), "Delimiter": _text(Delimiter, url), "MaxKeys": limit,
        "EncodingType": EncodingType or None, "Marker": _text(Marker or "", url),
        "NextMarker": listing.text(found.last, url) if tell and found.last else None}


def _page(call: Call, bucket: BucketRow, found: listing.Listed, url: bool, owners: bool) -> dict[str, Any]:
    if call.request is None:
        return {"IsTruncated": found.next is not None, "Contents": listing.plain(found.rows, url),
                "CommonPrefixes": [{"Prefix": listing.text(prefix, url)} for prefix in found.prefixes]}
    keys = listing.elements([row[0] for row in found.rows], url)
    more = listing.owner(names.owner_id(bucket.account)) if owners else b""
    return {"IsTruncated": found.next is not None, "RequestCharged": payment.charged(call, bucket),
            "Contents": Raw(listing.contents(found.rows, keys, more)) if keys else None,
            "CommonPrefixes": Raw(listing.common_prefixes(found.prefixes, url)) if found.prefixes else None}


_OBJECTS = 'SELECT "key", 0, "listing" FROM {table} WHERE scope = {scope} AND "bucket" = ?'


def _objects(call: Call, bucket: BucketRow) -> Fetch:
    table = call.table(Current)

    def fetch(place: Place, high: bytes | None, limit: int) -> list[Row]:
        key, second = place
        text = f'{_OBJECTS} AND "key" {">=" if second is None else ">"} ?'
        if high is None:
            return table.sql(text + ' ORDER BY "key" LIMIT ?', bucket.number, key, limit)
        return table.sql(text + ' AND "key" < ? ORDER BY "key" LIMIT ?', bucket.number, key, high, limit)

    return fetch


# --- versions ---------------------------------------------------------------------------------------------------------


@operation(accepts=_OWNERS)
def list_object_versions(call: Call, Bucket: str, Delimiter: str | None = None, EncodingType: str | None = None,
                         KeyMarker: str | None = None, MaxKeys: int | None = None, Prefix: str | None = None,
                         VersionIdMarker: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html"""
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    limit, url = _limit(MaxKeys, "max-keys"), _is_url(EncodingType)
    prefix, delimiter = (Prefix or "").encode(), (Delimiter or "").encode()
    start, behind = _versions_from(call, bucket, KeyMarker, VersionIdMarker, prefix, delimiter)
    found = listing.walk(_all_versions(call, bucket), prefix, delimiter, start, limit)
    more = found.next is not None
    last = found.rows[-1] if more and found.rows and found.rows[-1][0] == found.last else None
    return _versions_page(call, bucket, found.rows, behind, url) | {
        "Name": Bucket, "Prefix": _text(Prefix or "", url), "Delimiter": _text(Delimiter, url), "MaxKeys": limit,
        "EncodingType": EncodingType or None, "KeyMarker": _text(KeyMarker or "", url),
        "VersionIdMarker": VersionIdMarker or "", "IsTruncated": more,
        "NextKeyMarker": listing.text(found.last, url) if more and found.last is not None else None,
        "NextVersionIdMarker": (last[2] or names.NULL) if last else None,
        "CommonPrefixes": Raw(listing.common_prefixes(found.prefixes, url)) if found.prefixes else None}


def _versions_from(call: Call, bucket: BucketRow, key_marker: str | None, version_marker: str | None, prefix: bytes,
                   delimiter: bytes) -> tuple[Place, bytes | None]:
    """Where a page begins, and the key whose newer versions are on the page before."""
    if not version_marker:
        if not key_marker:
            return (b"", None), None
        key, second = listing.behind_marker(key_marker.encode(), prefix, delimiter)
        return (key, None) if second is None else (key + b"\0", None), None
    if not key_marker:
        raise invalid_argument("A version-id marker cannot be specified without a key marker.", "version-id-marker",
                               version_marker)
    key = key_marker.encode()
    row = versions.exact(call, bucket, key, version_marker)
    number = names.number_of(version_marker)
    if row is not None:
        return (key, row.order), key
    return ((key + b"\0", None), None) if number is None else ((key, -number), key)


_VERSIONS = ('SELECT "key", "order", "version", "listing", {marker}, "modified" FROM {{table}} WHERE scope = {{scope}} '
             'AND "bucket" = ?')


def _all_versions(call: Call, bucket: BucketRow) -> Fetch:
    """Rows (key, order, version, listing, is it a marker, modified) of both tables, merged."""
    sources = ((call.table(Current), _VERSIONS.format(marker="0")), (call.table(Older), _VERSIONS.format(marker='"marker"')))

    def fetch(place: Place, high: bytes | None, limit: int) -> list[Row]:
        key, order = place
        found = []
        for table, text in sources:
            if order is None:
                where, values = ' AND "key" >= ?', [key]
            else:
                where, values = ' AND ("key", "order") > (?, ?)', [key, order]
            if high is not None:
                where += ' AND "key" < ?'
                values.append(high)
            found.append(table.sql(f'{text}{where} ORDER BY "key", "order" LIMIT ?', bucket.number, *values, limit))
        return list(islice(merge(*found, key=lambda row: row[:2]), limit))

    return fetch


def _versions_page(call: Call, bucket: BucketRow, rows: Sequence[Row], behind: bytes | None, url: bool) -> dict[str, Any]:
    """`<Version>` and `<DeleteMarker>` elements; the first row of a key is the latest."""
    if call.request is None:
        return _plain_versions(rows, url)
    owner = listing.owner(names.owner_id(bucket.account))
    there: list[bytes] = []
    gone: list[bytes] = []
    for (key, _, version, about, marker, modified), name in zip(
            rows, listing.elements([row[0] for row in rows], url), strict=True):
        head = b"<Key>%b</Key><VersionId>%b</VersionId><IsLatest>%b</IsLatest>" % (
            name, (version or names.NULL).encode(), b"true" if key != behind else b"false")
        behind = key
        if marker:
            when = contents.iso(int(modified)).encode()
            gone.append(b"<DeleteMarker>%b<LastModified>%b</LastModified>%b</DeleteMarker>" % (head, when, owner))
        else:
            there.append(b"<Version>%b%b%b</Version>" % (head, about, owner))
    return {"Versions": Raw(b"".join(there)) if there else None, "DeleteMarkers": Raw(b"".join(gone)) if gone else None}


def _plain_versions(rows: Sequence[Row], url: bool) -> dict[str, Any]:
    """The same for a call inside the process, without which of them are the latest."""
    there = [row for row in rows if not row[4]]
    told = listing.plain(((row[0], row[1], row[3]) for row in there), url)
    return {"Versions": [one | {"VersionId": row[2] or names.NULL} for one, row in zip(told, there, strict=True)],
            "DeleteMarkers": [{"Key": listing.text(row[0], url), "VersionId": row[2] or names.NULL, "LastModified": row[5]}
                              for row in rows if row[4]]}


# --- uploads ----------------------------------------------------------------------------------------------------------


@operation(accepts=("RequestPayer",))
def list_multipart_uploads(call: Call, Bucket: str, Delimiter: str | None = None, EncodingType: str | None = None,
                           KeyMarker: str | None = None, MaxUploads: int | None = None, Prefix: str | None = None,
                           UploadIdMarker: str | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html"""
    bucket = bucket_in_use(call, Bucket, ExpectedBucketOwner)
    limit, url = _limit(MaxUploads, "max-uploads"), _is_url(EncodingType)
    prefix, delimiter = (Prefix or "").encode(), (Delimiter or "").encode()
    start: Place = (b"", None)
    if KeyMarker:
        key, second = listing.behind_marker(KeyMarker.encode(), prefix, delimiter)
        start = (key, UploadIdMarker) if UploadIdMarker else (key, None) if second is None else (key + b"\0", None)
    found = listing.walk(_uploads(call, bucket), prefix, delimiter, start, limit)
    more = found.next is not None
    last = found.rows[-1] if more and found.rows and found.rows[-1][0] == found.last else None
    owner = {"ID": names.owner_id(bucket.account)}
    return {
        "Bucket": Bucket, "KeyMarker": _text(KeyMarker or "", url), "UploadIdMarker": UploadIdMarker or "",
        "Prefix": _text(Prefix or "", url), "Delimiter": _text(Delimiter, url), "MaxUploads": limit, "IsTruncated": more,
        "EncodingType": EncodingType or None,
        "NextKeyMarker": listing.text(found.last, url) if more and found.last is not None else None,
        "NextUploadIdMarker": last[1] if last else None,
        "Uploads": [{
            "Key": listing.text(row[0], url), "UploadId": row[1], "Initiated": row[2].initiated, "Owner": owner,
            "StorageClass": contents.storage_class(row[2].facts), "Initiator": {"ID": names.owner_id(row[2].account)},
            "ChecksumAlgorithm": row[2].algorithm if row[2].declared else None,
            "ChecksumType": row[2].checksum_type if row[2].declared else None} for row in found.rows],
        "CommonPrefixes": Raw(listing.common_prefixes(found.prefixes, url)) if found.prefixes else None}


def _uploads(call: Call, bucket: BucketRow) -> Fetch:
    table = call.table(Upload)

    def fetch(place: Place, high: bytes | None, limit: int) -> list[Row]:
        key, upload = place
        bound: dict[str, Any] = {"low": (key,)} if upload is None else {"after": (key, upload)}
        if high is not None:
            bound["before"] = (high,)
        return [(row.key, row.upload, row) for row in table.scan(bucket.number, limit=limit, **bound)]

    return fetch


# --- words of a listing -----------------------------------------------------------------------------------------------


def _limit(asked: int | None, name: str) -> int:
    if asked is None:
        return _MOST
    if asked < 0:
        raise invalid_argument(f"Argument {name} must be an integer between 0 and 2147483647", name, asked)
    return min(asked, _MOST)


def _is_url(encoding: str | None) -> bool:
    if encoding not in (None, "", "url"):
        raise invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", encoding)
    return encoding == "url"


def _text(value: str | None, url: bool) -> str | None:
    return value if value is None or not url else quote_plus(value, safe="/*")


def _token(place: Place) -> str:
    """Where the next page begins, as an opaque token."""
    key, second = place
    return base64.urlsafe_b64encode((b"=" if second is None else b">") + key).decode()


def _place(token: str) -> Place:
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if raw[:1] not in (b"=", b">"):
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token")
    return raw[1:], None if raw[:1] == b"=" else 0
