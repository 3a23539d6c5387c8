"""PartiQL: ExecuteStatement, BatchExecuteStatement, ExecuteTransaction."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation, principals

from .. import capacity, keys, throttling, transacting
from ..partiql import plan, reading, writing
from ..partiql.binding import Bound
from ..partiql.grammar import parsed
from ..partiql.lexer import malformed
from ..partiql.syntax import Exists, Select
from ..shelf import opened, picked, shown, shown_item
from ..transacting import Wish
from ..values import Value

Doc = dict[str, Any]
_CODES = {"ConditionalCheckFailedException": "ConditionalCheckFailed", "DuplicateItemException": "DuplicateItem",
          "ResourceNotFoundException": "ResourceNotFound", "ValidationException": "ValidationError",
          "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
          "AccessDeniedException": "AccessDenied", **throttling.CODES}


@operation
def execute_statement(call: Call, Statement: str, Parameters: list[Value] | None = None, ConsistentRead: bool = False,
                      NextToken: str | None = None, ReturnConsumedCapacity: str = "NONE", Limit: int | None = None,
                      ReturnValuesOnConditionCheckFailure: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html"""
    bound = Bound(parsed(Statement), Parameters)
    statement = bound.statement
    if isinstance(statement, Select):
        return reading.run(call, bound, statement, Statement, ConsistentRead, Limit, NextToken, ReturnConsumedCapacity)
    if isinstance(statement, Exists):
        raise malformed("EXISTS can be used only in transactions")
    done = writing.write(writing.step(call, bound, statement, ReturnValuesOnConditionCheckFailure == "ALL_OLD"),
                         ReturnConsumedCapacity)
    shown = writing.returned(statement, done.ready)
    return {"Items": [] if shown is None else [shown_item(call, shown)], "ConsumedCapacity": done.consumed}


# --- batches ---

@operation
def batch_execute_statement(call: Call, Statements: list[Doc], ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html"""
    _all_alike([asked["Statement"] for asked in Statements], "batch")
    told = [_alone(call, asked, ReturnConsumedCapacity) for asked in Statements]
    result: Doc = {"Responses": [response for response, _ in told]}
    if ReturnConsumedCapacity != "NONE":
        result["ConsumedCapacity"] = _added([units for _, units in told if units is not None])
    return result


def _all_alike(texts: list[str], what: str) -> None:
    """Raise when statements that can be read are both reads and writes."""
    kinds = set()
    for text in texts:
        try:
            statement = parsed(text).statement
        except AwsError:
            continue
        if not isinstance(statement, Exists):
            kinds.add(isinstance(statement, Select))
    if len(kinds) > 1:
        raise error.ValidationException(f"A {what} must consist of either read statements or write statements, not of both")


def _alone(call: Call, asked: Doc, wanted: str) -> tuple[Doc, Doc | None]:
    """The response to one statement of a batch, and the capacity that it took."""
    name = ""
    try:
        bound = Bound(parsed(asked["Statement"]), asked.get("Parameters"))
        name = bound.statement.table
        if (refusal := principals.refused_part(call, {"Statements": [asked]})) is not None:
            raise refusal
        if isinstance(bound.statement, Select):
            return _picked(call, bound, bound.statement, asked.get("ConsistentRead", False), wanted)
        if isinstance(bound.statement, Exists):
            raise malformed("EXISTS can be used only in transactions")
        step = writing.step(call, bound, bound.statement, asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")
        with call.tx.savepoint():                # a collection that is too large is found out behind the write
            done = writing.write(step, wanted)
        shown = writing.returned(bound.statement, done.ready)
    except AwsError as problem:
        if problem.code not in _CODES:
            raise
        told = {"Code": _CODES[problem.code], "Message": problem.message, "Item": problem.members.get("Item")}
        return {"Error": told, "TableName": name or None}, None
    return {"TableName": name, "Item": shown_item(call, shown) if shown is not None else None}, done.consumed


def _picked(call: Call, bound: Bound, select: Select, consistent: bool, wanted: str) -> tuple[Doc, Doc | None]:
    """The one item that a SELECT of a batch names."""
    wish = _wish(call, bound, select, "BatchExecuteStatement")
    row = wish.shelf.get(keys.of_key(wish.shelf.facts, wish.key))
    units = capacity.read_units(row.size if row else 0, consistent)
    throttling.spend(wish.shelf, "Read", units)
    return ({"TableName": select.table, "Item": shown(call, picked(row, wish.projection)) if row is not None else None},
            capacity.consumed(wish.shelf.name, wish.shelf.facts, wanted, units))


def _wish(call: Call, bound: Bound, select: Select, operation_name: str) -> Wish:
    shelf = opened(call, select.table)
    try:
        if select.where is None or select.index_name or select.order:
            raise error.ValidationException(plan.NO_KEY)
        select.where.check(bound.values)
        key = plan.item_key(shelf.facts, select.where, bound.values)
    except AwsError as problem:
        if problem.message != plan.NO_KEY:
            raise
        raise error.ValidationException(
            f"Select statements within {operation_name} must specify the primary key in the where clause.") from None
    return Wish(shelf, key, reading.shown(select))


def _added(each: list[Doc]) -> list[Doc]:
    """ConsumedCapacity of each statement, added up by table."""
    found: dict[str, Doc] = {}
    for one in each:
        known = found.setdefault(one["TableName"], {"TableName": one["TableName"]})
        _add(known, one)
    return list(found.values())


def _add(known: Doc, one: Doc) -> None:
    for name, value in one.items():
        if isinstance(value, dict):
            _add(known.setdefault(name, {}), value)
        elif name != "TableName":
            known[name] = known.get(name, 0.0) + value


# --- transactions ---

@operation
def execute_transaction(call: Call, TransactStatements: list[Doc], ClientRequestToken: str | None = None,
                        ReturnConsumedCapacity: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html"""
    bound = [Bound(parsed(asked["Statement"]), asked.get("Parameters")) for asked in TransactStatements]
    _all_alike([asked["Statement"] for asked in TransactStatements], "transaction")
    reads = [(one, one.statement) for one in bound if isinstance(one.statement, Select)]
    if reads:
        if len(reads) < len(bound):
            raise error.ValidationException("EXISTS can be used only beside write statements")
        return transacting.read(call, [_wish(call, one, select, "ExecuteTransaction") for one, select in reads],
                                ReturnConsumedCapacity)
    steps = [writing.step(call, one, one.statement, asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")
             for one, asked in zip(bound, TransactStatements, strict=True) if not isinstance(one.statement, Select)]
    if ClientRequestToken is not None and transacting.done_before(call, ClientRequestToken, TransactStatements):
        return transacting.repeated(steps, ReturnConsumedCapacity)
    return transacting.write(steps, ReturnConsumedCapacity, "NONE")
