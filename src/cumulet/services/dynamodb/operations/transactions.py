"""TransactWriteItems and TransactGetItems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import items, transacting
from .. import values as av
from ..shelf import Shelf, shelves
from ..terms import Terms, guard
from ..transacting import Step, Wish

Doc = dict[str, Any]
_EXPRESSIONS = frozenset({"ConditionExpression", "UpdateExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"})


@operation
def transact_write_items(call: Call, TransactItems: list[Doc], ReturnConsumedCapacity: str = "NONE",
                         ReturnItemCollectionMetrics: str = "NONE", ClientRequestToken: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
    open_shelf = shelves(call)
    steps = [_step(open_shelf, asked) for asked in TransactItems]
    if ClientRequestToken is not None and transacting.done_before(call, ClientRequestToken, TransactItems):
        return transacting.repeated(steps, ReturnConsumedCapacity)
    return transacting.write(steps, ReturnConsumedCapacity, ReturnItemCollectionMetrics)


def _step(open_shelf: Callable[[str], Shelf], asked: Doc) -> Step:
    if len(asked) != 1:
        raise error.ValidationException("TransactItems can only contain one of Check, Put, Update or Delete")
    [(kind, one)] = asked.items()
    test, update = None, None
    if not _EXPRESSIONS.isdisjoint(one):
        needs = "UpdateExpression and ConditionExpression" if kind == "Update" else "ConditionExpression"
        terms = Terms(one.get("ExpressionAttributeNames"), one.get("ExpressionAttributeValues"), needs,
                      UpdateExpression=one.get("UpdateExpression"), ConditionExpression=one.get("ConditionExpression"))
        update = items.Change(terms.update(one["UpdateExpression"]), terms.values, None) if kind == "Update" else None
        test = guard(terms, one.get("ConditionExpression"), None, None)
        terms.finish()
    put = av.take_item(one["Item"]) if kind == "Put" else None
    return Step(kind, open_shelf(one["TableName"]), put[0] if put else one["Key"], test, update, put,
                one.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")


@operation
def transact_get_items(call: Call, TransactItems: list[Doc], ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html"""
    open_shelf = shelves(call)
    wishes = []
    for asked in TransactItems:
        get = asked["Get"]
        projection = items.projection(get.get("ProjectionExpression"), get.get("ExpressionAttributeNames"), None)
        wishes.append(Wish(open_shelf(get["TableName"]), get["Key"], projection))
    return transacting.read(call, wishes, ReturnConsumedCapacity)
