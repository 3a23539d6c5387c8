"""What IAM does for an organization: over the wire."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def member(cloud: Cloud) -> str:
    client = cloud.client("organizations")
    asked = client.create_account(Email=f"a@{cloud.account}.example.com", AccountName="a")["CreateAccountStatus"]
    cloud.clock.idle()
    return str(client.describe_create_account_status(CreateAccountRequestId=asked["Id"])["CreateAccountStatus"]["AccountId"])


def settle(cloud: Cloud) -> None:
    async def flushed() -> None:
        cloud.kernel.recorder.flush()
        await asyncio.sleep(0.2 if cloud.kernel.store.blocking else 0)

    cloud.thread.call(flushed())
    cloud.clock.idle()


def test_root_access_is_the_organizations_to_enable(cloud: Cloud, iam: Any) -> None:
    assert refused(iam.list_organizations_features) == "OrganizationNotFoundException"
    client = cloud.client("organizations")
    known_as = client.create_organization()["Organization"]["Id"]
    assert refused(iam.enable_organizations_root_sessions) == "ServiceAccessNotEnabledException"
    client.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    told = iam.enable_organizations_root_sessions()
    assert (told["OrganizationId"], told["EnabledFeatures"]) == (known_as, ["RootSessions"])
    iam.enable_organizations_root_credentials_management()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]
    account = member(cloud)
    theirs = cloud.client("iam", account=account)
    assert refused(theirs.list_organizations_features) == "AccountNotManagementOrDelegatedAdministratorException"
    client.register_delegated_administrator(AccountId=account, ServicePrincipal="iam.amazonaws.com")
    assert theirs.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]
    assert iam.disable_organizations_root_credentials_management()["EnabledFeatures"] == []


def test_the_access_report_tells_what_policies_leave_open_and_who_used_it(cloud: Cloud, iam: Any) -> None:
    client = cloud.client("organizations")
    known_as = client.create_organization()["Organization"]["Id"]
    root = client.list_roots()["Roots"][0]["Id"]
    account = member(cloud)
    content = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sqs:*", "s3:*", "iam:*"], "Resource": "*"}]})
    policy = client.create_policy(Content=content, Description="d", Name="few", Type="SERVICE_CONTROL_POLICY")["Policy"]
    client.attach_policy(PolicyId=policy["PolicySummary"]["Id"], TargetId=account)
    client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=account)
    theirs = cloud.client("iam", account=account)
    theirs.create_user(UserName="ann")
    key = theirs.create_access_key(UserName="ann")["AccessKey"]
    cloud.client("sqs", key=key["AccessKeyId"], secret=key["SecretAccessKey"]).list_queues()
    settle(cloud)

    def report(path: str, **more: Any) -> dict[str, Any]:
        job = iam.generate_organizations_access_report(EntityPath=path, **more)["JobId"]
        assert iam.get_organizations_access_report(JobId=job)["JobStatus"] in ("IN_PROGRESS", "COMPLETED")
        cloud.clock.idle()
        told: dict[str, Any] = iam.get_organizations_access_report(JobId=job, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING")
        return told | {"JobId": job}

    path = f"{known_as}/{root}/{account}"
    told = report(path)
    assert (told["NumberOfServicesAccessible"], told["NumberOfServicesNotAccessed"]) == (3, 2)
    assert [one["ServiceNamespace"] for one in told["AccessDetails"]] == ["sqs", "s3", "iam"]
    sqs = told["AccessDetails"][0]
    assert (sqs["EntityPath"], sqs["TotalAuthenticatedEntities"], sqs["Region"]) == (path + "/", 1, "us-east-1")
    page = iam.get_organizations_access_report(JobId=told["JobId"], MaxItems=2)
    rest = iam.get_organizations_access_report(JobId=told["JobId"], MaxItems=2, Marker=page["Marker"])
    names = [one["ServiceNamespace"] for one in page["AccessDetails"] + rest["AccessDetails"]]
    assert (names, rest["IsTruncated"]) == (["iam", "s3", "sqs"], False)
    whole = report(f"{known_as}/{root}")
    assert whole["NumberOfServicesAccessible"] > 300
    assert whole["AccessDetails"][0]["ServiceNamespace"] == "sqs"
    assert report(f"{known_as}/{root}", OrganizationsPolicyId=policy["PolicySummary"]["Id"])["NumberOfServicesAccessible"] == 3
    assert refused(iam.generate_organizations_access_report, EntityPath=f"{known_as}/{root}/ou-none-00000000") == "InvalidInput"
    assert refused(theirs.generate_organizations_access_report, EntityPath=path) == "AccessDenied"
    stranger = cloud.other()
    elsewhere = stranger.client("organizations")
    elsewhere.create_organization()
    policy = elsewhere.create_policy(Content=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}), Description="", Name="p", Type="SERVICE_CONTROL_POLICY")
    assert refused(iam.generate_organizations_access_report, EntityPath=path,
                   OrganizationsPolicyId=policy["Policy"]["PolicySummary"]["Id"]) == "InvalidInput"
    assert refused(iam.get_organizations_access_report, JobId="0" * 36) == "NoSuchEntity"
