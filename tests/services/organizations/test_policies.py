"""Policies of organizations: written, put on targets, and what they come to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud

DENY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
DENY_ALL = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]})
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
TAGS = json.dumps({"tags": {"team": {"tag_key": {"@@assign": "Team"}}}})


def ids(told: Any) -> list[str]:
    return [p["Id"] for p in told["Policies"]]


def test_a_policy_is_written_changed_and_deleted(org: Any, refused: Any) -> None:
    made = org.client.create_policy(Content=DENY, Description="no S3", Name="p", Type=SCP,
                                    Tags=[{"Key": "a", "Value": "1"}])["Policy"]
    told = made["PolicySummary"]
    assert told["Arn"] == f"arn:aws:organizations::{org.cloud.account}:policy/{org.id}/service_control_policy/{told['Id']}"
    assert org.client.describe_policy(PolicyId=told["Id"])["Policy"] == made
    assert org.client.list_tags_for_resource(ResourceId=told["Id"])["Tags"] == [{"Key": "a", "Value": "1"}]
    again = {"Content": DENY, "Description": "", "Name": "p", "Type": SCP}
    assert refused(org.client.create_policy, **again)[0] == "DuplicatePolicyException"
    assert refused(org.client.create_policy, **{**again, "Name": "FullAWSAccess"})[0] == "DuplicatePolicyException"
    other = org.policy(DENY, name="q")
    assert refused(org.client.update_policy, PolicyId=other, Name="p")[0] == "DuplicatePolicyException"
    changed = org.client.update_policy(PolicyId=other, Name="r", Description="new", Content=DENY.replace("s3", "ec2"))["Policy"]
    assert (changed["PolicySummary"]["Name"], changed["PolicySummary"]["Description"]) == ("r", "new")
    assert json.loads(org.client.describe_policy(PolicyId=other)["Policy"]["Content"])["Statement"][0]["Action"] == "ec2:*"
    assert set(ids(org.client.list_policies(Filter=SCP))) == {"p-FullAWSAccess", told["Id"], other}
    org.client.delete_policy(PolicyId=other)
    assert refused(org.client.describe_policy, PolicyId=other)[0] == "PolicyNotFoundException"
    assert refused(org.client.update_policy, PolicyId="p-FullAWSAccess", Name="mine") == \
        ("InvalidInputException", "IMMUTABLE_POLICY")


@pytest.mark.parametrize(("kind", "content"), [
    (SCP, "{"), (SCP, "[]"), (SCP, DENY_ALL), (SCP, DENY.replace("Deny", "Maybe")), (SCP, DENY.replace("s3:*", "s3")),
    (RCP, DENY), (RCP, DENY_ALL.replace("Deny", "Allow")), (RCP, DENY_ALL.replace("s3:*", "*")),
    *((RCP, json.dumps(json.loads(DENY_ALL) | {"Statement": [json.loads(DENY_ALL)["Statement"][0] | {"Condition": condition}]}))
      for condition in ({"StringMaybe": {"aws:PrincipalOrgID": "o"}}, {"StringEquals": "o"}, "o")),
    ("TAG_POLICY", '{"services":{"default":{"a":{"@@assign":"b"}}}}'), ("TAG_POLICY", '{"tags":{"a":{"tag_key":"b"}}}'),
    ("TAG_POLICY", '{"tags":{"a":{"tag_value":{"@@append":"b"}}}}'), ("TAG_POLICY", '{"tags":{"a":{"@@put":"b"}}}'),
    ("BACKUP_POLICY", TAGS), ("AISERVICES_OPT_OUT_POLICY", '{"services":{"@@operators_allowed_for_child_policies":["@@x"]}}')])
def test_a_text_that_is_no_policy_of_its_type_is_refused(org: Any, refused: Any, kind: str, content: str) -> None:
    assert refused(org.client.create_policy, Content=content, Description="", Name="p", Type=kind)[0] == \
        "MalformedPolicyDocumentException"


def test_a_policy_has_at_most_5120_characters(org: Any, refused: Any) -> None:
    assert org.policy(DENY + " " * (5120 - len(DENY)))
    assert refused(org.client.create_policy, Content=DENY + " " * (5121 - len(DENY)), Description="", Name="q", Type=SCP) == \
        ("ConstraintViolationException", "POLICY_CONTENT_LIMIT_EXCEEDED")


def test_every_target_keeps_a_policy(org: Any, refused: Any) -> None:
    unit = org.unit("a")
    member = org.member()
    for target in (org.root, unit, member):
        assert ids(org.client.list_policies_for_target(TargetId=target, Filter=SCP)) == ["p-FullAWSAccess"]
    on = {"PolicyId": org.policy(DENY), "TargetId": unit}
    full = {"PolicyId": "p-FullAWSAccess", "TargetId": unit}
    assert refused(org.client.detach_policy, **full) == \
        ("ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
    assert refused(org.client.detach_policy, **on)[0] == "PolicyNotAttachedException"
    org.client.attach_policy(**on)
    assert refused(org.client.attach_policy, **on)[0] == "DuplicatePolicyAttachmentException"
    assert refused(org.client.delete_policy, PolicyId=on["PolicyId"])[0] == "PolicyInUseException"
    org.client.detach_policy(**full)
    assert ids(org.client.list_policies_for_target(TargetId=unit, Filter=SCP)) == [on["PolicyId"]]
    target, = org.client.list_targets_for_policy(PolicyId=on["PolicyId"])["Targets"]
    assert (target["TargetId"], target["Type"], target["Name"]) == (unit, "ORGANIZATIONAL_UNIT", "a")
    assert len(org.client.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]) == 3
    assert refused(org.client.attach_policy, PolicyId=on["PolicyId"], TargetId="ou-none-none0000")[0] == \
        "TargetNotFoundException"


def test_a_target_has_at_most_five_of_a_type(org: Any, refused: Any) -> None:
    for n in range(4):
        org.client.attach_policy(PolicyId=org.policy(DENY, name=str(n)), TargetId=org.root)
    assert refused(org.client.attach_policy, PolicyId=org.policy(DENY, name="5"), TargetId=org.root) == \
        ("ConstraintViolationException", "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")


def test_a_type_is_enabled_and_disabled(org: Any, refused: Any) -> None:
    member = org.member()
    policy = org.policy(DENY_ALL, RCP)
    assert refused(org.client.attach_policy, PolicyId=policy, TargetId=member)[0] == "PolicyTypeNotEnabledException"
    root = org.client.enable_policy_type(RootId=org.root, PolicyType=RCP)["Root"]
    assert {"Type": RCP, "Status": "ENABLED"} in root["PolicyTypes"]
    assert refused(org.client.enable_policy_type, RootId=org.root, PolicyType=RCP)[0] == "PolicyTypeAlreadyEnabledException"
    assert ids(org.client.list_policies_for_target(TargetId=member, Filter=RCP)) == ["p-RCPFullAWSAccess"]
    org.client.attach_policy(PolicyId=policy, TargetId=member)
    assert refused(org.client.detach_policy, PolicyId="p-RCPFullAWSAccess", TargetId=member) == \
        ("InvalidInputException", "NON_DETACHABLE_POLICY")
    org.client.disable_policy_type(RootId=org.root, PolicyType=RCP)
    assert ids(org.client.list_policies_for_target(TargetId=member, Filter=RCP)) == []
    assert refused(org.client.disable_policy_type, RootId=org.root, PolicyType=RCP)[0] == "PolicyTypeNotEnabledException"
    assert refused(org.client.enable_policy_type, RootId="r-none", PolicyType=RCP)[0] == "RootNotFoundException"


def test_billing_alone_has_no_policies(cloud: Cloud, refused: Any) -> None:
    client = cloud.client("organizations")
    client.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    root = client.list_roots()["Roots"][0]
    assert root["PolicyTypes"] == []
    assert refused(client.enable_policy_type, RootId=root["Id"], PolicyType=SCP)[0] == \
        "PolicyTypeNotAvailableForOrganizationException"
    assert refused(client.create_policy, Content=DENY, Description="", Name="p", Type=SCP)[0] == \
        "PolicyTypeNotAvailableForOrganizationException"


def test_the_effective_policy_of_an_account(cloud: Cloud, org: Any, refused: Any) -> None:
    member, unit = org.member(), org.unit("a")
    org.client.move_account(AccountId=member, SourceParentId=org.root, DestinationParentId=unit)
    org.client.enable_policy_type(RootId=org.root, PolicyType="TAG_POLICY")
    inside = cloud.client("organizations", account=member)
    assert refused(inside.describe_effective_policy, PolicyType="TAG_POLICY")[0] == "EffectivePolicyNotFoundException"
    root = {"tags": {"costcenter": {"tag_key": {"@@assign": "CostCenter"},
                                    "tag_value": {"@@assign": ["Development", "Support"]}}}}
    more = {"tags": {"costcenter": {"tag_value": {"@@append": ["Marketing"]}}}}
    org.client.attach_policy(PolicyId=org.policy(json.dumps(root), "TAG_POLICY", "r"), TargetId=org.root)
    org.client.attach_policy(PolicyId=org.policy(json.dumps(more), "TAG_POLICY", "m"), TargetId=unit)
    told = inside.describe_effective_policy(PolicyType="TAG_POLICY")["EffectivePolicy"]
    assert (told["TargetId"], told["PolicyType"]) == (member, "TAG_POLICY")
    assert json.loads(told["PolicyContent"]) == {"tags": {"costcenter": {
        "tag_key": "CostCenter", "tag_value": ["Development", "Support", "Marketing"]}}}
    own = org.client.describe_effective_policy(PolicyType="TAG_POLICY")["EffectivePolicy"]
    assert json.loads(own["PolicyContent"])["tags"]["costcenter"]["tag_value"] == ["Development", "Support"]
    assert org.client.describe_effective_policy(PolicyType="TAG_POLICY", TargetId=member)["EffectivePolicy"] == told
    assert refused(org.client.describe_effective_policy, PolicyType="TAG_POLICY", TargetId=unit) == \
        ("InvalidInputException", "TARGET_NOT_SUPPORTED")


def test_tags(org: Any, refused: Any) -> None:
    unit, member = org.unit("a"), org.member()
    for target in (org.root, unit, member, org.policy(DENY)):
        org.client.tag_resource(ResourceId=target, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        org.client.tag_resource(ResourceId=target, Tags=[{"Key": "b", "Value": "3"}])
        org.client.untag_resource(ResourceId=target, TagKeys=["a"])
        assert org.client.list_tags_for_resource(ResourceId=target)["Tags"] == [{"Key": "b", "Value": "3"}]
    many = [{"Key": str(n), "Value": ""} for n in range(51)]
    assert refused(org.client.tag_resource, ResourceId=unit, Tags=many) == \
        ("ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED")
    assert refused(org.client.tag_resource, ResourceId=unit, Tags=[{"Key": "a", "Value": ""}] * 2) == \
        ("InvalidInputException", "DUPLICATE_TAG_KEY")
    assert refused(org.client.tag_resource, ResourceId="ou-none-none0000", Tags=many[:1])[0] == "TargetNotFoundException"
