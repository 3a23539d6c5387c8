"""Resource policies as a whole: the statements that AddPermission writes one by one."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn, principals

from ..names import check_revision, qualified, split
from ..resources import Function


def _named(call: Call, text: str) -> tuple[Function, str]:
    arn = parse_arn(text)
    if arn is None or not arn.resource.startswith("function:"):
        raise error.InvalidParameterValueException(f"The resource {text} has no resource policy.")
    name, qualifier = split(call, text)
    return qualified(call, name, qualifier), qualifier


def _told(row: Function, qualifier: str) -> dict[str, Any]:
    statements = row.policies.get(qualifier)
    if not statements:
        raise error.ResourceNotFoundException("The resource you requested does not exist.")
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return {"Policy": json.dumps(policy, separators=(",", ":")), "RevisionId": row.revision}


@operation
def put_resource_policy(call: Call, ResourceArn: str, Policy: str, RevisionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html"""
    row, qualifier = _named(call, ResourceArn)
    check_revision(row, RevisionId)
    try:
        principals.check_resource_policy(Policy)
        statements = json.loads(Policy)["Statement"]
    except (principals.MalformedPolicy, ValueError, KeyError) as problem:
        raise error.InvalidParameterValueException(f"The policy is not valid: {problem}") from None
    row.policies = row.policies | {qualifier: statements if isinstance(statements, list) else [statements]}
    row.revision = call.uuid()
    call.put(row)
    return _told(row, qualifier)


@operation
def get_resource_policy(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetResourcePolicy.html"""
    return _told(*_named(call, ResourceArn))


@operation
def delete_resource_policy(call: Call, ResourceArn: str, RevisionId: str | None = None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteResourcePolicy.html"""
    row, qualifier = _named(call, ResourceArn)
    check_revision(row, RevisionId)
    row.policies = {k: v for k, v in row.policies.items() if k != qualifier}
    row.revision = call.uuid()
    call.put(row)
