"""Batch Replication: jobs that replicate what was there before.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from enforced import document
from services.s3.browser import ask
from services.s3.refusals import refused
from services.s3control.batch import report, run
from services.s3control.test_job_manifests import generated, listed

REPLICATE: dict[str, Any] = {"S3ReplicateObject": {}}


@pytest.fixture
def pair(shop: Any, cloud: Any) -> Any:
    """`shop` with versions of everything, and a bucket `target` in another region; `rule(…)` replicates to it."""
    shop.target = f"target-{cloud.account}"
    shop.create_bucket(Bucket=shop.target, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for bucket in (shop.bucket, shop.target):
        shop.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return shop


def rule(s3: Any, **chosen: Any) -> None:
    s3.put_bucket_replication(Bucket=s3.bucket, ReplicationConfiguration={
        "Role": f"arn:aws:iam::{s3.account}:role/replicator", "Rules": [{
            "ID": "all", "Priority": 1, "Status": "Enabled", "Filter": chosen or {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": f"arn:aws:s3:::{s3.target}"}}]})


def test_existing_objects_are_replicated(pair: Any) -> None:
    newer = pair.put_object(Bucket=pair.bucket, Key="b", Body=b"newer")["VersionId"]
    rule(pair)
    job = run(pair, REPLICATE)
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 2)
    assert [line[3:6] for line in report(pair, job)] == [["succeeded", "200", ""]] * 2 + [["failed", "404", "NoSuchKey"]]
    got = pair.get_object(Bucket=pair.target, Key="b")
    assert (got["Body"].read(), got["VersionId"], got["ReplicationStatus"]) == (b"newer", newer, "REPLICA")
    assert pair.head_object(Bucket=pair.bucket, Key="b")["ReplicationStatus"] == "COMPLETED"
    assert refused(pair.head_object, Bucket=pair.target, Key="k") == ("404", 404)            # the manifest does not name it


def test_failed_objects_and_replicas_are_replicated(pair: Any) -> None:
    pair.put_object(Bucket=pair.bucket, Key="b", Body=b"again")
    rule(pair)
    pair.put_object(Bucket=pair.bucket, Key="b", Body=b"lost")
    pair.clock.idle()
    version = pair.head_object(Bucket=pair.target, Key="b")["VersionId"]
    pair.delete_object(Bucket=pair.target, Key="b", VersionId=version)
    third = f"third-{pair.account}"
    pair.create_bucket(Bucket=third)
    pair.put_bucket_versioning(Bucket=third, VersioningConfiguration={"Status": "Enabled"})
    assert pair.head_object(Bucket=pair.bucket, Key="b")["ReplicationStatus"] == "COMPLETED"
    run(pair, REPLICATE)
    assert pair.head_object(Bucket=pair.target, Key="b")["VersionId"] == version
    source, pair.bucket, pair.target = pair.bucket, pair.target, third                      # from where the replica is
    rule(pair)
    text = f"{pair.bucket},b,{version}\n"
    etag = pair.put_object(Bucket=source, Key="manifest.csv", Body=text.encode())["ETag"]
    manifest = {"Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "VersionId"]},
                "Location": {"ObjectArn": f"arn:aws:s3:::{source}/manifest.csv", "ETag": etag}}
    job = run(pair, REPLICATE, token="u", Manifest=manifest)
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 1
    assert pair.get_object(Bucket=third, Key="b")["Body"].read() == b"lost"
    assert pair.head_object(Bucket=pair.bucket, Key="b")["ReplicationStatus"] == "REPLICA"


def test_what_cannot_be_replicated_is_told(pair: Any) -> None:
    job = run(pair, REPLICATE)
    assert {tuple(line[4:6]) for line in report(pair, job)} == {("404", "ReplicationConfigurationNotFoundError")}
    rule(pair, Prefix="a")
    job = run(pair, REPLICATE, token="u")
    assert [line[4:6] for line in report(pair, job)] == [["200", ""], ["400", "InvalidRequest"], ["404", "NoSuchKey"]]
    pair.put_bucket_versioning(Bucket=pair.target, VersioningConfiguration={"Status": "Suspended"})
    job = run(pair, REPLICATE, token="v")
    assert report(pair, job)[0][4:6] == ["400", "ReplicationFailed"]
    assert pair.head_object(Bucket=pair.bucket, Key="a 1")["ReplicationStatus"] == "FAILED"


def test_many_objects_are_replicated_in_slices(pair: Any) -> None:
    keys = [f"n/{number:02}" for number in range(30)]
    for key in keys:
        pair.put_object(Bucket=pair.bucket, Key=key, Body=key.encode())
    rule(pair)
    job = generated(pair, operation=REPLICATE, KeyNameConstraint={"MatchAnyPrefix": ["n/"]}, EligibleForReplication=True)
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 30)
    assert [one["Key"] for one in pair.list_objects_v2(Bucket=pair.target)["Contents"]] == keys


def test_manifests_of_what_is_eligible(pair: Any) -> None:
    pair.put_object(Bucket=pair.bucket, Key="tagged", Body=b"x", Tagging="t=1")
    rule(pair, And={"Prefix": "t", "Tags": [{"Key": "t", "Value": "1"}]})
    pair.put_object(Bucket=pair.bucket, Key="tall", Body=b"x")
    done = pair.put_object(Bucket=pair.bucket, Key="tiny", Body=b"x", Tagging="t=1")["VersionId"]
    pair.clock.idle()
    only = {"EligibleForReplication": True}
    first = listed(pair, generated(pair, "1", operation=REPLICATE, output=True, ObjectReplicationStatuses=["NONE"], **only))
    assert [line[1] for line in first] == ["tagged"]
    second = listed(pair, generated(pair, "2", output=True, ObjectReplicationStatuses=["COMPLETED"], **only))
    assert [line[1:] for line in second][1:] == [["tiny", done]]
    pair.delete_bucket_replication(Bucket=pair.bucket)
    job = generated(pair, "3", **only)
    assert job["FailureReasons"][0]["FailureCode"] == "ReplicationConfigurationNotFoundError"


def test_the_role_must_be_allowed_to_replicate(pair: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-policies.html"""
    iam = cloud.client("iam")
    for role, service, action in (("batch", "batchoperations.s3", "s3:InitiateReplication"), ("replicator", "s3", "s3:*")):
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=document(
            {"Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}))
        iam.put_role_policy(RoleName=role, PolicyName="it", PolicyDocument=document(
            {"Action": action, "Resource": f"arn:aws:s3:::{pair.bucket}/b" if role == "batch" else "*"}))
    rule(pair)
    body = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    assert ask(cloud.endpoint, "POST", "/_cumulet/iam", body, Content_Type="application/json").status == 200
    job = run(pair, REPLICATE)
    assert [(line[1], line[4]) for line in report(pair, job)] == [("b", "200"), ("a 1", "403"), ("c", "403")]
    job = generated(pair, "u")
    assert (job["Status"], job["FailureReasons"][0]["FailureCode"]) == ("Failed", "AccessDenied")
    iam.put_role_policy(RoleName="batch", PolicyName="list", PolicyDocument=document(
        {"Action": "s3:PutInventoryConfiguration", "Resource": f"arn:aws:s3:::{pair.bucket}"}))
    assert generated(pair, "v")["Status"] == "Complete"
    assert generated(pair, "w", output=True)["Status"] == "Failed"                          # it may not write the manifest
    iam.put_role_policy(RoleName="batch", PolicyName="write", PolicyDocument=document(
        {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{pair.bucket}/lists/*"}))
    assert generated(pair, "x", output=True)["Status"] == "Complete"
