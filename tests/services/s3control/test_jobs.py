"""Batch Operations: jobs over the objects of a manifest."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from typing import Any

import pytest

from enforced import document
from services.s3.browser import ask
from services.s3.refusals import refused
from services.s3control.batch import report, run, wanted

ALL = "http://acs.amazonaws.com/groups/global/AllUsers"


def test_tags_are_put_and_the_report_tells(shop: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    job = run(shop, {"S3PutObjectTagging": {"TagSet": tags}}, Description="tag them", Tags=[{"Key": "t", "Value": "1"}])
    assert (job["Status"], job["Description"], job["Priority"]) == ("Complete", "tag them", 1)
    assert {name: job["ProgressSummary"][name] for name in ("TotalNumberOfTasks", "NumberOfTasksSucceeded",
                                                            "NumberOfTasksFailed")} == {
        "TotalNumberOfTasks": 3, "NumberOfTasksSucceeded": 2, "NumberOfTasksFailed": 1}
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="a 1")["TagSet"] == tags
    place = f"out/job-{job['JobId']}"
    told = json.loads(shop.get_object(Bucket=shop.bucket, Key=f"{place}/manifest.json")["Body"].read())
    assert told["ReportSchema"] == "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
    lines = []
    for one in told["Results"]:
        data = shop.get_object(Bucket=one["Bucket"], Key=one["Key"])["Body"].read()
        assert hashlib.md5(data).hexdigest() == one["MD5Checksum"]
        lines += list(csv.reader(data.decode().splitlines()))
    assert [(line[1], line[3], line[4], line[5]) for line in lines] == [      # in this order, whatever the schema says
        ("a 1", "succeeded", "200", ""), ("b", "succeeded", "200", ""), ("c", "failed", "404", "NoSuchKey")]
    run(shop, {"S3DeleteObjectTagging": {}}, token="u")
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="b")["TagSet"] == []


def test_objects_are_copied(shop: Any, cloud: Any) -> None:
    other = f"copies-{cloud.account}"
    shop.create_bucket(Bucket=other)
    job = run(shop, {"S3PutObjectCopy": {
        "TargetResource": f"arn:aws:s3:::{other}", "TargetKeyPrefix": "in", "StorageClass": "STANDARD_IA",
        "NewObjectMetadata": {"UserMetadata": {"by": "batch"}}, "NewObjectTagging": [{"Key": "a", "Value": "1"}]}},
        Report={"Enabled": False})
    assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 2)
    got = shop.get_object(Bucket=other, Key="in/a 1")
    assert (got["Body"].read(), got["Metadata"], got["StorageClass"], got["TagCount"]) == (
        b"a 1", {"by": "batch"}, "STANDARD_IA", 1)


def test_copies_have_conditions_and_grants(shop: Any, cloud: Any) -> None:
    other, friend = f"copies-{cloud.account}", "0123456789abcdef" * 4
    shop.create_bucket(Bucket=other, ObjectOwnership="ObjectWriter")
    shop.put_public_access_block(Bucket=other, PublicAccessBlockConfiguration={"BlockPublicAcls": False})
    grants = [{"Grantee": {"TypeIdentifier": "id", "Identifier": friend}, "Permission": "READ"},
              {"Grantee": {"TypeIdentifier": "uri", "Identifier": ALL}, "Permission": "READ"}]
    copy = {"TargetResource": f"arn:aws:s3:::{other}", "AccessControlGrants": grants, "RequesterPays": True}
    job = run(shop, {"S3PutObjectCopy": copy | {"ModifiedSinceConstraint": cloud.clock.now() - 60}})
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 2
    told = shop.get_object_acl(Bucket=other, Key="b")["Grants"]
    assert [(one["Grantee"].get("ID") or one["Grantee"]["URI"], one["Permission"]) for one in told] == [
        (friend, "READ"), (ALL, "READ")]
    job = run(shop, {"S3PutObjectCopy": copy | {"UnModifiedSinceConstraint": cloud.clock.now() - 60}}, token="u")
    assert [line[4:6] for line in report(shop, job)][:2] == [["412", "PreconditionFailed"]] * 2
    grants[0]["Permission"] = "WRITE"
    assert refused(shop.control.create_job, **wanted(shop, {"S3PutObjectCopy": copy}, "v")) == ("BadRequestException", 400)


def test_lists_of_grants_are_put(shop: Any, cloud: Any) -> None:
    shop.put_bucket_ownership_controls(Bucket=shop.bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    mine, friend = shop.get_object_acl(Bucket=shop.bucket, Key="b")["Owner"]["ID"], "0123456789abcdef" * 4
    said: dict[str, Any] = {"AccessControlList": {"Owner": {"ID": mine}, "Grants": [
        {"Grantee": {"TypeIdentifier": "id", "Identifier": friend}, "Permission": "READ_ACP"}]}}
    job = run(shop, {"S3PutObjectAcl": {"AccessControlPolicy": said}})
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 2
    told = shop.get_object_acl(Bucket=shop.bucket, Key="b")["Grants"]
    assert [(one["Grantee"]["ID"], one["Permission"]) for one in told] == [(friend, "READ_ACP")]
    both = {"S3PutObjectAcl": {"AccessControlPolicy": said | {"CannedAccessControlList": "private"}}}
    assert refused(shop.control.create_job, **wanted(shop, both, "u")) == ("BadRequestException", 400)


def test_the_encryption_is_changed(shop: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    job = run(shop, {"S3UpdateObjectEncryption": {"ObjectEncryption": {"SSEKMS": {"KMSKeyArn": key}}}})
    assert job["ProgressSummary"]["NumberOfTasksSucceeded"] == 2
    got = shop.get_object(Bucket=shop.bucket, Key="b")
    assert (got["Body"].read(), got["SSEKMSKeyId"]) == (b"b", key)


def test_checksums_are_computed(shop: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-compute-checksums.html"""
    big = b"0123456789abcdef" * 20_000
    shop.put_object(Bucket=shop.bucket, Key="a 1", Body=big, ServerSideEncryption="aws:kms")
    job = run(shop, {"S3ComputeObjectChecksum": {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"}})
    lines = report(shop, job)
    assert [line[3:6] for line in lines] == [["succeeded", "200", ""]] * 2 + [["failed", "404", "NoSuchKey"]]
    for line, body in zip(lines, (big, b"b"), strict=False):
        told, digest = json.loads(line[6]), hashlib.sha256(body)
        assert (told["checksum_base64"], told["checksum_hex"]) == (
            base64.b64encode(digest.digest()).decode(), digest.hexdigest().upper())
        assert (told["checksumAlgorithm"], told["checksumType"]) == ("SHA256", "FULL_OBJECT")
    assert json.loads(lines[1][6])["etag"] == hashlib.md5(b"b").hexdigest()
    shop.put_object(Bucket=shop.bucket, Key="b", Body=b"cold", StorageClass="GLACIER")
    lines = report(shop, run(shop, {"S3ComputeObjectChecksum": {}}, token="u"))
    assert json.loads(lines[0][6])["checksumAlgorithm"] == "CRC64NVME"
    assert [line[4:6] for line in lines[1:]] == [["403", "InvalidObjectState"], ["404", "NoSuchKey"]]


def test_archives_come_back(shop: Any, cloud: Any) -> None:
    shop.put_object(Bucket=shop.bucket, Key="b", Body=b"cold", StorageClass="GLACIER")
    job = run(shop, {"S3InitiateRestoreObject": {"ExpirationInDays": 2, "GlacierJobTier": "BULK"}})
    assert (job["ProgressSummary"]["NumberOfTasksSucceeded"], job["ProgressSummary"]["NumberOfTasksFailed"]) == (1, 2)
    assert shop.head_object(Bucket=shop.bucket, Key="b")["Restore"] == 'ongoing-request="true"'


def test_locks_holds_and_lists(shop: Any, cloud: Any) -> None:
    name = f"locked-{cloud.account}"
    shop.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, ObjectOwnership="ObjectWriter")
    version = shop.put_object(Bucket=name, Key="k", Body=b"x")["VersionId"]
    shop.etag = shop.put_object(Bucket=shop.bucket, Key="manifest.csv", Body=f"{name},k,{version}\n".encode())["ETag"]
    manifest = wanted(shop, {})["Manifest"]
    manifest["Spec"]["Fields"] = ["Bucket", "Key", "VersionId"]
    until = cloud.clock.now() + 86_400
    for token, operation in enumerate((
            {"S3PutObjectLegalHold": {"LegalHold": {"Status": "ON"}}},
            {"S3PutObjectRetention": {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": until}}},
            {"S3PutObjectAcl": {"AccessControlPolicy": {"CannedAccessControlList": "bucket-owner-full-control"}}})):
        job = run(shop, operation, token=str(token), Manifest=manifest)
        assert (job["Status"], job["ProgressSummary"]["NumberOfTasksSucceeded"]) == ("Complete", 1)
    head = shop.head_object(Bucket=name, Key="k")
    assert (head["ObjectLockLegalHoldStatus"], head["ObjectLockMode"]) == ("ON", "GOVERNANCE")


def test_jobs_wait_to_be_confirmed(shop: Any) -> None:
    tag = {"S3PutObjectTagging": {"TagSet": [{"Key": "a", "Value": "1"}]}}
    job = run(shop, tag, ConfirmationRequired=True)
    who = {"AccountId": shop.account, "JobId": job["JobId"]}
    assert (job["Status"], job["ProgressSummary"]["TotalNumberOfTasks"]) == ("Suspended", 3)
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="b")["TagSet"] == []
    assert job["SuspendedDate"].timestamp() == pytest.approx(shop.clock.now(), abs=5)
    assert job["ProgressSummary"]["Timers"] == {"ElapsedTimeInActiveSeconds": 0}
    assert shop.control.update_job_priority(**who, Priority=7)["Priority"] == 7
    shop.control.update_job_status(**who, RequestedJobStatus="Ready")
    shop.clock.idle()
    told = shop.control.describe_job(**who)["Job"]
    assert (told["Status"], told["Priority"], "TerminationDate" in told) == ("Complete", 7, True)
    assert refused(shop.control.update_job_status, **who, RequestedJobStatus="Cancelled") == ("JobStatusException", 400)
    assert refused(shop.control.update_job_priority, **who, Priority=1) == ("BadRequestException", 400)
    other = run(shop, tag, token="u", ConfirmationRequired=True)["JobId"]
    shop.control.update_job_status(AccountId=shop.account, JobId=other, RequestedJobStatus="Cancelled", StatusUpdateReason="no")
    told = shop.control.describe_job(AccountId=shop.account, JobId=other)["Job"]
    assert (told["Status"], told["StatusUpdateReason"]) == ("Cancelled", "no")


def test_jobs_are_listed_tagged_and_made_once(shop: Any) -> None:
    untag: dict[str, Any] = {"S3DeleteObjectTagging": {}}
    first = shop.control.create_job(**wanted(shop, untag, "t", Tags=[{"Key": "a", "Value": "1"}]))["JobId"]
    assert shop.control.create_job(**wanted(shop, untag, "t"))["JobId"] == first
    again = wanted(shop, {"S3PutObjectTagging": {"TagSet": []}}, "t")
    assert refused(shop.control.create_job, **again) == ("IdempotencyException", 400)
    second = shop.control.create_job(**wanted(shop, untag, "u", ConfirmationRequired=True))["JobId"]
    shop.clock.idle()
    who = {"AccountId": shop.account}
    pages = [shop.control.list_jobs(**who, MaxResults=1)]
    pages.append(shop.control.list_jobs(**who, MaxResults=1, NextToken=pages[0]["NextToken"]))
    assert {page["Jobs"][0]["JobId"] for page in pages} == {first, second}
    assert "NextToken" not in pages[1]
    assert [one["JobId"] for one in shop.control.list_jobs(**who, JobStatuses=["Suspended"])["Jobs"]] == [second]
    assert shop.control.get_job_tagging(**who, JobId=first)["Tags"] == [{"Key": "a", "Value": "1"}]
    shop.control.put_job_tagging(**who, JobId=first, Tags=[{"Key": "b", "Value": "2"}])
    assert shop.control.get_job_tagging(**who, JobId=first)["Tags"] == [{"Key": "b", "Value": "2"}]
    shop.control.delete_job_tagging(**who, JobId=first)
    assert shop.control.get_job_tagging(**who, JobId=first)["Tags"] == []
    assert refused(shop.control.describe_job, **who, JobId="no-such-job") == ("NotFoundException", 404)


@pytest.mark.parametrize(("change", "code", "status"), [
    ({"Operation": {"S3ComputeObjectChecksum": {"ChecksumType": "COMPOSITE"}}}, "NotImplemented", 501),
    ({"Operation": {}}, "BadRequestException", 400),
    ({"Manifest": None}, "BadRequestException", 400), ({"Report": {"Enabled": True}}, "BadRequestException", 400),
    ({"Operation": {"S3PutObjectCopy": {}}}, "BadRequestException", 400),
    ({"AccountId": "111122223333"}, "AccessDenied", 403)])
def test_wrong_jobs_are_refused(shop: Any, change: dict[str, Any], code: str, status: int) -> None:
    asked = {name: value for name, value in (wanted(shop, {"S3DeleteObjectTagging": {}}) | change).items() if value is not None}
    assert refused(shop.control.create_job, **asked) == (code, status)


@pytest.mark.parametrize("how", ["etag", "content"])
def test_wrong_manifests_fail_the_job(shop: Any, how: str) -> None:
    if how == "etag":
        shop.etag = '"0"'
    else:
        shop.etag = shop.put_object(Bucket=shop.bucket, Key="manifest.csv", Body=b"one field\n")["ETag"]
    job = run(shop, {"S3DeleteObjectTagging": {}})
    assert (job["Status"], job["FailureReasons"][0]["FailureCode"]) == (
        "Failed", "PreconditionFailed" if how == "etag" else "InvalidManifestContent")


def test_a_job_does_no_more_than_its_role(shop: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html"""
    iam = cloud.client("iam")
    iam.create_role(RoleName="batch", AssumeRolePolicyDocument=document(
        {"Action": "sts:AssumeRole", "Principal": {"Service": "batchoperations.s3.amazonaws.com"}}))
    body = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    assert ask(cloud.endpoint, "POST", "/_cumulet/iam", body, Content_Type="application/json").status == 200
    tag = {"S3PutObjectTagging": {"TagSet": [{"Key": "a", "Value": "1"}]}}
    assert run(shop, tag)["ProgressSummary"]["NumberOfTasksFailed"] == 3
    iam.put_role_policy(RoleName="batch", PolicyName="it", PolicyDocument=document(
        {"Action": "s3:PutObjectTagging", "Resource": f"arn:aws:s3:::{shop.bucket}/b"}))
    assert run(shop, tag, token="u")["ProgressSummary"]["NumberOfTasksSucceeded"] == 1
    assert shop.get_object_tagging(Bucket=shop.bucket, Key="b")["TagSet"] == [{"Key": "a", "Value": "1"}]


def test_a_job_is_told_for_ninety_days(shop: Any) -> None:
    job = run(shop, {"S3DeleteObjectTagging": {}})["JobId"]
    shop.clock.advance(89 * 86_400)
    assert shop.control.describe_job(AccountId=shop.account, JobId=job)["Job"]["Status"] == "Complete"
    shop.clock.advance(86_401)
    assert refused(shop.control.describe_job, AccountId=shop.account, JobId=job)[0] == "NotFoundException"
    assert shop.control.list_jobs(AccountId=shop.account)["Jobs"] == []


def test_pages_of_jobs_go_on_when_jobs_have_gone(shop: Any) -> None:
    for token in "abc":
        run(shop, {"S3DeleteObjectTagging": {}}, token=token)
        shop.clock.advance(86_400)
    made = [one["JobId"] for one in shop.control.list_jobs(AccountId=shop.account)["Jobs"]]
    page = shop.control.list_jobs(AccountId=shop.account, MaxResults=2)
    assert [one["JobId"] for one in page["Jobs"]] == made[:2]
    rest = shop.control.list_jobs(AccountId=shop.account, NextToken=page["NextToken"])
    assert ([one["JobId"] for one in rest["Jobs"]], "NextToken" in rest) == (made[2:], False)
    shop.clock.advance(89 * 86_400)              # all but the last one have gone, with the one that the token names
    assert shop.control.list_jobs(AccountId=shop.account, NextToken=page["NextToken"])["Jobs"] == []
    for token in ("====", "bm8="):
        assert refused(shop.control.list_jobs, AccountId=shop.account, NextToken=token)[0] == "InvalidNextTokenException"
    assert refused(shop.control.list_access_points, AccountId=shop.account, NextToken="\u00e9")[0] == "InvalidNextToken"
