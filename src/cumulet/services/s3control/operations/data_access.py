"""Credentials for granted data: a session of the location's role that may do no more than the grant says."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error, operation, principals

from .. import grants
from ..resources import Grant

_PRINCIPAL = "access-grants.s3.amazonaws.com"
_HOUR = 3600


@operation(accepts=("AuditContext",))
def get_data_access(call: Call, AccountId: str, Target: str, Permission: str, DurationSeconds: int | None = None,
                    Privilege: str = "Default", TargetType: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetDataAccess.html"""
    there = call.elsewhere(AccountId)
    grants.instance(there)
    target = grants.checked_scope(Target)
    mine = there.table(Grant).scan(call.principal.subject, index="grantee")
    found = grants.closest(mine, target, Permission)
    if found is None:
        raise error.AccessDenied(f"You do not have {Permission} permissions to the requested S3 Prefix: {Target}", 403)
    scope = found.path
    if Privilege == "Minimal":
        scope = target if TargetType == "Object" or target.endswith("*") else target + "*"
    given = _session(there, found, grants.policy(scope, Permission), DurationSeconds or _HOUR)
    return {"Credentials": given, "MatchedGrantTarget": scope, "MatchedInstanceArn": grants.arn_of(there),
            "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": found.grantee}}


def _session(call: Call, found: Grant, policy: str, seconds: int) -> dict[str, Any]:
    """The role must trust Access Grants. The session tells of the instance that it comes from."""
    role, who = grants.location(call, found.location).role, call.principal.arn.rpartition("/")[2]
    try:
        made: dict[str, Any] = call.as_service(grants.arn_of(call), name=_PRINCIPAL).sts.assume_role(
            RoleArn=role, RoleSessionName=f"access-grants-{call.token(16)}", Policy=policy, DurationSeconds=seconds,
            SourceIdentity=who[:64])["Credentials"]
    except AwsError as problem:
        if problem.code != "AccessDenied":
            raise error.named("StsValidationError", problem.message, 400) from None
        raise error.named("StsNotAuthorizedError", f"User: {_PRINCIPAL} is not authorized to perform: sts:AssumeRole on "
                          f"resource: {role}", 403) from None
    sessions = call.elsewhere(role.split(":")[4]).table(principals.Session)
    row = sessions.get(made["AccessKeyId"])
    assert row is not None
    keys = (*row.principal.keys, ("s3:accessgrantsinstancearn", (grants.arn_of(call),)))
    sessions.change(row.id, principal=msgspec.structs.replace(row.principal, keys=keys))
    return made
