"""What the account is set to: policies for all groups that have none of their own, and the storage tier."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import AwsError, Call, error, not_implemented, operation

from .. import indexing, patterns, protecting, transforming
from ..effective import readable
from ..names import invalid
from ..settings import INDEX, PROTECTION, SUBSCRIPTION, TRANSFORMER, AccountPolicy, StorageTier
from .filters import check_destination

_MOST = {PROTECTION: 1, SUBSCRIPTION: 1, INDEX: 20, TRANSFORMER: 20}
_ONE = "account"


def _json(document: str) -> Any:
    try:
        return json.loads(document)
    except ValueError:
        raise invalid("The policy document is not valid JSON.") from None


def _check(call: Call, kind: str, document: str, criteria: str) -> None:
    if kind not in _MOST:
        raise not_implemented(f"logs: account policies of the type {kind}")
    if not readable(criteria) or (criteria and kind == PROTECTION):
        raise invalid("The selection criteria are not valid for this type of policy.")
    if (kind == SUBSCRIPTION) != ("NOT IN" in criteria) and criteria:
        raise invalid("The selection criteria are not valid for this type of policy.")
    if kind == PROTECTION:
        protecting.check(document)
    elif kind == INDEX:
        indexing.fields(document)
    elif kind == TRANSFORMER:
        transforming.check(_json(document))
    else:
        said = _json(document)
        if not isinstance(said, dict) or "DestinationArn" not in said:
            raise invalid("A subscription filter policy names a DestinationArn.")
        patterns.compiled(said.get("FilterPattern", ""))
        check_destination(call, None, said["DestinationArn"], said.get("RoleArn"))


@operation
def put_account_policy(call: Call, policyName: str, policyDocument: str, policyType: str, scope: str = "ALL",
                       selectionCriteria: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html"""
    if policyName.startswith("aws/"):
        raise invalid("Policy names cannot start with aws/.")
    _check(call, policyType, policyDocument, selectionCriteria)
    table = call.table(AccountPolicy)
    before = table.get(policyType, policyName)
    others = [row for row in table.scan(policyType) if row.name != policyName]
    if len(others) >= _MOST[policyType]:
        raise error.LimitExceededException("Resource limit exceeded.")
    if any(row.criteria == selectionCriteria for row in others):
        raise invalid("There is a policy of this type with the same selection criteria already.")
    row = AccountPolicy(kind=policyType, name=policyName, document=policyDocument, criteria=selectionCriteria,
                        created=before.created if before else call.now, modified=call.now)
    table.put(row)
    return {"accountPolicy": _told(call, row)}


def _told(call: Call, row: AccountPolicy) -> dict[str, Any]:
    return {"policyName": row.name, "policyDocument": row.document, "lastUpdatedTime": int(row.modified * 1000),
            "policyType": row.kind, "scope": "ALL", "selectionCriteria": row.criteria or None, "accountId": call.account}


def _missing(name: str) -> AwsError:
    return error.ResourceNotFoundException(f"Policy with name [{name}] does not exist.")


@operation
def delete_account_policy(call: Call, policyName: str, policyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteAccountPolicy.html"""
    if not call.table(AccountPolicy).delete(policyType, policyName):
        raise _missing(policyName)
    return {}


@operation(accepts=("nextToken",))
def describe_account_policies(call: Call, policyType: str, policyName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeAccountPolicies.html"""
    rows = [row for row in call.table(AccountPolicy).scan(policyType) if policyName in (None, row.name)]
    if policyName is not None and not rows:
        raise _missing(policyName)
    return {"accountPolicies": [_told(call, row) for row in rows]}       # twenty of a type at most: always one page


# --- the storage tier: kept and told; all events lie in one place here ---


@operation
def put_storage_tier_policy(call: Call, storageTier: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutStorageTierPolicy.html"""
    row = StorageTier(one=_ONE, tier=storageTier, modified=call.now)
    call.put(row)
    return {"storageTier": row.tier, "lastUpdatedTime": int(row.modified * 1000)}


@operation
def get_storage_tier_policy(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetStorageTierPolicy.html"""
    row = call.table(StorageTier).get(_ONE)
    return {"storageTier": row.tier, "lastUpdatedTime": int(row.modified * 1000)} if row else {"storageTier": "STANDARD"}
