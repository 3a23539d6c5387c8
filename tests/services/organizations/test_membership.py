"""Invitations, all features, and who may act for the organization."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud

DAY = 86_400


def invite(org: Any, account: str, **more: Any) -> dict[str, Any]:
    asked = org.client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": account}, **more)
    return dict(asked["Handshake"])


def test_an_invited_account_joins(cloud: Cloud, org: Any, refused: Any) -> None:
    guest = cloud.other()
    asked = invite(org, guest.account, Notes="come", Tags=[{"Key": "team", "Value": "a"}])
    assert (asked["State"], asked["Action"]) == ("OPEN", "INVITE")
    assert asked["Parties"] == [{"Id": org.id, "Type": "ORGANIZATION"}, {"Id": guest.account, "Type": "ACCOUNT"}]
    assert {"Type": "NOTES", "Value": "come"} in asked["Resources"]
    assert asked["Arn"] == f"arn:aws:organizations::{cloud.account}:handshake/{org.id}/invite/{asked['Id']}"
    assert refused(org.client.invite_account_to_organization, Target={"Type": "ACCOUNT", "Id": guest.account})[0] == \
        "DuplicateHandshakeException"
    inside = guest.client("organizations")
    assert inside.list_handshakes_for_account()["Handshakes"] == [asked]
    assert refused(org.client.accept_handshake, HandshakeId=asked["Id"])[0] == "AccessDeniedException"
    stranger = cloud.other().client("organizations")
    assert refused(stranger.describe_handshake, HandshakeId=asked["Id"])[0] == "HandshakeNotFoundException"
    assert inside.accept_handshake(HandshakeId=asked["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert refused(inside.accept_handshake, HandshakeId=asked["Id"])[0] == "HandshakeAlreadyInStateException"
    assert refused(inside.decline_handshake, HandshakeId=asked["Id"])[0] == "InvalidHandshakeTransitionException"
    told = org.client.describe_account(AccountId=guest.account)["Account"]
    assert (told["JoinedMethod"], told["Paths"]) == ("INVITED", [f"{org.id}/{org.root}/{guest.account}/"])
    assert org.client.list_tags_for_resource(ResourceId=guest.account)["Tags"] == [{"Key": "team", "Value": "a"}]
    inside.leave_organization()                  # invited accounts need not wait
    assert len(org.client.list_accounts()["Accounts"]) == 1


def test_an_invitation_goes_to_an_address(cloud: Cloud, org: Any, refused: Any) -> None:
    other = cloud.other()
    theirs = other.client("organizations")
    theirs.create_organization()
    address = theirs.list_accounts()["Accounts"][0]["Email"]
    asked = org.client.invite_account_to_organization(Target={"Type": "EMAIL", "Id": address})["Handshake"]
    assert asked["Parties"][1] == {"Id": address, "Type": "EMAIL"}
    assert [h["Id"] for h in theirs.list_handshakes_for_account()["Handshakes"]] == [asked["Id"]]
    assert refused(theirs.accept_handshake, HandshakeId=asked["Id"]) == \
        ("HandshakeConstraintViolationException", "ALREADY_IN_AN_ORGANIZATION")
    theirs.delete_organization()
    theirs.accept_handshake(HandshakeId=asked["Id"])
    assert len(org.client.list_accounts()["Accounts"]) == 2
    assert refused(org.client.invite_account_to_organization, Target={"Type": "EMAIL", "Id": "nobody"}) == \
        ("InvalidInputException", "INVALID_EMAIL_ADDRESS_TARGET")


def test_an_invitation_is_declined_cancelled_or_too_old(cloud: Cloud, org: Any, refused: Any) -> None:
    guest = cloud.other()
    inside = guest.client("organizations")
    declined = inside.decline_handshake(HandshakeId=invite(org, guest.account)["Id"])["Handshake"]
    assert declined["State"] == "DECLINED"
    second = invite(org, guest.account)["Id"]
    assert refused(inside.cancel_handshake, HandshakeId=second)[0] == "AccessDeniedException"
    assert org.client.cancel_handshake(HandshakeId=second)["Handshake"]["State"] == "CANCELED"
    third = invite(org, guest.account)["Id"]
    cloud.clock.advance(15 * DAY + 1)
    assert inside.describe_handshake(HandshakeId=third)["Handshake"]["State"] == "EXPIRED"
    assert refused(inside.accept_handshake, HandshakeId=third)[0] == "InvalidHandshakeTransitionException"
    sent = org.client.list_handshakes_for_organization(Filter={"ActionType": "INVITE"})["Handshakes"]
    assert {h["State"] for h in sent} == {"DECLINED", "CANCELED", "EXPIRED"}
    cloud.clock.advance(30 * DAY)
    assert org.client.list_handshakes_for_organization()["Handshakes"] == []


def test_all_features_need_the_yes_of_every_invited_account(cloud: Cloud, refused: Any) -> None:
    client = cloud.client("organizations")
    client.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    guest = cloud.other()
    inside = guest.client("organizations")
    asked = client.invite_account_to_organization(Target={"Type": "ACCOUNT", "Id": guest.account})["Handshake"]
    inside.accept_handshake(HandshakeId=asked["Id"])
    whole = client.enable_all_features()["Handshake"]
    assert (whole["Action"], whole["State"]) == ("ENABLE_ALL_FEATURES", "REQUESTED")
    assert refused(client.enable_all_features) == \
        ("HandshakeConstraintViolationException", "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
    assert refused(client.invite_account_to_organization, Target={"Type": "ACCOUNT", "Id": cloud.other().account}) == \
        ("HandshakeConstraintViolationException", "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES")
    assert refused(client.accept_handshake, HandshakeId=whole["Id"])[0] == "InvalidHandshakeTransitionException"
    part, = client.list_handshakes_for_organization(Filter={"ParentHandshakeId": whole["Id"]})["Handshakes"]
    inside.accept_handshake(HandshakeId=part["Id"])
    assert client.describe_handshake(HandshakeId=whole["Id"])["Handshake"]["State"] == "OPEN"
    client.accept_handshake(HandshakeId=whole["Id"])
    assert client.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    told = client.list_policies_for_target(TargetId=guest.account, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    assert [p["Id"] for p in told] == ["p-FullAWSAccess"]
    assert refused(client.enable_all_features) == \
        ("HandshakeConstraintViolationException", "ORGANIZATION_ALREADY_HAS_ALL_FEATURES")


def test_trusted_services(org: Any, refused: Any) -> None:
    for name in ("config.amazonaws.com", "guardduty.amazonaws.com"):
        org.client.enable_aws_service_access(ServicePrincipal=name)
    told = org.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert [one["ServicePrincipal"] for one in told] == ["config.amazonaws.com", "guardduty.amazonaws.com"]
    org.client.disable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    assert len(org.client.list_aws_service_access_for_organization()["EnabledServicePrincipals"]) == 1
    assert refused(org.client.enable_aws_service_access, ServicePrincipal="nobody") == \
        ("InvalidInputException", "UNRECOGNIZED_SERVICE_PRINCIPAL")


def test_a_delegated_administrator_reads(cloud: Cloud, org: Any, refused: Any) -> None:
    member, service = org.member(), "config.amazonaws.com"
    asked = {"AccountId": member, "ServicePrincipal": service}
    inside = cloud.client("organizations", account=member)
    assert refused(org.client.register_delegated_administrator, **asked) == \
        ("ConstraintViolationException", "SERVICE_ACCESS_NOT_ENABLED")
    org.client.enable_aws_service_access(ServicePrincipal=service)
    assert refused(org.client.register_delegated_administrator, **{**asked, "AccountId": cloud.account}) == \
        ("ConstraintViolationException", "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR")
    assert refused(inside.list_accounts)[0] == "AccessDeniedException"
    org.client.register_delegated_administrator(**asked)
    assert refused(org.client.register_delegated_administrator, **asked)[0] == "AccountAlreadyRegisteredException"
    assert len(inside.list_accounts()["Accounts"]) == 2
    assert refused(inside.create_organizational_unit, ParentId=org.root, Name="a")[0] == "AccessDeniedException"
    assert [a["Id"] for a in org.client.list_delegated_administrators(ServicePrincipal=service)["DelegatedAdministrators"]] == \
        [member]
    assert org.client.list_delegated_administrators(ServicePrincipal="x.amazonaws.com")["DelegatedAdministrators"] == []
    services = org.client.list_delegated_services_for_account(AccountId=member)["DelegatedServices"]
    assert [one["ServicePrincipal"] for one in services] == [service]
    assert refused(org.client.disable_aws_service_access, ServicePrincipal=service) == \
        ("ConstraintViolationException", "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE")
    assert refused(inside.leave_organization) == \
        ("ConstraintViolationException", "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")
    org.client.deregister_delegated_administrator(**asked)
    assert refused(inside.list_accounts)[0] == "AccessDeniedException"
    assert refused(org.client.deregister_delegated_administrator, **asked)[0] == "AccountNotRegisteredException"
    assert refused(org.client.list_delegated_services_for_account, AccountId=member)[0] == "AccountNotRegisteredException"


def delegate(account: str, *actions: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": list(actions), "Resource": "*",
        **more}]})


def test_the_resource_policy_delegates(cloud: Cloud, org: Any, refused: Any) -> None:
    member = org.member()
    inside = cloud.client("organizations", account=member)
    assert refused(org.client.describe_resource_policy)[0] == "ResourcePolicyNotFoundException"
    content = delegate(member, "organizations:Describe*", "organizations:List*", "organizations:CreatePolicy",
                       Condition={"StringLikeIfExists": {"organizations:PolicyType": "TAG_*"}})
    made = org.client.put_resource_policy(Content=content, Tags=[{"Key": "a", "Value": "1"}])["ResourcePolicy"]
    id = made["ResourcePolicySummary"]["Id"]
    assert made["ResourcePolicySummary"]["Arn"] == f"arn:aws:organizations::{cloud.account}:resourcepolicy/{org.id}/{id}"
    assert org.client.list_tags_for_resource(ResourceId=id)["Tags"] == [{"Key": "a", "Value": "1"}]
    assert inside.describe_resource_policy()["ResourcePolicy"]["Content"] == content
    assert len(inside.list_accounts()["Accounts"]) == 2
    tags = '{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}'
    asked = {"Content": tags, "Description": "", "Name": "p", "Type": "TAG_POLICY"}
    policy = inside.create_policy(**asked)["Policy"]["PolicySummary"]
    assert policy["Arn"].startswith(f"arn:aws:organizations::{cloud.account}:")
    scp = {**asked, "Type": "SERVICE_CONTROL_POLICY"}
    assert refused(inside.create_policy, **scp)[0] == "AccessDeniedException"
    assert refused(inside.list_policies, Filter="SERVICE_CONTROL_POLICY")[0] == "AccessDeniedException"
    assert refused(inside.delete_policy, PolicyId=policy["Id"])[0] == "AccessDeniedException"
    org.client.delete_resource_policy()
    assert refused(inside.list_accounts)[0] == "AccessDeniedException"
    assert refused(org.client.delete_resource_policy)[0] == "ResourcePolicyNotFoundException"


def test_the_resource_policy_names_what_it_delegates(cloud: Cloud, org: Any, refused: Any) -> None:
    member, here, there = org.member(), org.unit("here"), org.unit("there")
    org.client.enable_policy_type(RootId=org.root, PolicyType="TAG_POLICY")
    tags = '{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}'
    ours, theirs = org.policy(tags, "TAG_POLICY", "ours"), org.policy(tags, "TAG_POLICY", "theirs")
    arn = f"arn:aws:organizations::{cloud.account}:"
    org.client.put_resource_policy(Content=delegate(
        member, "organizations:AttachPolicy", "organizations:UpdatePolicy", "organizations:TagResource",
        Resource=[f"{arn}ou/{org.id}/{here}", f"{arn}policy/{org.id}/tag_policy/{ours}"]))
    inside = cloud.client("organizations", account=member)
    inside.attach_policy(PolicyId=ours, TargetId=here)
    assert [one["TargetId"] for one in org.client.list_targets_for_policy(PolicyId=ours)["Targets"]] == [here]
    inside.update_policy(PolicyId=ours, Description="new")
    for ask, members in ((inside.attach_policy, {"PolicyId": theirs, "TargetId": here}),
                         (inside.attach_policy, {"PolicyId": ours, "TargetId": there}),
                         (inside.update_policy, {"PolicyId": theirs, "Description": "new"}),
                         (inside.tag_resource, {"ResourceId": member, "Tags": [{"Key": "a", "Value": "1"}]})):
        assert refused(ask, **members)[0] == "AccessDeniedException"


def test_a_condition_that_is_not_understood_opens_nothing(cloud: Cloud, org: Any, refused: Any) -> None:
    member = org.member()
    inside = cloud.client("organizations", account=member)
    org.client.put_resource_policy(Content=delegate(member, "organizations:ListAccounts",
                                                    Condition={"StringEquals": {"aws:PrincipalTag/a": "b"}}))
    assert refused(inside.list_accounts)[0] == "AccessDeniedException"


def test_a_resource_policy_that_is_none(org: Any, refused: Any) -> None:
    good = json.loads(delegate("123456789012", "organizations:ListAccounts"))
    for change, reason in (({"Action": "organizations:CreateAccount"}, "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
                           ({"Action": "s3:GetObject"}, "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
                           ({"Principal": {"Service": "x.amazonaws.com"}}, "INVALID_PRINCIPAL"),
                           ({"Effect": "Maybe"}, "INVALID_RESOURCE_POLICY_JSON"),
                           ({"Condition": {"StringEquals": "a"}}, "INVALID_RESOURCE_POLICY_JSON")):
        content = json.dumps({**good, "Statement": [{**good["Statement"][0], **change}]})
        assert refused(org.client.put_resource_policy, Content=content) == ("InvalidInputException", reason)
    assert refused(org.client.put_resource_policy, Content="{") == ("InvalidInputException", "INVALID_RESOURCE_POLICY_JSON")
