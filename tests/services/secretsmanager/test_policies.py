"""Resource policies: attached, validated, refused when they let everybody in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.secretsmanager.test_secrets import make, secrets  # noqa: F401  (a fixture)
from services.sqs.queues import refused

ALLOW = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "secretsmanager:GetSecretValue",
         "Resource": "*"}


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_policy_comes_and_goes(secrets: Any) -> None:  # noqa: F811
    arn = make(secrets)
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="db")
    assert secrets.list_resource_policies(SecretId="db")["ResourcePolicies"] == []
    told = secrets.put_resource_policy(SecretId="db", ResourcePolicy=text(ALLOW), BlockPublicPolicy=True)
    assert (told["ARN"], told["Name"]) == (arn, "db")
    assert secrets.get_resource_policy(SecretId="db")["ResourcePolicy"] == text(ALLOW)
    assert secrets.list_resource_policies(SecretId="db")["ResourcePolicies"] == [{"PolicyName": "default"}]
    assert secrets.delete_resource_policy(SecretId="db")["ARN"] == arn
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="db")
    with refused("ResourceNotFoundException"):
        secrets.put_resource_policy(SecretId="none", ResourcePolicy=text(ALLOW))
    with refused("InvalidParameterException", "default"):
        secrets.put_resource_policy(SecretId="db", ResourcePolicy=text(ALLOW), PolicyName="other")
    with refused("ResourceNotFoundException"):
        secrets.get_resource_policy(SecretId="db", PolicyName="other")


@pytest.mark.parametrize(("policy", "words"), [
    ("no json", "invalid Json"), ("[]", "syntax error"), ("{}", "syntax error"), (text({"Effect": "Maybe"}), "syntax error"),
    (text({name: value for name, value in ALLOW.items() if name != "Principal"}), "Principal"),
    ("[" * 20_000, "invalid Json"), (text({**ALLOW, "Principal": ["*"]}), "Principal"),
    (text({**ALLOW, "Principal": {"AWS": {"a": "b"}}}), "syntax error"), (text({**ALLOW, "Condition": 5}), "syntax error"),
    (text({**ALLOW, "Condition": {"StringEquals": 5}}), "syntax error"),
    (text({**ALLOW, "Effect": "Deny", "Condition": {"StringResembles": {"aws:userid": "a"}}}), "syntax error"),
    (text({**ALLOW, "Action": "s3:GetObject"}), "invalid action")])
def test_policies_that_are_none(secrets: Any, policy: str, words: str) -> None:  # noqa: F811
    make(secrets)
    with refused("MalformedPolicyDocumentException", words):
        secrets.put_resource_policy(SecretId="db", ResourcePolicy=policy)
    told = secrets.validate_resource_policy(ResourcePolicy=policy)
    assert not told["PolicyValidationPassed"]
    assert words in told["ValidationErrors"][0]["ErrorMessage"]


@pytest.mark.parametrize(("change", "public"), [
    ({"Principal": "*"}, True), ({"Principal": {"AWS": ["*"]}}, True),
    ({"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}, False),
    ({"Principal": "*", "Condition": {"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}}, True),
    ({"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}}, True),
    ({"Principal": "*", "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False), ({}, False)])
def test_public_policies_are_blocked_on_request(secrets: Any, change: dict[str, Any], public: bool) -> None:  # noqa: F811
    make(secrets)
    policy = text({**ALLOW, **change})
    assert secrets.validate_resource_policy(SecretId="db", ResourcePolicy=policy)["PolicyValidationPassed"] is not public
    if public:
        with refused("PublicPolicyException"):
            secrets.put_resource_policy(SecretId="db", ResourcePolicy=policy, BlockPublicPolicy=True)
    secrets.put_resource_policy(SecretId="db", ResourcePolicy=policy, BlockPublicPolicy=not public)
    assert secrets.get_resource_policy(SecretId="db")["ResourcePolicy"] == policy


def test_a_policy_that_nobody_could_change_again_is_told(secrets: Any) -> None:  # noqa: F811
    told = secrets.validate_resource_policy(ResourcePolicy=text(
        {**ALLOW, "Effect": "Deny", "Principal": "*", "Action": "secretsmanager:*"}))
    assert [one["CheckName"] for one in told["ValidationErrors"]] == ["LOCKOUT"]
    with refused("ResourceNotFoundException"):
        secrets.validate_resource_policy(SecretId="none", ResourcePolicy=text(ALLOW))
