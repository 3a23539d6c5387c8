"""Who may use a secret, in a cloud that enforces policies."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from enforced import document, own, refused, user
from services.secretsmanager.test_secrets import make, value_of


def test_the_right_to_a_secret_is_enough_under_the_accounts_own_key(strict: Cloud) -> None:
    arn = make(strict.client("secretsmanager"), "mine")
    other = make(strict.client("secretsmanager"), "other")
    keys = user(strict, "ann", document({"Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                                         "Resource": arn}))
    ann = strict.client("secretsmanager", **keys)
    assert value_of(ann, "mine") == value_of(ann, arn) == "one"
    ann.put_secret_value(SecretId="mine", SecretString="two")
    assert value_of(ann, "mine") == "two"
    assert f"secretsmanager:GetSecretValue on resource: {other}" in refused(ann.get_secret_value, SecretId="other")
    assert "secretsmanager:DescribeSecret" in refused(ann.describe_secret, SecretId="mine")


def test_a_new_secret_is_allowed_by_the_beginning_of_its_arn(strict: Cloud) -> None:
    keys = user(strict, "ann", document({"Action": "secretsmanager:*", "Resource":
                                         f"arn:aws:secretsmanager:us-east-1:{strict.account}:secret:ann/*"}))
    ann = strict.client("secretsmanager", **keys)
    make(ann, "ann/db")
    assert value_of(ann, "ann/db") == "one"
    assert "secretsmanager:CreateSecret" in refused(ann.create_secret, Name="bob/db", SecretString="x")


def test_a_customers_key_needs_rights_of_its_own(strict: Cloud) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    make(strict.client("secretsmanager"), KmsKeyId=key)
    without = strict.client("secretsmanager", **user(strict, "ann", own("secretsmanager:*")))
    assert refused(without.get_secret_value, SecretId="db") == "Access to KMS is not allowed"
    via = document({"Action": ["secretsmanager:*"], "Resource": "*"}, {
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key,
        "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}})
    keys = user(strict, "bob", via)
    assert value_of(strict.client("secretsmanager", **keys)) == "one"
    refused(strict.client("kms", **keys).generate_data_key, KeyId=key, KeySpec="AES_256")


def test_another_account_comes_by_both_policies(strict: Cloud) -> None:
    other = strict.other()
    policy = document(
        {"Action": "kms:*", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{strict.account}:root"}},
        {"Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": f"arn:aws:iam::{other.account}:root"}})
    key = strict.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    mine = strict.client("secretsmanager")
    arn = make(mine, KmsKeyId=key)
    theirs = other.client("secretsmanager", **user(other, "bob", own("secretsmanager:GetSecretValue", "kms:Decrypt")))
    refused(theirs.get_secret_value, SecretId=arn)
    mine.put_resource_policy(SecretId="db", ResourcePolicy=document(
        {"Action": "secretsmanager:GetSecretValue", "Resource": "*", "Principal": {"AWS": other.account}}))
    assert value_of(theirs, arn) == "one"
    refused(theirs.describe_secret, SecretId=arn)


def test_a_resource_policy_refuses(strict: Cloud) -> None:
    mine = strict.client("secretsmanager")
    make(mine)
    keys = user(strict, "ann", own("secretsmanager:*"))
    ann = strict.client("secretsmanager", **keys)
    assert value_of(ann) == "one"
    mine.put_resource_policy(SecretId="db", ResourcePolicy=document(
        {"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
         "Principal": {"AWS": f"arn:aws:iam::{strict.account}:user/ann"}}))
    assert "explicit deny" in refused(ann.get_secret_value, SecretId="db")
    told = ann.batch_get_secret_value(SecretIdList=["db"])
    assert [one["ErrorCode"] for one in told["Errors"]] == ["AccessDeniedException"]


@pytest.mark.parametrize(("condition", "allowed", "kept_out"), [
    ({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}, {}, {"VersionStage": "AWSPREVIOUS"}),
    ({"StringEquals": {"secretsmanager:ResourceTag/env": "test"}}, {}, {"SecretId": "untagged"}),
    ({"StringEquals": {"aws:ResourceTag/env": "test"}}, {}, {"SecretId": "untagged"})])
def test_conditions(strict: Cloud, condition: Any, allowed: Any, kept_out: Any) -> None:
    mine = strict.client("secretsmanager")
    make(mine, Tags=[{"Key": "env", "Value": "test"}])
    mine.put_secret_value(SecretId="db", SecretString="two")
    make(mine, "untagged")
    ann = strict.client("secretsmanager", **user(strict, "ann", own("secretsmanager:GetSecretValue", Condition=condition)))
    assert ann.get_secret_value(**{"SecretId": "db"} | allowed)["SecretString"] == "two"
    refused(ann.get_secret_value, **{"SecretId": "db"} | kept_out)


def test_a_batch_needs_the_right_to_each(strict: Cloud) -> None:
    arn = make(strict.client("secretsmanager"), "mine")
    make(strict.client("secretsmanager"), "other")
    ann = strict.client("secretsmanager", **user(strict, "ann", own("secretsmanager:BatchGetSecretValue"), document(
        {"Action": "secretsmanager:GetSecretValue", "Resource": arn})))
    told = ann.batch_get_secret_value(SecretIdList=["mine", "other"])
    assert [one["Name"] for one in told["SecretValues"]] == ["mine"]
    assert [(one["SecretId"], one["ErrorCode"]) for one in told["Errors"]] == [("other", "AccessDeniedException")]
