"""Listings: the walk along keys against a plain model of it, and the operations over the wire."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.s3.listing import Fetch, Place, Row, behind_marker, element, walk
from cumulet.services.s3.names import after_prefix
from services.s3.refusals import refused

words = st.text("ab/é\U0001f600", max_size=6).map(str.encode)


def fetch_from(keys: list[bytes], asked: list[int]) -> Fetch:
    def fetch(place: Place, high: bytes | None, limit: int) -> list[Row]:
        asked.append(limit)
        key, second = place
        return [(k, 0) for k in keys if (k >= key if second is None else k > key) and (high is None or k < high)][:limit]

    return fetch


def model(keys: list[bytes], prefix: bytes, delimiter: bytes) -> list[bytes]:
    """Keys and common prefixes, in order."""
    told: list[bytes] = []
    for key in keys:
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            entry = key if at < 0 else key[: at + len(delimiter)]
            if not told or told[-1] != entry:
                told.append(entry)
    return told


@given(st.sets(words, max_size=40), words, st.sampled_from([b"", b"/", b"a", b"/a", "é".encode()]), st.integers(1, 7))
def test_all_pages_together_are_the_listing(keys: set[bytes], prefix: bytes, delimiter: bytes, limit: int) -> None:
    ordered = sorted(keys)
    place: Place | None = (b"", None)
    told: list[bytes] = []
    while place is not None:
        page = walk(fetch_from(ordered, []), prefix, delimiter, place, limit)
        entries = sorted([row[0] for row in page.rows] + page.prefixes)
        assert page.next is None or len(entries) == limit
        assert page.last == (entries[-1] if entries else None)
        told += entries
        place = page.next
    assert told == model(ordered, prefix, delimiter)


@given(st.sets(words, max_size=30), words, st.sampled_from([b"", b"/", b"a"]), st.integers(1, 5))
def test_a_marker_goes_on_where_the_page_ended(keys: set[bytes], prefix: bytes, delimiter: bytes, limit: int) -> None:
    ordered = sorted(keys)
    told: list[bytes] = []
    place: Place = (b"", None)
    while True:
        page = walk(fetch_from(ordered, []), prefix, delimiter, place, limit)
        told += sorted([row[0] for row in page.rows] + page.prefixes)
        if page.next is None:
            break
        assert page.last is not None
        place = behind_marker(page.last, prefix, delimiter)
    assert told == model(ordered, prefix, delimiter)


def test_common_prefixes_are_stepped_over_not_through() -> None:
    keys = sorted(f"{group:03}/{n:05}".encode() for group in range(20) for n in range(1000))
    asked: list[int] = []
    page = walk(fetch_from(keys, asked), b"", b"/", (b"", None), 1000)
    assert len(page.prefixes) == 20
    assert sum(asked) < 300


@given(words)
def test_what_follows_a_prefix(prefix: bytes) -> None:
    high = after_prefix(prefix)
    assert (high is None) == (not prefix)
    if high is not None:
        assert prefix < prefix + b"\xf4\x8f\xbf\xbf" < high
        assert not high.startswith(prefix)


def test_elements_are_escaped() -> None:
    assert element(b"a<b>&\x01", False) == b"a&lt;b&gt;&amp;&#x1;"
    assert element("a b/é+".encode(), True) == b"a+b/%C3%A9%2B"


# --- over the wire ----------------------------------------------------------------------------------------------------

KEYS = ["a.txt", "b/1", "b/2", "b/c/3", "ä", "d&e <f>", "z"]


def fill(s3: Any, keys: list[str]) -> None:
    for key in keys:
        s3.put_object(Bucket=s3.bucket, Key=key, Body=key.encode())


def test_pages_of_the_second_version(s3: Any) -> None:
    fill(s3, KEYS)
    ordered = sorted(KEYS, key=str.encode)
    for size in (1, 2, 1000):
        pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=s3.bucket, PaginationConfig={"PageSize": size}))
        assert [one["Key"] for page in pages for one in page["Contents"]] == ordered
        assert all(page["KeyCount"] == len(page["Contents"]) for page in pages)
    one = s3.list_objects_v2(Bucket=s3.bucket, Prefix="b/1", FetchOwner=True)["Contents"][0]
    assert (one["Size"], one["StorageClass"], one["ChecksumType"]) == (3, "STANDARD", "FULL_OBJECT")
    assert len(one["Owner"]["ID"]) == 64
    assert one["ETag"] == s3.head_object(Bucket=s3.bucket, Key="b/1")["ETag"]
    assert one["LastModified"] == s3.head_object(Bucket=s3.bucket, Key="b/1")["LastModified"]


def test_delimiters(s3: Any) -> None:
    fill(s3, KEYS)
    found = s3.list_objects_v2(Bucket=s3.bucket, Delimiter="/")
    assert [one["Prefix"] for one in found["CommonPrefixes"]] == ["b/"]
    assert [one["Key"] for one in found["Contents"]] == ["a.txt", "d&e <f>", "z", "ä"]
    assert (found["KeyCount"], found["IsTruncated"], found["Delimiter"]) == (5, False, "/")
    found = s3.list_objects_v2(Bucket=s3.bucket, Delimiter="/", Prefix="b/", StartAfter="b/1")
    assert [one["Prefix"] for one in found["CommonPrefixes"]] == ["b/c/"]
    assert [one["Key"] for one in found["Contents"]] == ["b/2"]
    assert (found["StartAfter"], found["Prefix"]) == ("b/1", "b/")
    paginator = s3.get_paginator("list_objects_v2")
    pages = list(paginator.paginate(Bucket=s3.bucket, Delimiter="/", PaginationConfig={"PageSize": 1}))
    assert [[one["Key"] for one in page.get("Contents", ())] + [one["Prefix"] for one in page.get("CommonPrefixes", ())]
            for page in pages] == [["a.txt"], ["b/"], ["d&e <f>"], ["z"], ["ä"]]


def test_pages_of_the_first_version(s3: Any) -> None:
    fill(s3, KEYS)
    pages = list(s3.get_paginator("list_objects").paginate(Bucket=s3.bucket, PaginationConfig={"PageSize": 2}))
    assert [one["Key"] for page in pages for one in page["Contents"]] == sorted(KEYS, key=str.encode)
    assert "NextMarker" not in pages[0]
    pages = list(s3.get_paginator("list_objects").paginate(Bucket=s3.bucket, Delimiter="/", PaginationConfig={"PageSize": 2}))
    assert pages[0]["NextMarker"] == "b/"
    assert [one["Key"] for page in pages for one in page.get("Contents", ())] == ["a.txt", "d&e <f>", "z", "ä"]
    assert [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", ())] == ["b/"]
    found = s3.list_objects(Bucket=s3.bucket, Marker="b/1", MaxKeys=1)
    assert [one["Key"] for one in found["Contents"]] == ["b/2"]
    assert len(found["Contents"][0]["Owner"]["ID"]) == 64


def test_keys_come_as_they_are_or_percent_encoded(s3: Any) -> None:
    fill(s3, ["a b+c", "ü/1", "plain"])
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=s3.bucket)["Contents"]] == ["a b+c", "plain", "ü/1"]
    encoded = s3.list_objects_v2(Bucket=s3.bucket, EncodingType="url")
    assert [one["Key"] for one in encoded["Contents"]] == ["a+b%2Bc", "plain", "%C3%BC/1"]
    assert s3.list_objects_v2(Bucket=s3.bucket, EncodingType="url", Prefix="ü/")["Prefix"] == "%C3%BC/"
    assert refused(s3.list_objects_v2, Bucket=s3.bucket, EncodingType="xml") == ("InvalidArgument", 400)


def test_limits_and_tokens_are_checked(s3: Any) -> None:
    fill(s3, ["a", "b"])
    none = s3.list_objects_v2(Bucket=s3.bucket, MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"], none["MaxKeys"]) == (0, False, 0)
    assert s3.list_objects_v2(Bucket=s3.bucket, MaxKeys=5000)["MaxKeys"] == 1000
    assert refused(s3.list_objects_v2, Bucket=s3.bucket, MaxKeys=-1) == ("InvalidArgument", 400)
    assert refused(s3.list_objects_v2, Bucket=s3.bucket, ContinuationToken="x") == ("InvalidArgument", 400)
    assert refused(s3.list_objects_v2, Bucket="no-such-bucket-here") == ("NoSuchBucket", 404)
    assert json.dumps(s3.list_objects(Bucket=s3.bucket, Prefix="none").get("Contents")) == "null"


def test_versions_are_listed_newest_first(versioned: Any) -> None:
    s3 = versioned
    ids = {key: [s3.put_object(Bucket=s3.bucket, Key=key, Body=str(n).encode())["VersionId"] for n in range(3)]
           for key in ("a", "b")}
    marker = s3.delete_object(Bucket=s3.bucket, Key="b")["VersionId"]
    expected = [("a", one) for one in reversed(ids["a"])] + [("b", marker)] + [("b", one) for one in reversed(ids["b"])]
    for size in (1, 2, 3, 1000):
        pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=s3.bucket, PaginationConfig={"PageSize": size}))
        rows = [(one["Key"], one["VersionId"], one["IsLatest"], kind)
                for page in pages for kind in ("DeleteMarkers", "Versions") for one in page.get(kind, ())]
        assert sorted(row[:2] for row in rows) == sorted(expected)
        assert {row[:2] for row in rows if row[2]} == {("a", ids["a"][-1]), ("b", marker)}
        assert [row[1] for row in rows if row[3] == "DeleteMarkers"] == [marker]
        if size == 1:
            assert [row[:2] for row in rows] == expected
    page = s3.list_object_versions(Bucket=s3.bucket, KeyMarker="a", VersionIdMarker=ids["a"][1])
    assert [one["VersionId"] for one in page["Versions"]][:2] == [ids["a"][0], ids["b"][2]]
    assert not page["Versions"][0]["IsLatest"]
    assert s3.list_object_versions(Bucket=s3.bucket, KeyMarker="a")["DeleteMarkers"][0]["VersionId"] == marker
    grouped = s3.list_object_versions(Bucket=s3.bucket, Prefix="", Delimiter="b")
    assert [one["Prefix"] for one in grouped["CommonPrefixes"]] == ["b"]
    assert refused(s3.list_object_versions, Bucket=s3.bucket, VersionIdMarker="x") == ("InvalidArgument", 400)


def test_uploads_are_listed_by_key_and_time(s3: Any) -> None:
    ids = [(key, s3.create_multipart_upload(Bucket=s3.bucket, Key=key)["UploadId"]) for key in ("b", "a", "a", "c/1", "c/2")]
    ordered = sorted(ids, key=lambda one: one[0])
    for size in (1, 2, 1000):
        pages = list(s3.get_paginator("list_multipart_uploads").paginate(Bucket=s3.bucket, PaginationConfig={"PageSize": size}))
        assert [(one["Key"], one["UploadId"]) for page in pages for one in page["Uploads"]] == ordered
    found = s3.list_multipart_uploads(Bucket=s3.bucket, Delimiter="/", KeyMarker="a")
    assert [one["Key"] for one in found["Uploads"]] == ["b"]
    assert [one["Prefix"] for one in found["CommonPrefixes"]] == ["c/"]
