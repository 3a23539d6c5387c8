"""The access advisor: who last used what, and by which policies."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

READ = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["s3:List*", "sqs:*"], "Resource": "*"}]})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def settle(cloud: Cloud) -> None:
    """The recorder has told what it knows, and that is written."""
    async def flushed() -> None:
        cloud.kernel.recorder.flush()
        await asyncio.sleep(0.2 if cloud.kernel.store.blocking else 0)

    cloud.thread.call(flushed())
    cloud.clock.idle()


def report(cloud: Cloud, iam: Any, arn: str, granularity: str = "SERVICE_LEVEL") -> dict[str, Any]:
    settle(cloud)
    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity=granularity)["JobId"]
    settle(cloud)
    told: dict[str, Any] = iam.get_service_last_accessed_details(JobId=job)
    assert told["JobStatus"] == "COMPLETED"
    return told | {"JobId": job}


def user(cloud: Cloud, iam: Any, name: str) -> dict[str, Any]:
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def test_a_user_is_told_with_services_that_policies_open(cloud: Cloud, iam: Any) -> None:
    ann = user(cloud, iam, "ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=READ)
    arn = f"arn:aws:iam::{cloud.account}:user/ann"
    before = report(cloud, iam, arn)["ServicesLastAccessed"]
    assert before == [{"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "TotalAuthenticatedEntities": 0},
                      {"ServiceName": "Amazon SQS", "ServiceNamespace": "sqs", "TotalAuthenticatedEntities": 0}]
    sqs = cloud.client("sqs", region="eu-west-1", **ann)
    sqs.list_queues()
    moment = cloud.clock.now()
    told = report(cloud, iam, arn, "ACTION_LEVEL")
    s3, found = told["ServicesLastAccessed"]
    assert (told["JobType"], s3["TotalAuthenticatedEntities"]) == ("ACTION_LEVEL", 0)
    assert abs(found["LastAuthenticated"].timestamp() - moment) < 30
    assert (found["LastAuthenticatedEntity"], found["LastAuthenticatedRegion"], found["TotalAuthenticatedEntities"]) == (
        arn, "eu-west-1", 1)
    assert [(a["ActionName"], a["LastAccessedEntity"]) for a in found["TrackedActionsLastAccessed"]] == [("ListQueues", arn)]
    cloud.clock.advance(3600)
    sqs.list_queues()
    later = report(cloud, iam, arn)["ServicesLastAccessed"][1]
    assert later["LastAuthenticated"].timestamp() - moment > 3500
    assert "TrackedActionsLastAccessed" not in later
    cloud.clock.advance(401 * 86400)
    assert "LastAuthenticated" not in report(cloud, iam, arn)["ServicesLastAccessed"][1]


def test_a_group_and_a_policy_are_told_with_their_users_and_roles(cloud: Cloud, iam: Any) -> None:
    ann, _ = user(cloud, iam, "ann"), user(cloud, iam, "bob")
    policy = iam.create_policy(PolicyName="read", PolicyDocument=READ)["Policy"]["Arn"]
    iam.create_group(GroupName="devs")
    for name in ("ann", "bob"):
        iam.add_user_to_group(GroupName="devs", UserName=name)
    iam.attach_group_policy(GroupName="devs", PolicyArn=policy)
    role = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=TRUST)["Role"]
    iam.attach_role_policy(RoleName="runner", PolicyArn=policy)
    session = cloud.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="work")["Credentials"]
    cloud.client("sqs", **ann).list_queues()
    cloud.client("s3", key=session["AccessKeyId"], secret=session["SecretAccessKey"],
                 token=session["SessionToken"]).list_buckets()
    group = report(cloud, iam, f"arn:aws:iam::{cloud.account}:group/devs")
    by_service = {one["ServiceNamespace"]: one for one in group["ServicesLastAccessed"]}
    assert (by_service["sqs"]["TotalAuthenticatedEntities"], by_service["s3"]["TotalAuthenticatedEntities"]) == (1, 0)
    told = report(cloud, iam, policy)
    by_service = {one["ServiceNamespace"]: one for one in told["ServicesLastAccessed"]}
    assert by_service["s3"]["LastAuthenticatedEntity"] == role["Arn"]
    ask = {"JobId": told["JobId"], "ServiceNamespace": "sqs"}
    entities = iam.get_service_last_accessed_details_with_entities(**ask)["EntityDetailsList"]
    assert {one["EntityInfo"]["Name"]: "LastAuthenticated" in one for one in entities} == {
        "ann": True, "bob": False, "runner": False}
    assert {one["EntityInfo"]["Type"] for one in entities} == {"USER", "ROLE"}
    first = iam.get_service_last_accessed_details_with_entities(MaxItems=2, **ask)
    for odd in ("x", base64.urlsafe_b64encode(b"5").decode(), base64.urlsafe_b64encode(b"[" * 900).decode()):
        assert refused(iam.get_service_last_accessed_details_with_entities, Marker=odd, **ask) == "ValidationError"
    rest = iam.get_service_last_accessed_details_with_entities(MaxItems=2, Marker=first["Marker"], **ask)
    assert first["EntityDetailsList"] + rest["EntityDetailsList"] == entities
    assert refused(iam.get_service_last_accessed_details_with_entities, JobId=told["JobId"],
                   ServiceNamespace="nothing") == "InvalidInput"


def test_an_administrator_may_use_every_service_in_pages(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.put_user_policy(UserName="ann", PolicyName="no", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]}))
    told = report(cloud, iam, f"arn:aws:iam::{cloud.account}:user/ann")
    names = [one["ServiceNamespace"] for one in told["ServicesLastAccessed"]]
    assert (len(names), told["IsTruncated"]) == (100, True)
    while told["IsTruncated"]:
        told = {"JobId": told["JobId"]} | iam.get_service_last_accessed_details(JobId=told["JobId"], Marker=told["Marker"])
        names += [one["ServiceNamespace"] for one in told["ServicesLastAccessed"]]
    assert names == sorted(set(names))
    assert len(names) > 300
    assert "lambda" in names
    assert "ec2" not in names


def test_reports_are_about_what_exists(cloud: Cloud, iam: Any) -> None:
    generate = iam.generate_service_last_accessed_details
    assert refused(generate, Arn=f"arn:aws:iam::{cloud.account}:user/none") == "NoSuchEntity"
    assert refused(generate, Arn=f"arn:aws:iam::{cloud.account}:policy/none") == "NoSuchEntity"
    assert refused(generate, Arn="arn:aws:s3:::bucket-of-mine") == "InvalidInput"
    assert refused(iam.get_service_last_accessed_details, JobId="0" * 36) == "NoSuchEntity"


def test_reports_are_kept_for_a_week(cloud: Cloud, iam: Any) -> None:
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    old = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    cloud.clock.advance(6 * 86_400)
    young = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    assert iam.get_service_last_accessed_details(JobId=old)["JobStatus"] == "COMPLETED"
    cloud.clock.advance(2 * 86_400)
    iam.generate_service_last_accessed_details(Arn=arn)
    assert refused(iam.get_service_last_accessed_details, JobId=old) == "NoSuchEntity"
    assert iam.get_service_last_accessed_details(JobId=young)["JobStatus"] == "COMPLETED"


def test_policies_that_open_a_service(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="devs")
    iam.add_user_to_group(GroupName="devs", UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="in", PolicyDocument=READ)
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_group_policy(GroupName="devs", PolicyArn=admin)
    arn = f"arn:aws:iam::{cloud.account}:user/ann"
    told = iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["sqs", "ec2"])
    managed = {"PolicyName": "AdministratorAccess", "PolicyType": "MANAGED", "PolicyArn": admin}
    inline = {"PolicyName": "in", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "ann"}
    assert told["PoliciesGrantingServiceAccess"] == [
        {"ServiceNamespace": "ec2", "Policies": [managed]}, {"ServiceNamespace": "sqs", "Policies": [inline, managed]}]
    assert not told["IsTruncated"]
    assert refused(iam.list_policies_granting_service_access, Arn=arn, ServiceNamespaces=["nothing"]) == "InvalidInput"
