"""The account told as a whole: summary, authorization details, credential report."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from samples import CERTIFICATE, saml_metadata

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def test_the_summary_counts_what_is_there(iam: Any) -> None:
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument=saml_metadata())
    iam.create_open_id_connect_provider(Url="https://idp.example.com")
    iam.upload_signing_certificate(CertificateBody=CERTIFICATE)
    summary = iam.get_account_summary()["SummaryMap"]
    assert [summary[k] for k in ("MFADevices", "MFADevicesInUse", "Providers", "AccountSigningCertificatesPresent",
                                 "GlobalEndpointTokenVersion", "RolesQuota")] == [1, 0, 2, 1, 1, 1000]
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    assert iam.get_account_summary()["SummaryMap"]["GlobalEndpointTokenVersion"] == 2


def furnish(iam: Any) -> str:
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    iam.create_group(GroupName="devs")
    iam.put_group_policy(GroupName="devs", PolicyName="in", PolicyDocument=json.dumps(READ))
    iam.create_user(UserName="ann", PermissionsBoundary=ADMIN, Tags=[{"Key": "a", "Value": "1"}])
    iam.add_user_to_group(GroupName="devs", UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=own)
    iam.put_user_policy(UserName="ann", PolicyName="in", PolicyDocument=json.dumps(READ))
    iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="runner", PolicyArn=ADMIN)
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="runner")
    iam.create_policy_version(PolicyArn=own, PolicyDocument=json.dumps(READ), SetAsDefault=True)
    return str(own)


def test_authorization_details_tell_entities_with_their_policies(iam: Any) -> None:
    own = furnish(iam)
    told = iam.get_account_authorization_details()
    inline = [{"PolicyName": "in", "PolicyDocument": READ}]
    user, group, role = told["UserDetailList"][0], told["GroupDetailList"][0], told["RoleDetailList"][0]
    assert (user["UserPolicyList"], user["GroupList"], user["Tags"]) == (inline, ["devs"], [{"Key": "a", "Value": "1"}])
    assert user["AttachedManagedPolicies"] == [{"PolicyName": "own", "PolicyArn": own}]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == ADMIN
    assert (group["GroupPolicyList"], group["AttachedManagedPolicies"]) == (inline, [])
    assert (role["AssumeRolePolicyDocument"], [p["InstanceProfileName"] for p in role["InstanceProfileList"]]) == (TRUST, ["p"])
    assert role["AttachedManagedPolicies"] == [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}]
    policies = {p["Arn"]: p for p in told["Policies"]}
    assert set(policies) == {own, ADMIN}
    assert [(v["VersionId"], v["IsDefaultVersion"], v["Document"]) for v in policies[own]["PolicyVersionList"]] == [
        ("v2", True, READ), ("v1", False, READ)]
    assert policies[ADMIN]["PolicyVersionList"][0]["Document"]["Statement"][0]["Action"] == "*"
    assert (policies[ADMIN]["AttachmentCount"], policies[ADMIN]["PermissionsBoundaryUsageCount"]) == (1, 1)


def test_authorization_details_are_filtered_and_come_in_pages(iam: Any) -> None:
    own = furnish(iam)
    told = iam.get_account_authorization_details(Filter=["LocalManagedPolicy", "Group"])
    assert ([p["Arn"] for p in told["Policies"]], len(told["GroupDetailList"]), told["UserDetailList"]) == ([own], 1, [])
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    assert [sum(len(page[one]) for one in lists) for page in pages] == [2, 2, 1]
    assert [p for page in pages for p in page["Policies"]] == iam.get_account_authorization_details()["Policies"]


def test_the_credential_report_tells_each_user(cloud: Cloud, iam: Any) -> None:
    assert refused(iam.get_credential_report) == "ReportNotPresent"
    iam.update_account_password_policy(MaxPasswordAge=10)
    iam.create_user(UserName="ann")
    iam.create_user(UserName="bob")
    iam.create_login_profile(UserName="ann", Password="Password-no.1")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    cloud.client("sts", key=key["AccessKeyId"], secret=key["SecretAccessKey"], region="eu-west-1").get_caller_identity()
    iam.create_access_key(UserName="ann")
    iam.upload_signing_certificate(UserName="bob", CertificateBody=CERTIFICATE)
    assert iam.generate_credential_report()["State"] == "STARTED"
    cloud.clock.idle()
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    told = iam.get_credential_report()
    assert told["ReportFormat"] == "text/csv"
    root, ann, bob = csv.DictReader(told["Content"].decode().splitlines())
    assert (root["user"], root["password_enabled"], root["mfa_active"]) == ("<root_account>", "not_supported", "false")
    assert (ann["arn"], ann["password_enabled"], ann["password_last_used"]) == (
        f"arn:aws:iam::{cloud.account}:user/ann", "true", "no_information")
    assert ann["password_next_rotation"] > ann["password_last_changed"] > "2020"
    assert [ann[f"access_key_{n}_active"] for n in (1, 2)] == ["true", "true"]
    used = {(ann[f"access_key_{n}_last_used_service"], ann[f"access_key_{n}_last_used_region"]) for n in (1, 2)}
    assert used == {("sts", "eu-west-1"), ("N/A", "N/A")}
    assert (bob["password_enabled"], bob["password_last_used"], bob["access_key_1_active"]) == ("false", "N/A", "false")
    assert (bob["cert_1_active"], bob["cert_2_active"]) == ("true", "false")


def test_a_credential_report_is_old_after_four_hours(cloud: Cloud, iam: Any) -> None:
    iam.generate_credential_report()
    cloud.clock.idle()
    iam.create_user(UserName="ann")
    assert b"ann" not in iam.get_credential_report()["Content"]
    cloud.clock.advance(4 * 3600)
    assert refused(iam.get_credential_report) == "ReportExpired"
    assert iam.generate_credential_report()["State"] == "STARTED"
    cloud.clock.idle()
    assert b"ann" in iam.get_credential_report()["Content"]
