"""Tags of objects over the wire."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.s3 import tagging
from services.s3.refusals import refused

words = st.text("abcÄ 1:/=+-@_.", min_size=1, max_size=20).filter(lambda word: not word.startswith("aws:"))


@given(st.dictionaries(words, words, max_size=10))
def test_the_header_and_the_set_say_the_same(tags: dict[str, str]) -> None:
    assert tagging.from_header(urlencode(tags)) == tags
    assert tagging.from_set(tagging.as_set(tags), 10) == tags


def test_tags_are_put_read_and_deleted(versioned: Any) -> None:
    s3 = versioned
    one = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1", Tagging="a=1&b=x%20y")["VersionId"]
    two = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"2")["VersionId"]
    assert s3.get_object_tagging(Bucket=s3.bucket, Key="k", VersionId=one)["TagSet"] == [
        {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x y"}]
    tags = [{"Key": "c", "Value": "3"}]
    assert s3.put_object_tagging(Bucket=s3.bucket, Key="k", VersionId=one, Tagging={"TagSet": tags})["VersionId"] == one
    assert s3.get_object_tagging(Bucket=s3.bucket, Key="k", VersionId=one)["TagSet"] == tags
    assert s3.put_object_tagging(Bucket=s3.bucket, Key="k", Tagging={"TagSet": tags})["VersionId"] == two
    assert s3.delete_object_tagging(Bucket=s3.bucket, Key="k")["VersionId"] == two
    assert s3.get_object_tagging(Bucket=s3.bucket, Key="k")["TagSet"] == []
    assert s3.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"2"
    assert refused(s3.get_object_tagging, Bucket=s3.bucket, Key="none") == ("NoSuchKey", 404)


@pytest.mark.parametrize(("tags", "code"), [
    ([{"Key": str(n), "Value": ""} for n in range(11)], "BadRequest"), ([{"Key": "", "Value": ""}], "InvalidTag"),
    ([{"Key": "k" * 129, "Value": ""}], "InvalidTag"), ([{"Key": "k", "Value": "v" * 257}], "InvalidTag"),
    ([{"Key": "aws:k", "Value": ""}], "InvalidTag"), ([{"Key": "k", "Value": "?"}], "InvalidTag")])
def test_tags_have_limits(s3: Any, tags: list[dict[str, str]], code: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1")
    assert refused(s3.put_object_tagging, Bucket=s3.bucket, Key="k", Tagging={"TagSet": tags}) == (code, 400)
    assert refused(s3.put_object, Bucket=s3.bucket, Key="k", Body=b"", Tagging="a=1&a=2") == ("InvalidArgument", 400)
