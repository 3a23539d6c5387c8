"""Control policies hold: in a cloud that enforces them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account

FULL = "p-FullAWSAccess"


def deny(*actions: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}]})


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


@pytest.fixture
def cloud(enforcing: Any) -> Cloud:
    """In place of the shared one: the organization of these tests is in a cloud that enforces."""
    return Cloud(enforcing, new_account())


def message(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value)


def administrator(cloud: Cloud, account: str) -> dict[str, str]:
    iam = cloud.client("iam", account=account)
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def test_an_scp_limits_users_and_the_root_of_members_but_not_the_manager(cloud: Cloud, org: Any) -> None:
    member, unit = org.member(), org.unit("a")
    keys = administrator(cloud, member)
    sqs, root = cloud.client("sqs", **keys), cloud.client("sqs", account=member)
    sqs.list_queues()
    org.client.attach_policy(PolicyId=org.policy(deny("sqs:ListQueues")), TargetId=unit)
    sqs.list_queues()                                                  # not yet in the unit
    org.client.move_account(AccountId=member, SourceParentId=org.root, DestinationParentId=unit)
    assert "with an explicit deny in a service control policy" in message(sqs.list_queues)
    assert "with an explicit deny in a service control policy" in message(root.list_queues)
    sqs.create_queue(QueueName="q")
    cloud.client("sqs").list_queues()
    cloud.client("sqs", account=new_account()).list_queues()
    org.client.move_account(AccountId=member, SourceParentId=unit, DestinationParentId=org.root)
    sqs.list_queues()


def test_each_level_must_allow(cloud: Cloud, org: Any) -> None:
    member, unit = org.member(), org.unit("a")
    org.client.move_account(AccountId=member, SourceParentId=org.root, DestinationParentId=unit)
    keys = administrator(cloud, member)
    only = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]})
    org.client.attach_policy(PolicyId=org.policy(only), TargetId=unit)
    org.client.detach_policy(PolicyId=FULL, TargetId=unit)
    cloud.client("sqs", **keys).list_queues()
    assert "no service control policy allows the SNS:ListTopics action" in message(cloud.client("sns", **keys).list_topics)
    org.client.disable_policy_type(RootId=org.root, PolicyType="SERVICE_CONTROL_POLICY")
    cloud.client("sns", **keys).list_topics()


def test_an_scp_keeps_members_from_leaving(cloud: Cloud, org: Any) -> None:
    member = org.member()
    org.client.attach_policy(PolicyId=org.policy(deny("organizations:LeaveOrganization")), TargetId=org.root)
    cloud.clock.advance(5 * 86_400)
    leave = cloud.client("organizations", account=member).leave_organization
    assert "service control policy" in message(leave)
    cloud.clock.real()


def test_an_rcp_limits_whoever_comes_to_the_resources_of_members(cloud: Cloud, org: Any) -> None:
    member = org.member()
    keys = administrator(cloud, member)
    url = cloud.client("sqs", **keys).create_queue(QueueName="q")["QueueUrl"]
    org.client.enable_policy_type(RootId=org.root, PolicyType="RESOURCE_CONTROL_POLICY")
    text = deny("sqs:SendMessage", Principal="*")
    org.client.attach_policy(PolicyId=org.policy(text, "RESOURCE_CONTROL_POLICY"), TargetId=member)
    told = message(cloud.client("sqs", **keys).send_message, QueueUrl=url, MessageBody="a")
    assert "with an explicit deny in a resource control policy" in told
    cloud.client("sqs", **keys).receive_message(QueueUrl=url)


def test_policies_ask_for_the_organization(cloud: Cloud, org: Any) -> None:
    member = org.member()
    url = cloud.client("sqs").create_queue(QueueName="shared")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{cloud.account}:shared"
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": org.id}}}]})})
    inside = cloud.client("sqs", **administrator(cloud, member))
    inside.send_message(QueueUrl=url, MessageBody="a")
    stranger = cloud.client("sqs", **administrator(cloud, new_account()))
    assert "AccessDenied" in message(stranger.send_message, QueueUrl=url, MessageBody="a")


def test_nobody_acts_in_a_closed_account(cloud: Cloud, org: Any) -> None:
    member = org.member()
    keys = administrator(cloud, member)
    cloud.client("sqs", **keys).list_queues()
    org.client.close_account(AccountId=member)
    cloud.clock.idle()
    for client in (cloud.client("sqs", **keys), cloud.client("sqs", account=member)):
        assert "UnrecognizedClientException" in message(client.list_queues)


def allowed(cloud: Cloud, account: str, name: str, *statements: dict[str, Any]) -> dict[str, str]:
    """The key of a user who may do only this."""
    iam = cloud.client("iam", account=account)
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **s} for s in statements]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def test_policies_name_units_policies_and_their_types(cloud: Cloud, org: Any) -> None:
    here, other, tagged = org.unit("here"), org.unit("other"), org.unit("tagged")
    org.client.tag_resource(ResourceId=tagged, Tags=[{"Key": "team", "Value": "a"}])
    policy = org.policy(deny("s3:*"))
    prefix = f"arn:aws:organizations::{cloud.account}"
    keys = allowed(
        cloud, cloud.account, "ann",
        {"Action": "organizations:AttachPolicy", "Resource": [f"{prefix}:ou/{org.id}/{here}", f"{prefix}:policy/*"]},
        {"Action": "organizations:UpdateOrganizationalUnit", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}},
        {"Action": "organizations:ListPolicies", "Condition": {"StringEquals": {"organizations:PolicyType": "TAG_POLICY"}}})
    ann = cloud.client("organizations", **keys)
    ann.attach_policy(PolicyId=policy, TargetId=here)
    assert f"ou/{org.id}/{other}" in message(ann.attach_policy, PolicyId=policy, TargetId=other)
    ann.update_organizational_unit(OrganizationalUnitId=tagged, Name="renamed")
    assert "AccessDenied" in message(ann.update_organizational_unit, OrganizationalUnitId=here, Name="renamed")
    ann.list_policies(Filter="TAG_POLICY")
    assert "AccessDenied" in message(ann.list_policies, Filter="SERVICE_CONTROL_POLICY")


def test_a_delegate_needs_a_policy_of_its_own_as_well(cloud: Cloud, org: Any) -> None:
    member = org.member()
    for service in ("config.amazonaws.com", "account.amazonaws.com"):
        org.client.enable_aws_service_access(ServicePrincipal=service)
        org.client.register_delegated_administrator(AccountId=member, ServicePrincipal=service)
    arn = f"arn:aws:organizations::{cloud.account}:account/{org.id}/{member}"
    keys = allowed(cloud, member, "bob", {"Action": "organizations:DescribeAccount", "Resource": arn},
                   {"Action": "account:PutAccountName",
                    "Resource": f"arn:aws:account::{cloud.account}:account/{org.id}/{member}"})
    bob = cloud.client("organizations", **keys)
    assert bob.describe_account(AccountId=member)["Account"]["Id"] == member
    assert "AccessDenied" in message(bob.describe_account, AccountId=cloud.account)
    assert "AccessDenied" in message(bob.list_accounts)
    account = cloud.client("account", **keys)
    account.put_account_name(AccountName="new", AccountId=member)
    assert "AccessDenied" in message(account.put_account_name, AccountName="new")
    assert bob.describe_account(AccountId=member)["Account"]["Name"] == "new"
