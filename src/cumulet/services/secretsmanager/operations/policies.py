"""Resource policies of secrets."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from .. import policies, secrets
from ..replication import keep

_DEFAULT = "default"


@operation
def put_resource_policy(call: Call, SecretId: str, ResourcePolicy: str, BlockPublicPolicy: bool = False,
                        PolicyName: str = _DEFAULT) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html"""
    if PolicyName != _DEFAULT:
        raise secrets.invalid("You can only attach the default policy.")
    policy = policies.read(ResourcePolicy)
    if BlockPublicPolicy and policies.is_public(policy):
        raise error.PublicPolicyException("This resource policy grants broad access to your secret: BlockPublicPolicy refuses "
                                          "policies that use a wildcard for the principal.")
    call, secret = secrets.writable(call, SecretId)
    policies.check_named(call, ResourcePolicy)
    secret.policy = ResourcePolicy
    keep(call, secret)
    return {"ARN": secret.Id, "Name": secret.Name, "PolicyName": _DEFAULT}


@operation
def get_resource_policy(call: Call, SecretId: str, PolicyName: str = _DEFAULT) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html"""
    call, secret = secrets.get(call, SecretId)
    if PolicyName != _DEFAULT:
        raise error.ResourceNotFoundException("Secrets Manager can't find the specified resource policy.")
    return {"ARN": secret.Id, "Name": secret.Name, "ResourcePolicy": secret.policy,
            "PolicyName": _DEFAULT if secret.policy is not None else None}


@operation
def list_resource_policies(call: Call, SecretId: str, page: Page[str] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListResourcePolicies.html"""
    call, secret = secrets.get(call, SecretId)
    names = [_DEFAULT] if secret.policy is not None and page.after is None else []
    return {"ResourcePolicies": [{"PolicyName": name} for name in page.cut(names, str)]}


@operation
def delete_resource_policy(call: Call, SecretId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteResourcePolicy.html"""
    call, secret = secrets.writable(call, SecretId)
    secret.policy = None
    keep(call, secret)
    return {"ARN": secret.Id, "Name": secret.Name}


@operation
def validate_resource_policy(call: Call, ResourcePolicy: str, SecretId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html"""
    if SecretId is not None:
        secrets.get(call, SecretId)
    try:
        policy = policies.read(ResourcePolicy)
    except AwsError as problem:
        return _validated([("SYNTAX_CHECK", problem.message)])
    problems = []
    if policies.is_public(policy):
        problems.append(("PUBLIC_ACCESS", "The resource policy grants broad access to the secret."))
    if policies.locks_out(policy):
        problems.append(("LOCKOUT", "The resource policy keeps every principal from changing it again."))
    return _validated(problems)


def _validated(problems: list[tuple[str, str]]) -> dict[str, Any]:
    return {"PolicyValidationPassed": not problems,
            "ValidationErrors": [{"CheckName": name, "ErrorMessage": message} for name, message in problems]}
