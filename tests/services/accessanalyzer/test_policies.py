"""Policies validated and checked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from services.sqs.queues import refused


@pytest.fixture
def aa(cloud: Cloud) -> Any:
    return cloud.client("accessanalyzer")


def document(*statements: dict[str, Any], version: str | None = "2012-10-17") -> str:
    return json.dumps(({"Version": version} if version else {}) | {"Statement": list(statements)})


def allow(action: Any = "s3:GetObject", resource: Any = "arn:aws:s3:::b/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def codes(aa: Any, text: str, kind: str = "IDENTITY_POLICY", **more: Any) -> list[tuple[str, str]]:
    return [(one["findingType"], one["issueCode"]) for one in aa.validate_policy(
        policyDocument=text, policyType=kind, **more)["findings"]]


@pytest.mark.parametrize(("statement", "expected"), [
    (allow(), []),
    (allow("s3:Get*", "*"), []),
    (allow("S3:getobject"), []),
    (allow("*", "arn:aws:s3:::b"), []),
    (allow(["s3:GetObjects"]), [("ERROR", "INVALID_ACTION")]),
    (allow("s3:Nothing*"), [("ERROR", "INVALID_ACTION")]),
    (allow("GetObject"), [("ERROR", "INVALID_ACTION")]),
    (allow("nosuch:Thing"), [("ERROR", "INVALID_SERVICE_IN_ACTION")]),
    (allow([]), [("SUGGESTION", "EMPTY_ARRAY_ACTION")]),
    (allow(resource=[]), [("SUGGESTION", "EMPTY_ARRAY_RESOURCE")]),
    (allow(resource="b"), [("ERROR", "INVALID_ARN_PREFIX")]),
    (allow(resource="arn:aws:s3:b"), [("ERROR", "MISSING_ARN_FIELD")]),
    (allow(resource="arn:amazon:s3:::b"), [("ERROR", "INVALID_PARTITION")]),
    (allow(Effect="allow"), [("ERROR", "INVALID_EFFECT")]),
    (allow(Extra=1), [("ERROR", "INVALID_POLICY_ELEMENT")]),
    (allow(Principal="*"), [("ERROR", "UNSUPPORTED_PRINCIPAL")]),
    (allow(NotAction="s3:*"), [("ERROR", "UNSUPPORTED_ELEMENT_COMBINATION")]),
    (allow(Sid=""), [("SUGGESTION", "EMPTY_SID_VALUE")]),
    ({"Effect": "Allow", "Resource": "*"}, [("ERROR", "MISSING_ACTION")]),
    ({"Action": "s3:GetObject", "Effect": "Allow"}, [("ERROR", "MISSING_RESOURCE")]),
    ({"Action": "s3:GetObject", "Resource": "*"}, [("ERROR", "MISSING_EFFECT")]),
    (allow(Condition={}), [("SUGGESTION", "EMPTY_OBJECT_CONDITION")]),
    (allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a", "s3:prefix": "x", "accounts.google.com:aud": "y"}}), []),
    (allow(Condition={"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*"]}}), []),
    (allow(Condition={"StringEqual": {"aws:username": "a"}}), [("ERROR", "INVALID_CONDITION_OPERATOR")]),
    (allow(Condition={"NullIfExists": {"aws:username": "true"}}), [("ERROR", "NULL_WITH_IF_EXISTS")]),
    (allow(Condition={"StringEquals": {"aws:Username2": "a"}}), [("ERROR", "INVALID_GLOBAL_CONDITION_KEY")]),
    (allow(Condition={"StringEquals": {"s3:nothing": "a"}}), [("ERROR", "INVALID_SERVICE_CONDITION_KEY")]),
    (allow(Condition={"StringEquals": {"username": "a"}}), [("ERROR", "INVALID_CONDITION_KEY_FORMAT")]),
    (allow(Condition={"StringEquals": {"aws:username": "a*"}}), [("WARNING", "WILDCARD_WITHOUT_LIKE_OPERATOR")]),
    (allow(Condition={"StringEquals": {"aws:username": []}}), [("SUGGESTION", "EMPTY_ARRAY_CONDITION")]),
    (allow(Condition={"ArnEquals": {"aws:ARN": "arn:aws:iam::1:user/a"}}), [("WARNING", "DEPRECATED_GLOBAL_CONDITION_KEY")]),
    (allow("iam:PassRole", "*"), [("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE")]),
    (allow("iam:*", "*"), [("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE")]),
    (allow("iam:PassRole", "arn:aws:iam::123456789012:role/one"), []),
    (allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), []),
    ({"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "arn:aws:iam::123456789012:role/a"},
     [("SECURITY_WARNING", "PASS_ROLE_WITH_NOT_RESOURCE")]),
])
def test_statements(aa: Any, statement: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert codes(aa, document(statement)) == expected


def test_documents(aa: Any) -> None:
    assert codes(aa, document(allow(), version=None)) == [("WARNING", "MISSING_VERSION")]
    assert codes(aa, document(allow(), version="2020-01-01")) == [("ERROR", "INVALID_VERSION")]
    assert codes(aa, '{"Version": "2012-10-17"}') == [("ERROR", "MISSING_STATEMENT")]
    assert codes(aa, "[]") == [("ERROR", "DATA_TYPE_MISMATCH")]
    assert codes(aa, document(allow(Sid="a"), allow(Sid="a"))) == [("WARNING", "UNIQUE_SIDS_RECOMMENDED")]
    one, = aa.validate_policy(policyDocument='{"Version": "2012-10-17",}', policyType="IDENTITY_POLICY")["findings"]
    assert (one["issueCode"], one["locations"][0]["span"]["start"]["offset"]) == ("JSON_SYNTAX_ERROR", 25)
    for broken in ("", "{", '{"a"', '{"a": tru}', '{"a": "b', '{"a": 1} x', "[" * 5000):
        assert codes(aa, broken) == [("ERROR", "JSON_SYNTAX_ERROR")], broken


def test_policies_of_resources(aa: Any) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:q"

    def of(**principal: Any) -> list[tuple[str, str]]:
        return codes(aa, document(allow("sqs:SendMessage", queue, **principal)), "RESOURCE_POLICY")

    assert of(Principal={"AWS": "123456789012"}) == of(Principal="*") == []
    assert of() == [("ERROR", "MISSING_PRINCIPAL")]
    assert of(Principal="someone") == [("ERROR", "INVALID_PRINCIPAL_FORMAT")]
    assert of(Principal={"Somebody": "x"}) == [("ERROR", "INVALID_PRINCIPAL_KEY")]
    assert of(NotPrincipal={"AWS": "123456789012"}) == [("SECURITY_WARNING", "ALLOW_WITH_NOT_PRINCIPAL")]
    trust = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    assert codes(aa, trust, "RESOURCE_POLICY", validatePolicyResourceType="AWS::IAM::AssumeRolePolicyDocument") == []
    assert codes(aa, trust, "RESOURCE_POLICY") == [("ERROR", "MISSING_RESOURCE")]
    with refused("ValidationException", "resource policies"):
        codes(aa, trust, validatePolicyResourceType="AWS::S3::Bucket")


def test_a_finding_points_at_its_place(aa: Any) -> None:
    text = ('{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Allow",\n'
            '     "Action": ["s3:GetObject", "s3:Nope"], "Resource": "*"}]}')
    one, = aa.validate_policy(policyDocument=text, policyType="IDENTITY_POLICY")["findings"]
    assert one["findingDetails"] == "The action s3:Nope does not exist."
    assert one["learnMoreLink"].endswith("#access-analyzer-reference-policy-checks-error-invalid-action")
    place, = one["locations"]
    assert place["path"] == [{"value": "Statement"}, {"index": 0}, {"value": "Action"}, {"index": 1}]
    at = text.index('"s3:Nope"')
    assert place["span"]["start"] == {"line": 5, "column": 32, "offset": at}
    assert place["span"]["end"] == {"line": 5, "column": 41, "offset": at + 9}


def test_findings_are_paged(aa: Any) -> None:
    pages = list(aa.get_paginator("validate_policy").paginate(
        policyDocument=document(allow(["s3:A", "s3:B", "s3:C"])), policyType="IDENTITY_POLICY",
        PaginationConfig={"PageSize": 2}))
    assert [len(page["findings"]) for page in pages] == [2, 1]


@pytest.mark.parametrize(("old", "new", "passes"), [
    ([allow("s3:*", "*")], [allow()], True),
    ([allow()], [allow("s3:*", "*")], False),
    ([allow(["s3:GetObject", "s3:PutObject"])], [allow("s3:GetObject"), allow("s3:PutObject")], True),
    ([allow("s3:GetObject")], [allow("s3:PutObject")], False),
    ([allow()], [allow(resource="arn:aws:s3:::b/c/*")], True),
    ([allow()], [allow(resource="arn:aws:s3:::c/*")], False),
    ([allow()], [allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], True),
    ([allow(Condition={"Bool": {"aws:SecureTransport": "true"}})], [allow()], False),
    ([allow(), deny()], [allow()], False),
    ([allow()], [allow(), deny()], True),
    ([allow()], [allow("s3:*", "*"), deny()], True),
    ([allow(), deny("s3:GetObject", "arn:aws:s3:::b/secret")], [allow(), deny("s3:*", "arn:aws:s3:::b/*")], True),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
     True),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], [allow()], True),
    ([allow("*", "*")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], False),
])
def test_no_new_access(aa: Any, old: list[dict[str, Any]], new: list[dict[str, Any]], passes: bool) -> None:
    told = aa.check_no_new_access(existingPolicyDocument=document(*old), newPolicyDocument=document(*new),
                                  policyType="IDENTITY_POLICY")
    assert told["result"] == ("PASS" if passes else "FAIL")
    assert ("reasons" in told) != passes


def test_no_new_access_of_principals(aa: Any) -> None:
    def check(old: Any, new: Any) -> str:
        return str(aa.check_no_new_access(
            existingPolicyDocument=document(allow(Principal=old)), newPolicyDocument=document(allow(Principal=new)),
            policyType="RESOURCE_POLICY")["result"])

    assert check({"AWS": ["1", "2"]}, {"AWS": "1"}) == check("*", {"AWS": "1"}) == "PASS"
    assert check({"AWS": "1"}, {"AWS": ["1", "2"]}) == check({"AWS": "1"}, "*") == "FAIL"


@pytest.mark.parametrize(("statements", "access", "passes"), [
    ([allow()], {"actions": ["s3:PutObject"]}, True),
    ([allow()], {"actions": ["s3:getobject"]}, False),
    ([allow("s3:Get*")], {"actions": ["s3:*Object"]}, False),
    ([allow("s3:Get*")], {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::other/*"]}, True),
    ([allow("s3:Get*")], {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/x"]}, False),
    ([allow()], {"resources": ["arn:aws:s3:::b/x"]}, False),
    ([allow("s3:*", "*"), deny("s3:Delete*")], {"actions": ["s3:DeleteObject"]}, True),
    ([allow("s3:*", "*"), deny("s3:DeleteObject", "arn:aws:s3:::b/*")], {"actions": ["s3:DeleteObject"]}, False),
    ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], {"actions": ["s3:GetObject"]}, True),
    ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], {"actions": ["sqs:SendMessage"]}, False),
    ([deny()], {"actions": ["s3:GetObject"]}, True),
])
def test_access_not_granted(aa: Any, statements: list[dict[str, Any]], access: dict[str, Any], passes: bool) -> None:
    told = aa.check_access_not_granted(policyDocument=document(*statements), access=[access], policyType="IDENTITY_POLICY")
    assert told["result"] == ("PASS" if passes else "FAIL")
    if not passes:
        assert told["reasons"][0]["statementIndex"] == 0


@pytest.mark.parametrize(("statements", "passes"), [
    ([allow(Principal="*")], False), ([allow(Principal={"AWS": "*"})], False),
    ([allow(Principal={"AWS": "123456789012"})], True),
    ([allow(Principal="*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})], True),
    ([allow(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}})], False),
    ([allow(Principal="*"), deny(Principal="*")], True)])
def test_no_public_access(aa: Any, statements: list[dict[str, Any]], passes: bool) -> None:
    told = aa.check_no_public_access(policyDocument=document(*statements), resourceType="AWS::S3::Bucket")
    assert told["result"] == ("PASS" if passes else "FAIL")


def test_what_cannot_be_checked(aa: Any) -> None:
    for check in (lambda: aa.check_no_public_access(policyDocument="x", resourceType="AWS::S3::Bucket"),
                  lambda: aa.check_access_not_granted(policyDocument="{}", access=[{"actions": ["s3:*"]}],
                                                      policyType="IDENTITY_POLICY"),
                  lambda: aa.check_access_not_granted(policyDocument=document(allow()), access=[{}],
                                                      policyType="IDENTITY_POLICY")):
        with refused("InvalidParameterException", ""):
            check()


def test_patterns_of_many_stars_are_compared_in_a_moment(aa: Any) -> None:
    many = "*a" * 40 + "*b"
    old = document({"Effect": "Allow", "Action": f"s3:{many}", "Resource": "*"})
    new = document({"Effect": "Allow", "Action": "s3:" + "a" * 900, "Resource": "*"})
    assert aa.check_no_new_access(newPolicyDocument=new, existingPolicyDocument=old, policyType="IDENTITY_POLICY")[
        "result"] == "FAIL"
    told = aa.validate_policy(policyDocument=old.replace(many, "*e" * 20 + "*q"), policyType="IDENTITY_POLICY")["findings"]
    assert "INVALID_ACTION" in [one["issueCode"] for one in told]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"Statement": ' + "[" * 100_000, '{"Statement": ' + "1" * 5000 + "}"])
def test_what_cannot_be_read_is_no_policy(aa: Any, text: str) -> None:
    told = aa.validate_policy(policyDocument=text, policyType="IDENTITY_POLICY")["findings"]
    assert [one["findingType"] for one in told] == ["ERROR"]
    with pytest.raises(ClientError) as problem:
        aa.check_access_not_granted(policyDocument=text, access=[{"actions": ["s3:GetObject"]}], policyType="IDENTITY_POLICY")
    assert problem.value.response["Error"]["Code"] == "InvalidParameterException"
