"""Documented behaviour: transactions, time to live, streams, PartiQL."""

from __future__ import annotations

from typing import Any

from . import documented
from .conftest import Make, N, S
from .documented import ABSENT, API, FAILED, GUIDE, Refused, Row, call, get, invalid, put, run

WRITE = API + "TransactWriteItems.html"
TTL = GUIDE + "TTL.html"
QL = GUIDE + "ql-"
KEY = {"id": S("a")}


def cancelled(*codes: str, **members: Any) -> Refused:
    return Refused("TransactionCanceledException", f"specific reasons [{', '.join(codes)}]", members)


def transact(*steps: dict[str, Any], **members: Any) -> Any:
    return call("transact_write_items", TransactItems=list(steps), **members)


def putting(key: str = "a", **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "Things", "Item": {"id": S(key)}, **more}}


def checking(condition: str, **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": "Things", "Key": KEY, "ConditionExpression": condition, **more}}


NEW = {"ConditionExpression": "attribute_not_exists(id)"}
TRANSACTIONS = [
    Row(WRITE, "one condition that fails cancels all", [put(), transact(putting("b"), putting(**NEW))],
        cancelled("None", "ConditionalCheckFailed")),
    Row(WRITE, "nothing of a cancelled transaction is written",
        [put(), call("failing", call=transact(putting("b"), putting(**NEW))), call("scan", TableName="Things")],
        {"Items": [KEY]}),
    Row(WRITE, "a check can fail an item that is not written", [transact(putting("b"), checking("attribute_exists(id)"))],
        cancelled("None", "ConditionalCheckFailed")),
    Row(WRITE, "a failed check tells the item, if asked for",
        [put(x=N(1)), transact(checking("attribute_exists(y)", ReturnValuesOnConditionCheckFailure="ALL_OLD"))],
        cancelled("ConditionalCheckFailed", CancellationReasons=[
            {"Code": "ConditionalCheckFailed", "Message": FAILED.message, "Item": {"id": S("a"), "x": N(1)}}])),
    Row(WRITE, "no two actions on one item", [transact(putting(), checking("attribute_exists(id)"))],
        invalid("Transaction request cannot include multiple operations on one item")),
    Row(GUIDE + "transaction-apis.html", "a transaction takes two units for each KB",
        [transact(putting(), ReturnConsumedCapacity="TOTAL")],
        {"ConsumedCapacity": [{"TableName": "Things", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]}),
    Row(GUIDE + "transaction-apis.html", "the same token does it once",
        [put(x=N(0)), *[transact({"Update": {"TableName": "Things", "Key": KEY, "UpdateExpression": "ADD x :v",
                                             "ExpressionAttributeValues": {":v": N(1)}}}, ClientRequestToken="t")] * 3, get()],
        {"Item": {"id": S("a"), "x": N(1)}}),
    Row(WRITE, "a token is of one request",
        [transact(putting(), ClientRequestToken="t"), transact(putting("b"), ClientRequestToken="t")],
        Refused("IdempotentParameterMismatchException", "")),
    Row(API + "TransactGetItems.html", "what is not there is an empty response in its place",
        [put(), call("transact_get_items", TransactItems=[
            {"Get": {"TableName": "Things", "Key": {"id": S(key)}}} for key in "ba"])], {"Responses": [{}, {"Item": KEY}]}),
    Row(API + "TransactGetItems.html", "a wrong key cancels the reads",
        [call("transact_get_items", TransactItems=[{"Get": {"TableName": "Things", "Key": {"id": N(1)}}}])],
        cancelled("ValidationError")),
]


ON = call("update_time_to_live", TableName="Things", TimeToLiveSpecification={"AttributeName": "ends", "Enabled": True})


def expiring(value: dict[str, Any]) -> list[Any]:
    """A thing that has a time to live, some days later."""
    return [ON, put(ends=value), call("advance", seconds=3 * 86_400), get()]


TIMES = [
    Row(TTL, "an item is deleted after its time",
        [ON, call("ending", seconds=3600), call("advance", seconds=3700), get()], {"Item": ABSENT}),
    Row(TTL, "an item stays until its time", [ON, call("ending", seconds=3600), call("advance", seconds=60),
        call("scan", TableName="Things", Select="COUNT")], {"Count": 1}),
    Row(GUIDE + "time-to-live-ttl-before-you-start.html", "a time that is no number is ignored", expiring(S("1")),
        {"Item": {"id": S("a"), "ends": S("1")}}),
    Row(GUIDE + "time-to-live-ttl-before-you-start.html", "what ended more than five years ago stays", expiring(N(1)),
        {"Item": {"id": S("a"), "ends": N(1)}}),
    Row(API + "UpdateTimeToLive.html", "time to live is switched on once",
        [ON, ON], invalid("TimeToLive is already enabled")),
    Row(API + "UpdateTimeToLive.html", "it cannot be switched off by another name",
        [ON, call("update_time_to_live", TableName="Things", TimeToLiveSpecification={
            "AttributeName": "other", "Enabled": False})], invalid("TimeToLive is active on a different AttributeName")),
    Row(API + "StreamSpecification.html", "a stream has a view",
        [call("update_table", TableName="Things", StreamSpecification={"StreamEnabled": True})],
        invalid("StreamViewType is required when StreamEnabled is true")),
    Row(API + "UpdateTable.html", "a stream that is not there cannot be switched off",
        [call("update_table", TableName="Things", StreamSpecification={"StreamEnabled": False})],
        invalid("Table has no stream to disable")),
]

SELECT = QL + "reference.select.html"
STATEMENTS = [
    Row(QL + "reference.insert.html", "an item that is there is not inserted again",
        [put(), run("INSERT INTO Things VALUE {'id': 'a'}")],
        Refused("DuplicateItemException", "Duplicate primary key exists in table")),
    Row(QL + "reference.insert.html", "an insertion returns nothing",
        [run("INSERT INTO Things VALUE {'id': 'a'}")], {"Items": []}),
    Row(QL + "reference.update.html", "what is not there is not updated",
        [run("UPDATE Things SET x = 1 WHERE id = 'a'")], FAILED),
    Row(QL + "reference.update.html", "several SET stand side by side",
        [put(), run("UPDATE Things SET x = 1 SET y = {'z': [2020, 2018]} WHERE id = 'a'"), get()],
        {"Item": {"id": S("a"), "x": N(1), "y": {"M": {"z": {"L": [N(2020), N(2018)]}}}}}),
    Row(QL + "reference.update.html", "REMOVE takes an element out of a list",
        [put(x={"L": [N(1), N(2)]}), run("UPDATE Things REMOVE x[0] WHERE id = 'a' RETURNING ALL NEW *")],
        {"Items": [{"id": S("a"), "x": {"L": [N(2)]}}]}),
    Row(QL + "reference.update.html", "set_add adds to a set of numbers",
        [put(x={"NS": ["1"]}), run("UPDATE Things SET x = set_add(x, <<2>>) WHERE id = 'a' RETURNING MODIFIED NEW *")],
        {"Items": [{"x": {"NS": ["1", "2"]}}]}),
    Row(QL + "reference.delete.html", "deleting what is not there succeeds",
        [run("DELETE FROM Things WHERE id = 'a'")], {"Items": []}),
    Row(QL + "reference.delete.html", "deleting what does not fit fails",
        [put(x=N(1)), run("DELETE FROM Things WHERE id = 'a' AND x = 2")],
        FAILED),
    Row(QL + "reference.delete.html", "RETURNING ALL OLD * shows what was deleted",
        [put(x=N(1)), run("DELETE FROM Things WHERE id = 'a' RETURNING ALL OLD *")], {"Items": [{"id": S("a"), "x": N(1)}]}),
    Row(SELECT, "several partition keys by IN and a list",
        [put(), put(id=S("b")), run("SELECT id FROM \"Things\" WHERE id IN ['b', 'c', 'a'] ORDER BY id DESC")],
        {"Items": [{"id": S("b")}, {"id": S("a")}]}),
    Row(SELECT, "without WHERE everything is answered",
        [put(x=N(1)), run("SELECT * FROM Things")], {"Items": [{"id": S("a"), "x": N(1)}]}),
    Row(SELECT, "an index is named behind its table",
        [run('SELECT * FROM "Music"."by-genre" WHERE Genre = \'Rock\'')], {"Items": []}),
    Row(QL + "functions.attribute_type.html", "attribute_type tells lists from other types",
        [put(x={"L": []}), run("SELECT id FROM Things WHERE attribute_type(\"x\", 'L')")], {"Items": [KEY]}),
    Row(QL + "functions.missing.html", "IS MISSING finds what has no such attribute",
        [put(), put(id=S("b"), x={"NULL": True}), run("SELECT id FROM Things WHERE x IS MISSING")], {"Items": [KEY]}),
    Row(QL + "functions.size.html", "size of binary is its bytes",
        [put(x={"B": b"12345"}), run('SELECT id FROM Things WHERE id=\'a\' AND size("x") >4')], {"Items": [KEY]}),
    Row(QL + "operators.html", "!= is <>", [put(x=N(1)), run("SELECT x FROM Things WHERE x != 2")], {"Items": [{"x": N(1)}]}),
    Row(QL + "reference.data-types.html", "keywords for values may be in any case",
        [run("INSERT INTO Things VALUE {'id': 'a', 'x': tRuE, 'y': Null}"), get()],
        {"Item": {"id": S("a"), "x": {"BOOL": True}, "y": {"NULL": True}}}),
    Row(QL + "functions.exists.html", "EXISTS is for transactions",
        [put(), call("execute_transaction", TransactStatements=[
            {"Statement": "EXISTS(SELECT * FROM Things WHERE id = 'a' AND x IS NOT MISSING)"}])],
        cancelled("ConditionalCheckFailed")),
    Row(API + "BatchExecuteStatement.html", "a batch answers 200 although a statement failed",
        [call("batch_execute_statement", Statements=[{"Statement": "UPDATE Things SET x = 1 WHERE id = 'a'"}])],
        {"Responses": [{"TableName": "Things", "Error": {"Code": "ConditionalCheckFailed", "Message": FAILED.message}}]}),
    Row(API + "ExecuteStatement.html", "a page of a SELECT ends with a token",
        [put(), put(id=S("b")), run("SELECT * FROM Things WHERE id IN ['a', 'b']", Limit=1)],
        {"Items": [KEY], "LastEvaluatedKey": KEY, "ConsumedCapacity": ABSENT}),
]


@documented.rows(TRANSACTIONS + TIMES + STATEMENTS)
def test_as_documented(cloud: Any, make: Make, row: Row) -> None:
    documented.follow(cloud, make, row)
