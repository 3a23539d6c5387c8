"""Data protection policies of groups."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import protecting
from ..names import group_of, invalid
from ..settings import PROTECTION, GroupPolicy


@operation
def put_data_protection_policy(call: Call, logGroupIdentifier: str, policyDocument: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDataProtectionPolicy.html"""
    group = group_of(call, None, logGroupIdentifier)
    if group.LogGroupClass != "STANDARD":
        raise invalid("Only log groups in the Standard log class support data protection policies.")
    protecting.check(policyDocument)
    before = call.table(GroupPolicy).get(group.LogGroupName, PROTECTION)
    row = GroupPolicy(group=group.LogGroupName, kind=PROTECTION, document=policyDocument,
                      created=before.created if before else call.now, modified=call.now)
    call.put(row)
    return _told(logGroupIdentifier, row)


def _told(identifier: str, row: GroupPolicy) -> dict[str, Any]:
    return {"logGroupIdentifier": identifier, "policyDocument": row.document, "lastUpdatedTime": int(row.modified * 1000)}


@operation
def get_data_protection_policy(call: Call, logGroupIdentifier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetDataProtectionPolicy.html"""
    group = group_of(call, None, logGroupIdentifier)
    row = call.table(GroupPolicy).get(group.LogGroupName, PROTECTION)
    return _told(logGroupIdentifier, row) if row is not None else {"logGroupIdentifier": logGroupIdentifier}


@operation
def delete_data_protection_policy(call: Call, logGroupIdentifier: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDataProtectionPolicy.html"""
    group = group_of(call, None, logGroupIdentifier)
    if not call.table(GroupPolicy).delete(group.LogGroupName, PROTECTION):
        raise error.ResourceNotFoundException("The specified log group has no data protection policy.")
