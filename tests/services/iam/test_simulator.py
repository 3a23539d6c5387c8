"""The policy simulator: over the wire, and beside what enforcement does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from conftest import Cloud
from cumulet.services.iam import positions

DATED = ('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":'
         '{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}')


def policy(*statements: dict[str, Any]) -> str:
    said = [{"Effect": "Allow", "Resource": "*", **one} for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": said}, indent=2)


READ = policy({"Action": "s3:Get*"})
KEEP = policy({"Effect": "Deny", "Action": "s3:Delete*"})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def decisions(told: dict[str, Any]) -> dict[str, str]:
    return {one["EvalActionName"]: one["EvalDecision"] for one in told["EvaluationResults"]}


@pytest.mark.parametrize(("when", "decision"), [("2019-04-25T11:00:00Z", "allowed"), ("2014-04-25T11:00:00Z", "implicitDeny")])
def test_the_example_of_awss_command_line(iam: Any, when: str, decision: str) -> None:
    told = iam.simulate_custom_policy(
        PolicyInputList=[DATED], ActionNames=["dynamodb:CreateBackup"],
        ContextEntries=[{"ContextKeyName": "aws:CurrentTime", "ContextKeyValues": [when], "ContextKeyType": "date"}])
    result = told["EvaluationResults"][0]
    assert (result["EvalActionName"], result["EvalResourceName"], result["EvalDecision"]) == (
        "dynamodb:CreateBackup", "*", decision)
    matched = [] if decision != "allowed" else [
        {"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "none", "StartPosition": {"Line": 1, "Column": 38},
         "EndPosition": {"Line": 1, "Column": 167}}]
    assert (result["MatchedStatements"], result["MissingContextValues"]) == (matched, [])


def test_positions_of_statements_in_many_lines() -> None:
    text = '{\n  "Id": "a, {b}",\n  "Statement": [\n    {"Effect": "Allow"},\n    {\n      "Effect": "Deny"\n    }\n  ]\n}'
    assert positions.statements(text) == [((4, 6), (4, 24)), ((5, 6), (7, 6))]


TEXTS = st.text(st.sampled_from('ab"{}[],:\\ \n'), max_size=6)


@given(st.lists(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS), max_size=3), min_size=1, max_size=4), st.booleans(),
       st.sampled_from([None, 0, 3]), TEXTS)
def test_each_span_is_the_text_of_its_statement(said: list[Any], alone: bool, indent: int | None, id: str) -> None:
    wanted = said[:1] if alone else said
    text = json.dumps({"Id": id, "Statement": wanted[0] if alone else wanted, "Version": "2012-10-17"}, indent=indent)
    starts = [0] + [at + 1 for at, sign in enumerate(text) if sign == "\n"]
    found = [text[starts[a[0] - 1] + a[1] - 2:starts[b[0] - 1] + b[1] - 1] for a, b in positions.statements(text)]
    assert [json.loads(one) for one in found] == wanted


def test_a_user_is_simulated_with_groups_and_managed_policies(cloud: Cloud, iam: Any) -> None:
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.create_group(GroupName="devs")
    iam.add_user_to_group(GroupName="devs", UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="keep", PolicyDocument=KEEP)
    iam.put_group_policy(GroupName="devs", PolicyName="read", PolicyDocument=READ)
    own = iam.create_policy(PolicyName="own", PolicyDocument=policy({"Action": "sqs:*"}))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="devs", PolicyArn=own)
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AWSLambda_FullAccess")
    actions = ["s3:GetObject", "s3:DeleteObject", "s3:PutObject", "sqs:SendMessage", "lambda:InvokeFunction"]
    told = iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=actions)
    assert decisions(told) == dict(zip(actions, ["allowed", "explicitDeny", "implicitDeny", "allowed", "allowed"], strict=True))
    sources = [[(m["SourcePolicyId"], m["SourcePolicyType"]) for m in one["MatchedStatements"]]
               for one in told["EvaluationResults"]]
    assert sources == [[("group_devs_read", "group")], [("user_ann_keep", "user")], [], [("own", "user-managed")],
                       [("AWSLambda_FullAccess", "aws-managed")]]
    group = iam.simulate_principal_policy(PolicySourceArn=f"arn:aws:iam::{cloud.account}:group/devs", ActionNames=actions)
    assert decisions(group)["s3:DeleteObject"] == "implicitDeny"
    without = [{"PolicyArn": own[:-1] + "*"}, {"InlinePolicyIdentifier": {
        "PolicyName": "keep", "AttachmentType": "user", "AttachmentName": "ann"}}]
    excluded = decisions(iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=actions, PolicyExclusionList=without))
    assert (excluded["sqs:SendMessage"], excluded["s3:DeleteObject"]) == ("implicitDeny", "implicitDeny")
    no_inline = [{"PolicyType": "inline"}]
    told = iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=actions, PolicyExclusionList=no_inline)
    assert decisions(told)["s3:GetObject"] == "implicitDeny"
    more = iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=["ec2:RunInstances"],
                                         PolicyInputList=[policy({"Action": "ec2:*"})])
    assert decisions(more) == {"ec2:RunInstances": "allowed"}


def test_each_resource_has_its_result(iam: Any) -> None:
    one = policy({"Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"},
                 {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::theirs/*"})
    told = iam.simulate_custom_policy(PolicyInputList=[one], ActionNames=["s3:GetObject"], ResourceArns=[
        "arn:aws:s3:::mine/a", "arn:aws:s3:::theirs/a", "arn:aws:s3:::other/a"])["EvaluationResults"]
    assert len(told) == 1
    assert told[0]["EvalDecision"] == "explicitDeny"
    assert [(r["EvalResourceName"], r["EvalResourceDecision"]) for r in told[0]["ResourceSpecificResults"]] == [
        ("arn:aws:s3:::mine/a", "allowed"), ("arn:aws:s3:::theirs/a", "explicitDeny"), ("arn:aws:s3:::other/a", "implicitDeny")]
    lines = [r["MatchedStatements"][0]["StartPosition"]["Line"] for r in told[0]["ResourceSpecificResults"][:2]]
    assert lines == [4, 9]


def test_a_boundary_limits(iam: Any) -> None:
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=policy({"Action": "*"}))
    edge = iam.create_policy(PolicyName="edge", PolicyDocument=READ)["Policy"]["Arn"]
    assert "PermissionsBoundaryDecisionDetail" not in iam.simulate_principal_policy(
        PolicySourceArn=user, ActionNames=["s3:GetObject"])["EvaluationResults"][0]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=edge)

    def told(**more: Any) -> list[tuple[str, bool]]:
        found = iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=["s3:GetObject", "s3:PutObject"], **more)
        return [(one["EvalDecision"], one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"])
                for one in found["EvaluationResults"]]

    assert told() == [("allowed", True), ("implicitDeny", False)]
    assert told(PermissionsBoundaryPolicyInputList=[policy({"Action": "s3:Put*"})]) == [
        ("implicitDeny", False), ("allowed", True)]


def test_service_control_policies_are_levels(iam: Any) -> None:
    def told(*levels: list[str]) -> list[tuple[str, bool]]:
        found = iam.simulate_custom_policy(
            PolicyInputList=[policy({"Action": "*"})], ActionNames=["s3:GetObject", "s3:DeleteObject"],
            OrderedOrganizationPolicyInputList=[{"ServiceControlPolicyInputList": level} for level in levels])
        return [(one["EvalDecision"], one["OrganizationsDecisionDetail"]["AllowedByOrganizations"])
                for one in found["EvaluationResults"]]

    everything = policy({"Action": "*"})
    assert told([everything], [everything]) == [("allowed", True), ("allowed", True)]
    assert told([everything], [everything, KEEP]) == [("allowed", True), ("explicitDeny", False)]
    assert told([READ], [everything]) == [("allowed", True), ("implicitDeny", False)]


def test_a_resource_policy_counts_for_whom_it_names(cloud: Cloud, iam: Any) -> None:
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    bucket = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*"}]})
    ask = {"ActionNames": ["s3:PutObject"], "ResourceArns": ["arn:aws:s3:::b/k"]}
    assert decisions(iam.simulate_principal_policy(PolicySourceArn=user, **ask)) == {"s3:PutObject": "implicitDeny"}
    told = iam.simulate_principal_policy(PolicySourceArn=user, ResourcePolicy=bucket, **ask)
    assert decisions(told) == {"s3:PutObject": "allowed"}
    assert told["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyType"] == "resource"
    theirs = iam.simulate_principal_policy(PolicySourceArn=user, ResourcePolicy=bucket, ResourceOwner="999988887777", **ask)
    assert decisions(theirs) == {"s3:PutObject": "implicitDeny"}
    both = iam.simulate_custom_policy(PolicyInputList=[policy({"Action": "s3:*"})], ResourcePolicy=bucket, CallerArn=user,
                                      ResourceOwner="999988887777", **ask)
    assert decisions(both) == {"s3:PutObject": "allowed"}
    assert refused(iam.simulate_custom_policy, PolicyInputList=[READ], ResourcePolicy=bucket, **ask) == "InvalidInput"


def test_nothing_is_told_of_users_of_other_accounts(cloud: Cloud, iam: Any) -> None:
    """Conditions on what is known of a caller would tell its tags, one guess after another."""
    theirs = cloud.other().client("iam").create_user(UserName="eve", Tags=[{"Key": "team", "Value": "red"}])["User"]["Arn"]
    guess = policy({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}})
    assert refused(iam.simulate_custom_policy, PolicyInputList=[guess], CallerArn=theirs,
                   ActionNames=["s3:GetObject"]) == "InvalidInput"


def test_missing_keys_are_told_and_keys_listed(iam: Any) -> None:
    said = policy({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}/*",
                   "Condition": {"StringEquals": {"s3:ExistingObjectTag/a": "1", "aws:SourceVpce": "vpce-1"}}})
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[said])["ContextKeyNames"] == [
        "aws:PrincipalTag/team", "aws:SourceVpce", "s3:ExistingObjectTag/a"]
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.put_user_policy(UserName="ann", PolicyName="dated", PolicyDocument=DATED)
    assert iam.get_context_keys_for_principal_policy(PolicySourceArn=user, PolicyInputList=[said])["ContextKeyNames"] == [
        "aws:CurrentTime", "aws:PrincipalTag/team", "aws:SourceVpce", "s3:ExistingObjectTag/a"]
    ask = {"PolicyInputList": [policy({"Action": "s3:GetObject", "Condition": {"Bool": {"aws:Odd": "true"}}})],
           "ActionNames": ["s3:GetObject"]}
    told = iam.simulate_custom_policy(**ask)["EvaluationResults"][0]
    assert (told["EvalDecision"], told["MissingContextValues"]) == ("implicitDeny", ["aws:Odd"])
    given = [{"ContextKeyName": "aws:odd", "ContextKeyValues": ["true"], "ContextKeyType": "boolean"}]
    assert decisions(iam.simulate_custom_policy(ContextEntries=given, **ask)) == {"s3:GetObject": "allowed"}


def test_results_come_in_pages(iam: Any) -> None:
    actions = [f"s3:Get{n}" for n in range(5)]
    pages = iam.get_paginator("simulate_custom_policy").paginate(PolicyInputList=[READ], ActionNames=actions,
                                                                 PaginationConfig={"PageSize": 2})
    assert [[one["EvalActionName"] for one in page["EvaluationResults"]] for page in pages] == [
        actions[:2], actions[2:4], actions[4:]]


def test_what_cannot_be_simulated_is_refused(iam: Any) -> None:
    ask = {"PolicyInputList": [READ], "ActionNames": ["s3:GetObject"]}
    for wrong in ({"ActionNames": ["s3:*"]}, {"PolicyInputList": ["{}"]}, {"ResourceArns": ["bucket"]},
                  {"ResourceHandlingOption": "EC2-VPC-EBS", "ResourceArns": ["arn:aws:ec2:us-east-1:1:instance/i-1"]},
                  {"PermissionsBoundaryPolicyInputList": [READ, READ]}, {"ResourceOwner": "me"}):
        assert refused(iam.simulate_custom_policy, **ask | wrong) == "InvalidInput"
    kinds = ("instance/i", "image/i", "security-group/s", "network-interface/e", "volume/v")
    complete = [f"arn:aws:ec2:us-east-1:1:{one}" for one in kinds]
    told = iam.simulate_custom_policy(PolicyInputList=[policy({"Action": "ec2:*"})], ActionNames=["ec2:RunInstances"],
                                      ResourceHandlingOption="EC2-VPC-EBS", ResourceArns=complete)
    assert decisions(told) == {"ec2:RunInstances": "allowed"}
    none = "arn:aws:iam::123456789012:user/none"
    assert refused(iam.simulate_principal_policy, PolicySourceArn=none, ActionNames=["s3:GetObject"]) == "NoSuchEntity"
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="read", PolicyDocument=READ)
    assert decisions(iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["s3:GetObject"])) == {
        "s3:GetObject": "allowed"}
    assert refused(iam.simulate_principal_policy, PolicySourceArn=role, ActionNames=["s3:GetObject"],
                   ResourcePolicy=policy({"Action": "*", "Principal": "*"})) == "InvalidInput"
