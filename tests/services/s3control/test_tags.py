"""Tags of buckets as resources, and attribute-based access control by them."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from enforced import own, user
from services.s3.refusals import refused


def arn_of(s3: Any) -> str:
    return f"arn:aws:s3:::{s3.bucket}"


def test_a_bucket_is_tagged_as_a_resource(s3: Any, control: Any, cloud: Any) -> None:
    whose = {"AccountId": cloud.account, "ResourceArn": arn_of(s3)}
    assert control.list_tags_for_resource(**whose)["Tags"] == []
    control.tag_resource(**whose, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    control.tag_resource(**whose, Tags=[{"Key": "b", "Value": "3"}])
    assert {one["Key"]: one["Value"] for one in s3.get_bucket_tagging(Bucket=s3.bucket)["TagSet"]} == {"a": "1", "b": "3"}
    control.untag_resource(**whose, TagKeys=["a", "none"])
    assert control.list_tags_for_resource(**whose)["Tags"] == [{"Key": "b", "Value": "3"}]
    none = {"AccountId": cloud.account, "ResourceArn": "arn:aws:s3:::nobody-has-this-one"}
    assert refused(control.list_tags_for_resource, **none) == ("NoSuchBucket", 404)
    other = {"AccountId": cloud.account, "ResourceArn": f"arn:aws:s3:us-east-1:{cloud.account}:storage-lens/x"}
    assert refused(control.list_tags_for_resource, **other)[1] == 501


def test_tags_are_set_otherwise_where_they_decide(s3: Any, control: Any, cloud: Any) -> None:
    assert s3.get_bucket_abac(Bucket=s3.bucket)["AbacStatus"]["Status"] == "Disabled"
    s3.put_bucket_abac(Bucket=s3.bucket, AbacStatus={"Status": "Enabled"})
    assert s3.get_bucket_abac(Bucket=s3.bucket)["AbacStatus"]["Status"] == "Enabled"
    with pytest.raises(ClientError, match="TagResource"):
        s3.put_bucket_tagging(Bucket=s3.bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert refused(s3.delete_bucket_tagging, Bucket=s3.bucket) == ("InvalidRequest", 400)
    control.tag_resource(AccountId=cloud.account, ResourceArn=arn_of(s3), Tags=[{"Key": "a", "Value": "1"}])
    s3.put_bucket_abac(Bucket=s3.bucket, AbacStatus={"Status": "Disabled"})
    s3.put_bucket_tagging(Bucket=s3.bucket, Tagging={"TagSet": []})
    assert refused(s3.put_bucket_abac, Bucket=s3.bucket, AbacStatus={"Status": "Maybe"}) == ("MalformedXML", 400)


@pytest.mark.parametrize("key", ["aws:ResourceTag/team", "s3:BucketTag/team"])
def test_tags_decide_only_where_they_may(s3: Any, cloud: Any, control: Any, key: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    ann = cloud.client("s3", **user(cloud, "ann", own("s3:ListBucket", "s3:GetObject",
                                                      Condition={"StringEquals": {key: "red"}})))
    control.tag_resource(AccountId=cloud.account, ResourceArn=arn_of(s3), Tags=[{"Key": "team", "Value": "red"}])
    urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()).read()
    assert refused(ann.list_objects_v2, Bucket=s3.bucket) == ("AccessDenied", 403)
    s3.put_bucket_abac(Bucket=s3.bucket, AbacStatus={"Status": "Enabled"})
    assert ann.list_objects_v2(Bucket=s3.bucket)["KeyCount"] >= 1
    assert ann.get_object(Bucket=s3.bucket, Key="k")["Body"].read() == b"x"
    control.tag_resource(AccountId=cloud.account, ResourceArn=arn_of(s3), Tags=[{"Key": "team", "Value": "blue"}])
    assert refused(ann.get_object, Bucket=s3.bucket, Key="k") == ("AccessDenied", 403)
