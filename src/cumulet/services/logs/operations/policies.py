"""Resource policies: which services may put events here."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation

from ..documents import is_policy
from ..names import group_of, invalid
from ..resources import ResourcePolicy

_MOST = 10
ACCOUNT, RESOURCE = "ACCOUNT", "RESOURCE"


def _revision(wrong: bool) -> AwsError | None:
    return error.OperationAbortedException("The revision is not the expected one.") if wrong else None


@operation
def put_resource_policy(call: Call, policyName: str | None = None, policyDocument: str | None = None,
                        resourceArn: str | None = None, expectedRevisionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html"""
    if policyDocument is None or (policyName is None and resourceArn is None):
        raise invalid("The name and the document of the policy must be specified.")
    if not is_policy(policyDocument):
        raise invalid("Resource policy document is not a valid policy.")
    arn = call.arn(group_of(call, None, resourceArn)) if resourceArn is not None else ""
    name = policyName or arn
    table = call.table(ResourcePolicy)
    before = table.find("arn", arn) if arn else table.get(name)
    if arn and (problem := _revision(before is not None and before.revision != expectedRevisionId)):
        raise problem
    if before is None and not arn and table.count() >= _MOST:
        raise error.LimitExceededException("Resource limit exceeded.")
    if before is not None:
        table.delete(before.name)
    row = ResourcePolicy(name=name, document=policyDocument, arn=arn or None, modified=call.now, revision=call.token(32))
    table.put(row)
    return {"resourcePolicy": _told(row), "revisionId": row.revision if arn else None}


def _told(row: ResourcePolicy) -> dict[str, Any]:
    return {"policyName": row.name, "policyDocument": row.document, "lastUpdatedTime": int(row.modified * 1000),
            "policyScope": RESOURCE if row.arn else ACCOUNT, "resourceArn": row.arn,
            "revisionId": row.revision if row.arn else None}


@operation
def delete_resource_policy(call: Call, policyName: str | None = None, resourceArn: str | None = None,
                           expectedRevisionId: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteResourcePolicy.html"""
    table = call.table(ResourcePolicy)
    row = table.find("arn", resourceArn) if resourceArn is not None else table.get(policyName or "")
    if row is None:
        raise error.ResourceNotFoundException(f"Policy with name [{policyName or resourceArn}] does not exist.")
    if row.arn and (problem := _revision(expectedRevisionId is not None and row.revision != expectedRevisionId)):
        raise problem
    table.delete(row.name)


@operation
def describe_resource_policies(call: Call, resourceArn: str | None = None, policyScope: str | None = None,
                               page: Page[ResourcePolicy] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeResourcePolicies.html"""
    scope = RESOURCE if resourceArn is not None else policyScope or ACCOUNT
    rows = [row for row in call.table(ResourcePolicy).scan(after=page.after)
            if (RESOURCE if row.arn else ACCOUNT) == scope and resourceArn in (None, row.arn)]
    return {"resourcePolicies": [_told(row) for row in page.cut(rows[:page.limit + 1], lambda row: row.name)]}


