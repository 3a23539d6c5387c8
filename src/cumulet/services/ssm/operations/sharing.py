"""Resource policies of parameters: other accounts may read what they share."""

from __future__ import annotations

import hashlib
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation, parse_arn, principals

from ..names import asked
from ..resources import Parameter
from ..sealing import DEFAULT_KEY
from ..store import find

_ACTIONS = frozenset({"ssm:DescribeParameters", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory",
                      "ssm:GetParametersByPath"})


def _invalid(message: str, *members: str) -> AwsError:
    return error.ResourcePolicyInvalidParameterException(message, ParameterNames=list(members))


def _parameter(call: Call, text: str) -> Parameter:
    """The parameter of an ARN, in the caller's own account."""
    arn = parse_arn(text)
    if arn is None or arn.service != "ssm" or not arn.resource.startswith("parameter/"):
        raise _invalid(f"The resource ARN {text} is invalid.", "ResourceArn")
    row = find(call, asked(text)) if arn.account == call.account and arn.region == call.region else None
    if row is None:
        raise error.ResourceNotFoundException("The specified parameter to be shared could not be found.")
    return row


@operation
def put_resource_policy(call: Call, ResourceArn: str, Policy: str, PolicyId: str | None = None,
                        PolicyHash: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutResourcePolicy.html"""
    row = _parameter(call, ResourceArn)
    if row.Tier != "Advanced":
        raise _invalid("Only parameters of the advanced tier can be shared.", "ResourceArn")
    if row.key_id == DEFAULT_KEY:
        raise _invalid("A SecureString parameter that is encrypted with the AWS managed key can't be shared.", "ResourceArn")
    _check(Policy)
    if (PolicyId is None) != (PolicyHash is None):
        raise _invalid("PolicyId and PolicyHash go together.", "PolicyId", "PolicyHash")
    if PolicyId is not None:
        _same(row, PolicyId, PolicyHash)
    elif row.policy is not None:
        raise error.ResourcePolicyLimitExceededException("Only one policy can be attached to a parameter.", Limit=1,
                                                         LimitType="PolicyCount")
    row.policy = Policy
    row.policy_id = PolicyId or call.uuid()
    row.policy_hash = hashlib.sha256(Policy.encode()).hexdigest()
    call.put(row)
    return {"PolicyId": row.policy_id, "PolicyHash": row.policy_hash}


def _check(text: str) -> None:
    try:
        said = principals.check_resource_policy(text)["Statement"]
    except principals.MalformedPolicy:
        said = []
    statements = said if isinstance(said, list) else [said]
    if not statements or not all(one["Effect"] == "Allow" and {"Principal", "Action", "Resource"} <= one.keys()
                                 for one in statements):
        raise error.MalformedResourcePolicyDocumentException("The specified policy document is malformed or invalid.")
    actions = [action for one in statements for action in
               ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])]
    if unknown := set(actions) - _ACTIONS:
        raise error.MalformedResourcePolicyDocumentException(
            f"The specified policy document is invalid: parameters can't be shared for {', '.join(sorted(unknown))}.")


def _same(row: Parameter, policy_id: str, policy_hash: str | None) -> None:
    if row.policy is None or row.policy_id != policy_id:
        raise error.ResourcePolicyNotFoundException("No policies with the specified policy ID and hash could be found.")
    if row.policy_hash != policy_hash:
        raise error.ResourcePolicyConflictException("The hash provided in the call doesn't match the stored hash.")


@operation
def get_resource_policies(call: Call, ResourceArn: str, page: Page[str] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetResourcePolicies.html"""
    row = _parameter(call, ResourceArn)
    policies = [row.policy] if row.policy is not None and page.after is None else []
    return {"Policies": [{"PolicyId": row.policy_id, "PolicyHash": row.policy_hash, "Policy": policy}
                         for policy in page.cut(policies, str)]}


@operation(accepts=("DeletionMode",))
def delete_resource_policy(call: Call, ResourceArn: str, PolicyId: str, PolicyHash: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteResourcePolicy.html"""
    row = _parameter(call, ResourceArn)
    _same(row, PolicyId, PolicyHash)
    row.policy, row.policy_id, row.policy_hash = None, "", ""
    call.put(row)
    return {}
