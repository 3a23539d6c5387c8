"""Tables in policies: names and ARNs, indexes, the many tables of batches and transactions, and the keys of items."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from .asking import keys as keys
from .keys import facts_of
from .partiql import rights
from .resources import Layout, Policy, Table

_STEPS = {"ConditionCheck": "dynamodb:ConditionCheckItem", "Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem",
          "Delete": "dynamodb:DeleteItem", "Get": "dynamodb:GetItem"}
parts = ("BatchExecuteStatement",)           # a statement that is not allowed fails, and the others do not
_NAMED = ("TableName", "ResourceArn", "StreamArn", "BulkOperationArn")
Targets = list[tuple[str, str]]


def targets(call: Call, members: Mapping[str, Any]) -> Targets | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html"""
    if texts := rights.texts(members):
        return list(dict.fromkeys((action, _table(call, table) + (f"/index/{index}" if index else ""))
                                  for action, table, index in rights.needs(texts)))
    if "RequestItems" in members:
        return [("", _table(call, name)) for name in members["RequestItems"]]
    if "TransactItems" in members:
        steps = {(word, said["TableName"]): None for item in members["TransactItems"] for word, said in item.items()}
        return list(dict.fromkeys((_STEPS[word], _table(call, name)) for word, name in steps))
    name = next((members[member] for member in _NAMED if members.get(member)), "") \
        or str(members.get("ShardIterator", "")).partition("|")[0]
    if not name or call.operation == "ListStreams":
        return None
    arn = _table(call, name)
    if call.operation == "EnableKinesisStreamingDestination":
        stream = members["StreamArn"] if str(members.get("StreamArn", "")).startswith("arn:") else "*"
        return [("", arn), ("kinesis:PutRecords", stream), ("kinesis:DescribeStream", stream), ("kinesis:ListStreams", "*")]
    if any("Disassociate" in update for update in members.get("ReplicaUpdates") or ()):
        return [("", arn), ("dynamodb:DisassociateTableReplica", arn)]
    return [("", f"{arn}/index/{members['IndexName']}" if members.get("IndexName") else arn)]


def _table(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(Table(TableName=name, KeySchema=[]))


def unguarded(call: Call, members: Mapping[str, Any]) -> bool:
    """Tables of this account without a policy."""
    named, rows = _named(members), call.table(Layout)
    for name in named:
        row = rows.known(name) if ":" not in name else None
        if row is None or facts_of(row.facts).guarded:
            return False
    return bool(named)


def _named(members: Mapping[str, Any]) -> Collection[str]:
    """The tables that a call on items names."""
    if "TableName" in members:
        return (members["TableName"],)
    if "TransactItems" in members:
        return {said["TableName"] for item in members["TransactItems"] for said in item.values()}
    asked: Mapping[str, Any] = members.get("RequestItems", {})
    return asked


def guard(call: Call, arn: str) -> Guard | None:
    """A table's policy speaks for its indexes as well; a stream has its own."""
    parsed = parse_arn(arn)
    parts = parsed.resource.split("/") if parsed is not None else []
    if len(parts) < 2 or parts[0] != "table":
        return None
    stream = len(parts) == 4 and parts[2] == "stream"
    if not stream:
        row = call.table(Layout).known(parts[1])
        if row is None or not facts_of(row.facts).guarded:
            return None
    policy = call.table(Policy).get("/".join(parts) if stream else f"table/{parts[1]}")
    return Guard(call.account, (("resource policy", policy.text),)) if policy is not None else None
