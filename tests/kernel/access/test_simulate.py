"""What would be decided, without a call: `principals.simulate`."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud
from cumulet.kernel import Call, principals
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.access.simulate import Simulated


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **s} for s in statements]})


def within(cloud: Cloud, fn: Any) -> Any:
    """Run something as a call of this account's root."""
    kernel = cloud.kernel

    def work(tx: Any) -> Any:
        return fn(Call(kernel, tx, "iam", "SimulatePrincipalPolicy", cloud.account, "us-east-1", root_of(cloud.account),
                       kernel.clock.now()))

    return cloud.thread.call(kernel.store.run(work))


def asked(cloud: Cloud, arn: str, action: str, resource: str = "*", **more: Any) -> Simulated:
    def ask(call: Call) -> Any:
        who = principals.principal_of(call, arn)
        assert who is not None
        return principals.simulate(call, who, more.pop("policies", None), more.pop("boundary", None), action, resource, **more)

    found = within(cloud, ask)
    assert isinstance(found, Simulated)
    return found


def test_a_users_own_policies_boundary_and_context(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document(
        {"Sid": "Reads", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/${aws:username}/*"},
        {"Action": "sqs:*", "Condition": {"StringEquals": {"aws:RequestTag/team": "a"}}},
        {"Sid": "Never", "Effect": "Deny", "Action": "s3:GetObjectAcl"}))
    found = asked(cloud, arn, "s3:GetObject", "arn:aws:s3:::b/ann/k")
    assert (found.decision, found.kind, [f.sid for f in found.matched]) == ("allowed", "identity", ["Reads"])
    assert asked(cloud, arn, "s3:GetObject", "arn:aws:s3:::b/ben/k").decision == "implicitDeny"
    denied = asked(cloud, arn, "s3:GetObjectAcl", "arn:aws:s3:::b/ann/k")
    assert (denied.decision, [f.sid for f in denied.matched]) == ("explicitDeny", ["Never"])
    without = asked(cloud, arn, "sqs:CreateQueue")
    assert (without.decision, without.missing) == ("implicitDeny", ("aws:RequestTag/team",))
    assert asked(cloud, arn, "sqs:CreateQueue", context={"aws:requesttag/team": ["a"]}).decision == "allowed"
    edge = [("edge", document({"Action": "sqs:*"}))]
    limited = asked(cloud, arn, "s3:GetObject", "arn:aws:s3:::b/ann/k", boundary=edge)
    assert (limited.decision, limited.kind) == ("implicitDeny", "boundary")


def test_other_policies_and_the_resources_own(cloud: Cloud) -> None:
    arn = cloud.client("iam").create_user(UserName="ann")["User"]["Arn"]
    only = [("given", document({"Action": "s3:PutObject"}))]
    assert asked(cloud, arn, "s3:PutObject", policies=only).decision == "allowed"
    assert asked(cloud, arn, "s3:PutObject").decision == "implicitDeny"
    named = document({"Action": "s3:*", "Principal": {"AWS": arn}})
    found = asked(cloud, arn, "s3:PutObject", "arn:aws:s3:::b/k", resource_policy=named)
    assert (found.decision, found.kind) == ("allowed", "resource")
    other = cloud.other().account
    assert asked(cloud, arn, "s3:PutObject", "arn:aws:s3:::b/k", resource_policy=named, owner=other).decision == "implicitDeny"
    assert asked(cloud, arn, "s3:PutObject", "arn:aws:s3:::b/k", resource_policy=named, owner=other,
                 policies=only).decision == "allowed"


def test_who_is_not_there(cloud: Cloud) -> None:
    assert within(cloud, lambda call: principals.principal_of(call, f"arn:aws:iam::{cloud.account}:user/nobody")) is None
