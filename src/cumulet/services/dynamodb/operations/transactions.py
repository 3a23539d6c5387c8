"""TransactWriteItems and TransactGetItems."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import items, transacting
from .. import values as av
from ..shelf import opened
from ..terms import Terms, guard
from ..transacting import Step, Wish

Doc = dict[str, Any]
_KINDS = ("ConditionCheck", "Put", "Delete", "Update")


@operation
def transact_write_items(call: Call, TransactItems: list[Doc], ReturnConsumedCapacity: str = "NONE",
                         ReturnItemCollectionMetrics: str = "NONE", ClientRequestToken: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
    steps = [_step(call, asked) for asked in TransactItems]
    if ClientRequestToken is not None and transacting.done_before(call, ClientRequestToken, TransactItems):
        return transacting.repeated(steps, ReturnConsumedCapacity)
    return transacting.write(steps, ReturnConsumedCapacity, ReturnItemCollectionMetrics)


def _step(call: Call, asked: Doc) -> Step:
    kinds = [kind for kind in _KINDS if asked.get(kind) is not None]
    if len(kinds) != 1:
        raise error.ValidationException("TransactItems can only contain one of Check, Put, Update or Delete")
    kind = kinds[0]
    one: Doc = asked[kind]
    needs = "UpdateExpression and ConditionExpression" if kind == "Update" else "ConditionExpression"
    terms = Terms(one.get("ExpressionAttributeNames"), one.get("ExpressionAttributeValues"), needs,
                  UpdateExpression=one.get("UpdateExpression"), ConditionExpression=one.get("ConditionExpression"))
    update = items.Change(terms.update(one["UpdateExpression"]), terms.values, None) if kind == "Update" else None
    test = guard(terms, one.get("ConditionExpression"), None, None)
    terms.finish()
    put = av.take_item(one["Item"]) if kind == "Put" else None
    return Step(kind, opened(call, one["TableName"]), put[0] if put else one["Key"], test, update, put,
                one.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")


@operation
def transact_get_items(call: Call, TransactItems: list[Doc], ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html"""
    wishes = []
    for get in (asked["Get"] for asked in TransactItems):
        projection = items.projection(get.get("ProjectionExpression"), get.get("ExpressionAttributeNames"), None)
        wishes.append(Wish(opened(call, get["TableName"]), get["Key"], projection))
    return transacting.read(call, wishes, ReturnConsumedCapacity)
