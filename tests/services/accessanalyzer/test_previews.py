"""Access previews, and analyzers of organizations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.accessanalyzer.test_external import DAY, OTHER, Queue, active, policy
from services.organizations.conftest import Org
from services.sqs.queues import refused


@pytest.fixture
def aa(cloud: Cloud) -> Any:
    return cloud.client("accessanalyzer")


@pytest.fixture
def analyzer(aa: Any) -> str:
    return str(aa.create_analyzer(analyzerName="one", type="ACCOUNT")["arn"])


@pytest.fixture
def queue(cloud: Cloud) -> Queue:
    return Queue(cloud)


def preview(aa: Any, analyzer: str, arn: str, said: dict[str, Any]) -> list[tuple[str, str]]:
    made = aa.create_access_preview(analyzerArn=analyzer, configurations={arn: said})["id"]
    told = aa.get_access_preview(analyzerArn=analyzer, accessPreviewId=made)["accessPreview"]
    assert (told["status"], told["configurations"]) == ("COMPLETED", {arn: said})
    pages = aa.get_paginator("list_access_preview_findings").paginate(
        analyzerArn=analyzer, accessPreviewId=made, PaginationConfig={"PageSize": 1})
    return [(one["changeType"], one["status"]) for page in pages for one in page["findings"]]


def test_what_a_change_would_open_and_close(aa: Any, analyzer: str, queue: Queue) -> None:
    def of(principal: Any, action: Any = "sqs:SendMessage") -> list[tuple[str, str]]:
        return preview(aa, analyzer, queue.arn, {"sqsQueue": {"queuePolicy": policy(queue.arn, principal, action)}})

    assert of({"AWS": OTHER}) == [("NEW", "ACTIVE")]
    queue.open({"AWS": OTHER})
    assert of({"AWS": OTHER}) == [("UNCHANGED", "ACTIVE")]
    assert of({"AWS": OTHER}, "sqs:*") == [("CHANGED", "ACTIVE")]
    assert of("*") == [("NEW", "ACTIVE"), ("CHANGED", "RESOLVED")]
    assert preview(aa, analyzer, queue.arn, {"sqsQueue": {"queuePolicy": ""}}) == [("CHANGED", "RESOLVED")]
    assert preview(aa, analyzer, queue.arn, {"sqsQueue": {}}) == [("UNCHANGED", "ACTIVE")]
    assert len(active(aa, analyzer)) == 1
    pages = list(aa.get_paginator("list_access_previews").paginate(analyzerArn=analyzer, PaginationConfig={"PageSize": 4}))
    assert [len(page["accessPreviews"]) for page in pages] == [4, 2]


def test_other_kinds_of_resources(cloud: Cloud, aa: Any, analyzer: str) -> None:
    bucket = f"arn:aws:s3:::new-{cloud.account}"
    public = {"bucketPolicy": policy(bucket, "*", "s3:GetObject")}
    assert preview(aa, analyzer, bucket, {"s3Bucket": public}) == [("NEW", "ACTIVE")]
    block = {"ignorePublicAcls": True, "restrictPublicBuckets": True}
    assert preview(aa, analyzer, bucket, {"s3Bucket": public | {"bucketPublicAccessBlock": block}}) == []
    key = f"arn:aws:kms:us-east-1:{cloud.account}:key/new"
    assert preview(aa, analyzer, key, {"kmsKey": {"keyPolicies": {"default": policy("*", {"AWS": OTHER}, "kms:*")}}}) == [
        ("NEW", "ACTIVE")]
    role = f"arn:aws:iam::{cloud.account}:role/new"
    trust = json.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}})
    assert preview(aa, analyzer, role, {"iamRole": {"trustPolicy": trust}}) == [("NEW", "ACTIVE")]
    with refused("NotImplemented", "ecrRepository"):
        preview(aa, analyzer, role, {"ecrRepository": {}})
    with refused("NotImplemented", "bucketAclGrants"):
        preview(aa, analyzer, bucket, {"s3Bucket": {"bucketAclGrants": [{"permission": "READ", "grantee": {"id": "x"}}]}})
    with refused("ValidationException", "exactly one"):
        preview(aa, analyzer, bucket, {"s3Bucket": {}, "iamRole": {}})
    with refused("ResourceNotFoundException", "was not found"):
        aa.get_access_preview(analyzerArn=analyzer, accessPreviewId="12345678-1234-1234-1234-123456789012")


def test_an_organization_trusts_its_own(cloud: Cloud, aa: Any, queue: Queue) -> None:
    with refused("ValidationException", "ORGANIZATION"):
        aa.create_analyzer(analyzerName="org", type="ORGANIZATION")
    org = Org(cloud)
    member = org.member()
    arn = aa.create_analyzer(analyzerName="org", type="ORGANIZATION")["arn"]
    queue.open({"AWS": member})
    assert active(aa, arn) == []
    queue.open("*", StringEquals={"aws:PrincipalOrgID": org.id})
    assert active(aa, arn) == []
    queue.open("*", StringEquals={"aws:PrincipalOrgID": "o-someother1"})
    assert len(active(aa, arn)) == 1
    queue.close()
    theirs = Queue(Cloud(cloud.thread, member), "theirs")
    theirs.open({"AWS": OTHER})
    one, = active(aa, arn)
    assert (one["resource"], one["resourceOwnerAccount"]) == (theirs.arn, member)
    cloud.clock.advance(5 * DAY)
    org.client.remove_account_from_organization(AccountId=member)
    assert active(aa, arn) == []
    org.client.delete_organization()
    assert active(aa, arn) == []
    told = aa.get_analyzer(analyzerName="org")["analyzer"]
    assert (told["status"], told["statusReason"]) == ("DISABLED", {"code": "ORGANIZATION_DELETED"})
    with refused("ValidationException", "ORGANIZATION"):
        aa.start_resource_scan(analyzerArn=arn, resourceArn=queue.arn)
    other = Cloud(cloud.thread, member).client("accessanalyzer")
    with refused("ValidationException", "ORGANIZATION"):
        other.create_analyzer(analyzerName="org", type="ORGANIZATION")


def test_unused_passwords(cloud: Cloud, aa: Any) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="correct Horse 9 battery")
    arn = aa.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")["arn"]
    cloud.clock.advance(91 * DAY)
    one, = aa.list_findings_v2(analyzerArn=arn)["findings"]
    assert one["findingType"] == "UnusedIAMUserPassword"
    assert aa.get_finding_v2(analyzerArn=arn, id=one["id"])["findingDetails"] == [{"unusedIamUserPasswordDetails": {}}]


def test_unused_permissions(cloud: Cloud, aa: Any) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(UserName="ann", GroupName="g")
    allow = {"Effect": "Allow", "Resource": "*"}
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [allow | {"Action": ["sqs:*", "sns:Publish"]}]}))
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    arn = aa.create_analyzer(analyzerName="unused", type="ACCOUNT_UNUSED_ACCESS")["arn"]
    cloud.clock.advance(91 * DAY)
    cloud.client("sqs", key=key["AccessKeyId"], secret=key["SecretAccessKey"]).list_queues()
    only = {"findingType": {"eq": ["UnusedPermission"]}}

    def services() -> list[str]:
        one, = aa.list_findings_v2(analyzerArn=arn, filter=only)["findings"]
        pages = aa.get_paginator("get_finding_v2").paginate(analyzerArn=arn, id=one["id"], PaginationConfig={"PageSize": 2})
        return [entry["unusedPermissionDetails"]["serviceNamespace"] for page in pages for entry in page["findingDetails"]]

    for _ in range(50):                # uses are noted beside the calls
        found = services()
        if "sqs" not in found:
            break
    assert {"sns", "dynamodb"} <= set(found)
    assert "sqs" not in found
    iam.detach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess")
    assert services() == ["sns"]
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [allow | {"Action": "kms:De*"}]}))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=own)
    assert services() == ["kms", "sns"]
