"""Access previews: what would be found if a resource were as it is proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, not_implemented

from . import scanning
from .findings import about, place_of
from .resources import Analyzer, Finding

# member → resource type, and the member that holds the policy
_KINDS = {
    "s3Bucket": ("AWS::S3::Bucket", "bucketPolicy"), "sqsQueue": ("AWS::SQS::Queue", "queuePolicy"),
    "snsTopic": ("AWS::SNS::Topic", "topicPolicy"), "iamRole": ("AWS::IAM::Role", "trustPolicy"),
    "secretsManagerSecret": ("AWS::SecretsManager::Secret", "secretPolicy"), "kmsKey": ("AWS::KMS::Key", "keyPolicies")}


def proposed(call: Call, arn: str, said: Mapping[str, Any], now: scanning.Looked | None) -> scanning.Looked:
    """The resource with the proposed policy; what is not proposed stays as it is."""
    if len(said) != 1:
        raise error.ValidationException("A configuration must be that of exactly one kind of resource.",
                                        reason="fieldValidationFailed")
    (kind, inner), = said.items()
    if kind not in _KINDS:
        raise not_implemented(f"An access preview of {kind}")
    type, member = _KINDS[kind]
    known = {member, "kmsKeyId", *(("bucketPublicAccessBlock",) if kind == "s3Bucket" else ())}
    if unknown := [name for name in inner if name not in known and inner[name]]:
        raise not_implemented(f"{', '.join(unknown)} of {kind} in an access preview")
    policy = inner.get(member)
    policies = now.policies if policy is None and now else _texts(policy)
    block = inner.get("bucketPublicAccessBlock")
    blocked = block["restrictPublicBuckets"] if block else bool(now and now.public_blocked)
    return scanning.Looked(arn, type, now.owner if now else call.account, policies, blocked)


def _texts(policy: Any) -> tuple[str, ...]:
    return tuple(policy.values()) if isinstance(policy, dict) else (policy,) if policy else ()


def compared(call: Call, analyzer: Analyzer, arn: str, found: Sequence[scanning.Found]) -> list[dict[str, Any]]:
    """The findings to be, beside those that are; and those that would be resolved."""
    old = {row.place: row for row in about(call, analyzer, arn) if row.status != "RESOLVED"}
    listed = []
    for one in found:
        row = old.pop(place_of(analyzer, one), None)
        change = "NEW" if row is None else "UNCHANGED" if row.action == one.action else "CHANGED"
        listed.append(_told(call, one.resource, one.type, one.owner, change, "ACTIVE" if row is None else row.status, row) | {
            "principal": one.principal, "action": one.action, "condition": one.condition, "isPublic": one.public})
    return listed + [
        _told(call, row.resource, row.resource_type, row.owner, "CHANGED", "RESOLVED", row) | {
            "principal": row.principal, "action": row.action, "condition": row.condition, "isPublic": row.public}
        for row in old.values()]


def _told(call: Call, resource: str, type: str, owner: str, change: str, status: str, row: Finding | None) -> dict[str, Any]:
    return {"id": call.uuid(), "resource": resource, "resourceType": type, "resourceOwnerAccount": owner, "createdAt": call.now,
            "changeType": change, "status": status, "existingFindingId": row.id if row else None,
            "existingFindingStatus": row.status if row else None, "sources": [{"type": "POLICY"}]}
