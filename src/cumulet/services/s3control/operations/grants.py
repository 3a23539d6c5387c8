"""Access Grants: the instance of a region, its locations and its grants."""

from __future__ import annotations

from typing import Any, TypeVar

from cumulet.kernel import AwsError, Call, error, not_implemented, operation, principals

from .. import grants, tagging, tokens
from ..owner import check_account
from ..resources import Grant, GrantsInstance, GrantsLocation

_MOST = 1000
Tags = list[dict[str, str]] | None
R = TypeVar("R", GrantsLocation, Grant)


@operation
def create_access_grants_instance(call: Call, AccountId: str, Tags: Tags = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessGrantsInstance.html"""
    check_account(call, AccountId)
    if call.table(GrantsInstance).get(grants.DEFAULT) is not None:
        raise error.named("AccessGrantsInstanceAlreadyExists", "Access Grants Instance already exists", 409)
    return _instance(call, call.put(GrantsInstance(created=call.now, tags=tagging.checked(Tags or []))))


def _instance(call: Call, row: GrantsInstance) -> dict[str, Any]:
    return {"AccessGrantsInstanceId": row.id, "AccessGrantsInstanceArn": grants.arn_of(call), "CreatedAt": row.created}


@operation
def get_access_grants_instance(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsInstance.html"""
    check_account(call, AccountId)
    return _instance(call, grants.instance(call))


@operation
def get_access_grants_instance_for_prefix(call: Call, AccountId: str, S3Prefix: str) -> dict[str, Any]:
    """The instance belongs to who has the bucket.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsInstanceForPrefix.html
    """
    check_account(call, AccountId)
    target = grants.checked_scope(S3Prefix)
    grants.instance(call)
    bucket = target[len(grants.EVERYTHING):].partition("/")[0]
    try:
        call.as_service().s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=AccountId)
    except AwsError as problem:
        if problem.code == "AccessDenied":
            raise not_implemented("s3control: GetAccessGrantsInstanceForPrefix for buckets of other accounts") from None
        raise error.named("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket) from None
    if not any(target.startswith(row.path.removesuffix("*")) for row in call.table(GrantsLocation).iterate()):
        raise grants.no_instance()
    return {"AccessGrantsInstanceArn": grants.arn_of(call), "AccessGrantsInstanceId": grants.DEFAULT}


@operation(accepts=("MaxResults", "NextToken"))
def list_access_grants_instances(call: Call, AccountId: str) -> dict[str, Any]:
    """There is at most one in a region.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessGrantsInstances.html
    """
    check_account(call, AccountId)
    return {"AccessGrantsInstancesList": [_instance(call, row) for row in call.table(GrantsInstance).iterate()]}


@operation
def delete_access_grants_instance(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrantsInstance.html"""
    check_account(call, AccountId)
    grants.instance(call)
    if any(True for _ in call.table(GrantsLocation).iterate()):
        raise error.named("AccessGrantsInstanceNotEmptyError", "Please clean up locations before deleting the access grants "
                          "instance", 400)
    call.table(GrantsInstance).delete(grants.DEFAULT)


@operation
def put_access_grants_instance_resource_policy(call: Call, AccountId: str, Policy: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessGrantsInstanceResourcePolicy.html"""
    check_account(call, AccountId)
    row = grants.instance(call)
    try:
        principals.check_resource_policy(Policy)
    except (principals.MalformedPolicy, ValueError):
        raise error.named("InvalidResourcePolicy", "The specified Resource Policy is invalid", 400) from None
    row.policy, row.policy_since = Policy, call.now
    return _policy(call.put(row))


def _policy(row: GrantsInstance) -> dict[str, Any]:
    return {"Policy": row.policy, "CreatedAt": row.policy_since}


@operation
def get_access_grants_instance_resource_policy(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsInstanceResourcePolicy.html"""
    check_account(call, AccountId)
    row = grants.instance(call)
    if not row.policy:
        raise error.named("AccessGrantsInstanceResourcePolicyNotExists",
                          "Access Grants Instance Resource Policy does not exist", 404)
    return _policy(row)


@operation
def delete_access_grants_instance_resource_policy(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrantsInstanceResourcePolicy.html"""
    check_account(call, AccountId)
    grants.instance(call)
    call.table(GrantsInstance).change(grants.DEFAULT, policy="")


# --- locations --------------------------------------------------------------------------------------------------------


@operation
def create_access_grants_location(call: Call, AccountId: str, LocationScope: str, IAMRoleArn: str,
                                  Tags: Tags = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessGrantsLocation.html"""
    check_account(call, AccountId)
    grants.instance(call)
    scope = grants.checked_scope(LocationScope)
    _check_role(call, IAMRoleArn)
    if call.table(GrantsLocation).find("path", scope) is not None:
        raise error.named("AccessGrantsLocationAlreadyExistsError", "The specified access grants location already exists", 409)
    name = grants.DEFAULT if scope == grants.EVERYTHING else call.uuid()
    return _location(call, call.put(GrantsLocation(id=name, path=scope, role=IAMRoleArn, created=call.now,
                                                   tags=tagging.checked(Tags or []))))


def _check_role(call: Call, arn: str) -> None:
    if principals.principal_of(call, arn) is None:
        raise error.named("InvalidIamRole", "The specified IAM Role is invalid", 400)


def _location(call: Call, row: GrantsLocation) -> dict[str, Any]:
    return {"AccessGrantsLocationId": row.id, "AccessGrantsLocationArn": grants.arn_of(call, "location", row.id),
            "LocationScope": row.path, "IAMRoleArn": row.role, "CreatedAt": row.created}


@operation
def get_access_grants_location(call: Call, AccountId: str, AccessGrantsLocationId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrantsLocation.html"""
    check_account(call, AccountId)
    return _location(call, grants.location(call, AccessGrantsLocationId))


@operation
def list_access_grants_locations(call: Call, AccountId: str, NextToken: str | None = None, MaxResults: int | None = None,
                                 LocationScope: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessGrantsLocations.html"""
    check_account(call, AccountId)
    grants.instance(call)
    found = [row for row in call.table(GrantsLocation).iterate() if LocationScope in (None, row.path)]
    page, token = _page(found, NextToken, MaxResults)
    return {"AccessGrantsLocationsList": [_location(call, row) for row in page], "NextToken": token}


def _page(rows: list[R], token: str | None, limit: int | None) -> tuple[list[R], str | None]:
    """Some rows, in order of their ids, and the token of those behind them."""
    after, limit = tokens.after(token), limit or _MOST
    behind = [row for row in rows if row.id > after]
    return behind[:limit], tokens.written(behind[limit - 1].id) if len(behind) > limit else None


@operation
def update_access_grants_location(call: Call, AccountId: str, AccessGrantsLocationId: str, IAMRoleArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UpdateAccessGrantsLocation.html"""
    check_account(call, AccountId)
    row = grants.location(call, AccessGrantsLocationId)
    _check_role(call, IAMRoleArn)
    row.role = IAMRoleArn
    return _location(call, call.put(row))


@operation
def delete_access_grants_location(call: Call, AccountId: str, AccessGrantsLocationId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrantsLocation.html"""
    check_account(call, AccountId)
    row = grants.location(call, AccessGrantsLocationId)
    if any(True for _ in call.table(Grant).iterate(row.id, index="location")):
        raise error.named("AccessGrantsLocationNotEmptyError", "Please clean up access grants before deleting access grants "
                          "location", 400)
    call.table(GrantsLocation).delete(row.id)


# --- grants -----------------------------------------------------------------------------------------------------------


@operation
def create_access_grant(call: Call, AccountId: str, AccessGrantsLocationId: str, Grantee: dict[str, str], Permission: str,
                        AccessGrantsLocationConfiguration: dict[str, str] | None = None, S3PrefixType: str | None = None,
                        Tags: Tags = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessGrant.html"""
    check_account(call, AccountId)
    grants.instance(call)
    place = grants.location(call, AccessGrantsLocationId)
    if Grantee.get("GranteeType") != "IAM":
        raise not_implemented("s3control: grants to identities of a directory")
    grantee = Grantee.get("GranteeIdentifier") or ""
    if not grantee.startswith("arn:") or ":iam::" not in grantee:
        raise grants.invalid()
    prefix = (AccessGrantsLocationConfiguration or {}).get("S3SubPrefix") or ""
    scope = grants.scope_of(place, prefix, S3PrefixType == "Object")
    row = Grant(id=call.uuid(), location=place.id, grantee=grantee, permission=Permission, path=scope, created=call.now,
                prefix=prefix, tags=tagging.checked(Tags or []))
    same = call.table(Grant).scan(grantee, index="grantee")
    if any((one.path, one.permission) == (scope, Permission) for one in same):
        raise error.named("AccessGrantAlreadyExists", "The specified access grant already exists", 409)
    return _grant(call, call.put(row))


def _grant(call: Call, row: Grant) -> dict[str, Any]:
    return {"AccessGrantId": row.id, "AccessGrantArn": grants.arn_of(call, "grant", row.id), "CreatedAt": row.created,
            "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": row.grantee}, "Permission": row.permission,
            "AccessGrantsLocationId": row.location, "GrantScope": row.path,
            "AccessGrantsLocationConfiguration": {"S3SubPrefix": row.prefix} if row.prefix else None}


@operation
def get_access_grant(call: Call, AccountId: str, AccessGrantId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessGrant.html"""
    check_account(call, AccountId)
    return _grant(call, grants.grant(call, AccessGrantId))


@operation
def list_access_grants(call: Call, AccountId: str, NextToken: str | None = None, MaxResults: int | None = None,
                       GranteeType: str | None = None, GranteeIdentifier: str | None = None, Permission: str | None = None,
                       GrantScope: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessGrants.html"""
    check_account(call, AccountId)
    grants.instance(call)
    found = [row for row in call.table(Grant).iterate()
             if GranteeType in (None, "IAM") and GranteeIdentifier in (None, row.grantee)
             and Permission in (None, row.permission) and GrantScope in (None, row.path)]
    page, token = _page(found, NextToken, MaxResults)
    return {"AccessGrantsList": [_grant(call, row) for row in page], "NextToken": token}


@operation
def delete_access_grant(call: Call, AccountId: str, AccessGrantId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessGrant.html"""
    check_account(call, AccountId)
    call.table(Grant).delete(grants.grant(call, AccessGrantId).id)


@operation
def list_caller_access_grants(call: Call, AccountId: str, GrantScope: str | None = None, NextToken: str | None = None,
                              MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListCallerAccessGrants.html"""
    there = call.elsewhere(AccountId)
    grants.instance(there)
    found = [row for row in there.table(Grant).scan(call.principal.subject, index="grantee")
             if row.path.startswith((GrantScope or "").removesuffix("*"))]
    page, token = _page(found, NextToken, MaxResults)
    return {"CallerAccessGrantsList": [{"Permission": row.permission, "GrantScope": row.path,
                                        "AccessGrantsInstanceArn": grants.arn_of(there)} for row in page], "NextToken": token}
