"""Field index policies of groups, and the indexes that there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import indexing
from ..effective import policy
from ..names import group_of, invalid
from ..resources import LogGroup
from ..settings import INDEX, GroupPolicy

_CATEGORIES = ("DEFAULT", "CUSTOM", "INACTIVE")
_PAGE = 50


def _told(call: Call, group: LogGroup, row: Any) -> dict[str, Any]:
    """A policy; the account's has a name."""
    own = isinstance(row, GroupPolicy)
    return {"logGroupIdentifier": call.arn(group), "lastUpdateTime": int(row.modified * 1000), "policyDocument": row.document,
            "policyName": None if own else row.name, "source": "LOG_GROUP" if own else "ACCOUNT"}


@operation
def put_index_policy(call: Call, logGroupIdentifier: str, policyDocument: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutIndexPolicy.html"""
    group = group_of(call, None, logGroupIdentifier)
    if group.LogGroupClass != "STANDARD":
        raise invalid("Only log groups in the Standard log class support field index policies.")
    indexing.fields(policyDocument)
    before = call.table(GroupPolicy).get(group.LogGroupName, INDEX)
    row = GroupPolicy(group=group.LogGroupName, kind=INDEX, document=policyDocument,
                      created=before.created if before else call.now, modified=call.now)
    call.put(row)
    return {"indexPolicy": _told(call, group, row)}


@operation
def delete_index_policy(call: Call, logGroupIdentifier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteIndexPolicy.html"""
    group = group_of(call, None, logGroupIdentifier)
    if not call.table(GroupPolicy).delete(group.LogGroupName, INDEX):
        raise error.ResourceNotFoundException("The specified log group has no index policy.")
    return {}


@operation(accepts=("nextToken",))
def describe_index_policies(call: Call, logGroupIdentifiers: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeIndexPolicies.html"""
    group = group_of(call, None, logGroupIdentifiers[0])
    row = policy(call, group.LogGroupName, INDEX)
    return {"indexPolicies": [_told(call, group, row)] if row is not None else []}     # one at most: always one page


@operation
def describe_field_indexes(call: Call, logGroupIdentifiers: Sequence[str], indexCategories: Sequence[str] = _CATEGORIES,
                           nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeFieldIndexes.html"""
    if nextToken is not None and not nextToken.isdigit():
        raise invalid("The specified nextToken is invalid.")
    found = [(group, *each) for identifier in logGroupIdentifiers
             for group in [group_of(call, None, identifier)] for each in _indexes(call, group, indexCategories)]
    begin = int(nextToken or 0)
    page = found[begin:begin + _PAGE]
    return {"fieldIndexes": [_index(call, *each) for each in page],
            "nextToken": str(begin + _PAGE) if begin + _PAGE < len(found) else None}


def _indexes(call: Call, group: LogGroup, categories: Sequence[str]) -> list[tuple[str, str, str, float]]:
    """Name, type, category, and since when. None is chosen automatically; what is not in a policy any more is forgotten."""
    found = []
    if "DEFAULT" in categories:
        found += [(name, "FIELD_INDEX", "DEFAULT", group.created) for name in indexing.DEFAULTS]
    row = policy(call, group.LogGroupName, INDEX)
    if row is not None and "CUSTOM" in categories:
        found += [(name, kind, "CUSTOM", row.created) for name, kind in indexing.fields(row.document).items()]
    return found


def _index(call: Call, group: LogGroup, name: str, kind: str, category: str, since: float) -> dict[str, Any]:
    seen = indexing.span(call, group, name, since)
    return {"logGroupIdentifier": call.arn(group), "fieldIndexName": name, "type": kind, "indexCategory": category,
            "lastScanTime": int(call.now * 1000), "firstEventTime": seen.first, "lastEventTime": seen.last}
