"""Parameters shared with other accounts by a resource policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused
from services.ssm.test_parameters import get, put, ssm  # noqa: F401  (a fixture)


def policy(account: str, arn: str, **change: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": ["ssm:GetParameter",
         "ssm:GetParameters"], "Resource": arn} | change]})


def test_a_policy_comes_changes_and_goes(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    put(ssm, "/shared", "one", Tier="Advanced")
    arn = get(ssm, "/shared")["ARN"]
    assert ssm.get_resource_policies(ResourceArn=arn)["Policies"] == []
    first = policy("111122223333", arn)
    made = ssm.put_resource_policy(ResourceArn=arn, Policy=first)
    told = ssm.get_resource_policies(ResourceArn=arn)["Policies"]
    assert told == [{"PolicyId": made["PolicyId"], "PolicyHash": made["PolicyHash"], "Policy": first}]
    with refused("ResourcePolicyLimitExceededException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy=first)
    with refused("ResourcePolicyConflictException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy=first, PolicyId=made["PolicyId"], PolicyHash="other")
    second = policy("444455556666", arn)
    changed = ssm.put_resource_policy(ResourceArn=arn, Policy=second, PolicyId=made["PolicyId"], PolicyHash=made["PolicyHash"])
    assert changed["PolicyId"] == made["PolicyId"]
    assert ssm.get_resource_policies(ResourceArn=arn)["Policies"][0]["Policy"] == second
    with refused("ResourcePolicyNotFoundException"):
        ssm.delete_resource_policy(ResourceArn=arn, PolicyId="none", PolicyHash=changed["PolicyHash"])
    with refused("ResourcePolicyConflictException"):
        ssm.delete_resource_policy(ResourceArn=arn, PolicyId=changed["PolicyId"], PolicyHash=made["PolicyHash"])
    ssm.delete_resource_policy(ResourceArn=arn, PolicyId=changed["PolicyId"], PolicyHash=changed["PolicyHash"])
    assert ssm.get_resource_policies(ResourceArn=arn)["Policies"] == []


def test_another_account_reads_by_the_arn(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    other = cloud.other()
    put(ssm, "/shared", "one", Tier="Advanced")
    arn = get(ssm, "/shared")["ARN"]
    ssm.put_resource_policy(ResourceArn=arn, Policy=policy(other.account, arn))
    theirs = other.client("ssm")
    assert (get(theirs, arn)["Value"], get(theirs, arn)["ARN"]) == ("one", arn)
    assert theirs.get_parameters(Names=[arn])["Parameters"][0]["Value"] == "one"
    put(ssm, "/shared", "two", Overwrite=True)
    assert get(theirs, arn + ":1")["Value"] == "one"
    assert [one["Value"] for one in theirs.get_parameter_history(Name=arn)["Parameters"]] == ["one", "two"]
    with refused("ParameterNotFound"):
        get(theirs, "/shared")
    with refused("ResourceNotFoundException"):
        theirs.get_resource_policies(ResourceArn=arn)


def test_what_cannot_be_shared(ssm: Any) -> None:  # noqa: F811
    put(ssm, "/standard")
    put(ssm, "/sealed", Tier="Advanced", Type="SecureString")
    for name, words in (("/standard", "advanced tier"), ("/sealed", "AWS managed key")):
        arn = get(ssm, name)["ARN"]
        with refused("ResourcePolicyInvalidParameterException", words):
            ssm.put_resource_policy(ResourceArn=arn, Policy=policy("111122223333", arn))
    with refused("ResourceNotFoundException"):
        ssm.get_resource_policies(ResourceArn=arn + "-none")
    with refused("ResourcePolicyInvalidParameterException", "invalid"):
        ssm.get_resource_policies(ResourceArn="arn:aws:s3:::bucket-of-mine")


@pytest.mark.parametrize("change", [{"Action": "ssm:PutParameter"}, {"Effect": "Deny"}, {"Principal": ""}, {"Action": []},
                                    {"Action": ["ssm:GetParameter", {}]}, {"Condition": 5}, {"Principal": 5},
                                    {"Condition": {"StringResembles": {"aws:userid": "a"}}}])
def test_policies_that_are_none(ssm: Any, change: dict[str, Any]) -> None:  # noqa: F811
    put(ssm, "/shared", Tier="Advanced")
    arn = get(ssm, "/shared")["ARN"]
    with refused("MalformedResourcePolicyDocumentException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy=policy("111122223333", arn, **change))
    with refused("MalformedResourcePolicyDocumentException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy="no json")
    with refused("MalformedResourcePolicyDocumentException"):
        ssm.put_resource_policy(ResourceArn=arn, Policy="[" * 20_000)
