"""PartiQL over the wire: batches and transactions."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Make, N, S, index, refused

READ = "Select statements within {} must specify the primary key in the where clause."


@pytest.fixture
def bank(make: Make, dynamodb: Any) -> str:
    make("bank", "id")
    for key, n in (("a", 10), ("b", 0)):
        dynamodb.put_item(TableName="bank", Item={"id": S(key), "n": N(n)})
    return "bank"


def batch(dynamodb: Any, *statements: Any, **more: Any) -> list[dict[str, Any]]:
    asked = [{"Statement": one} if isinstance(one, str) else one for one in statements]
    found: list[dict[str, Any]] = dynamodb.batch_execute_statement(Statements=asked, **more)["Responses"]
    return found


def transact(dynamodb: Any, *statements: Any, **more: Any) -> dict[str, Any]:
    asked = [{"Statement": one} if isinstance(one, str) else one for one in statements]
    told: dict[str, Any] = dynamodb.execute_transaction(TransactStatements=asked, **more)
    return told


def cancelled(dynamodb: Any, *statements: Any) -> list[dict[str, Any]]:
    with pytest.raises(ClientError) as caught:
        transact(dynamodb, *statements)
    assert caught.value.response["Error"]["Code"] == "TransactionCanceledException", caught.value
    reasons: list[dict[str, Any]] = caught.value.response["CancellationReasons"]
    return reasons


def move(key: str, by: int) -> Any:
    return {"Statement": "UPDATE bank SET n = n + ? WHERE id = ? AND n >= ?", "Parameters": [N(by), S(key), N(max(0, -by))]}


def balances(dynamodb: Any) -> dict[str, int]:
    return {item["id"]["S"]: int(item["n"]["N"]) for item in dynamodb.scan(TableName="bank")["Items"]}


# --- batches ---

def test_a_batch_reads_items_by_their_keys(bank: str, dynamodb: Any) -> None:
    assert batch(dynamodb, "SELECT * FROM bank WHERE id = 'a'", "SELECT n FROM bank WHERE id = 'none'", {
        "Statement": "SELECT n FROM bank WHERE id = ?", "Parameters": [S("b")], "ConsistentRead": True}) == [
        {"TableName": bank, "Item": {"id": S("a"), "n": N(10)}}, {"TableName": bank}, {"TableName": bank, "Item": {"n": N(0)}}]


def test_each_write_of_a_batch_is_done_or_refused_by_itself(bank: str, dynamodb: Any) -> None:
    told = batch(
        dynamodb, "INSERT INTO bank VALUE {'id': 'a'}", "INSERT INTO bank VALUE {'id': 'c', 'n': 1}",
        {**move("b", -1), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}, "UPDATE none SET n = 1 WHERE id = 'a'",
        "DELETE FROM bank WHERE n = 1", "DELETE bank", "UPDATE bank SET n = 7 WHERE id = 'a' RETURNING ALL OLD *")
    assert [one.get("Error", {}).get("Code") for one in told] == [
        "DuplicateItem", None, "ConditionalCheckFailed", "ResourceNotFound", "ValidationError", "ValidationError", None]
    assert told[0]["Error"] == {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}
    assert {one.get("TableName") for one in told} == {bank, "none", None}
    assert told[2]["Error"]["Item"] == {"id": S("b"), "n": N(0)}
    assert told[4]["Error"]["Message"] == "Where clause does not contain a mandatory equality on all key attributes"
    assert told[5]["Error"]["Message"] == "Statement wasn't well formed, can't be processed: Expected FROM"
    assert told[6] == {"TableName": bank, "Item": {"id": S("a"), "n": N(10)}}
    assert balances(dynamodb) == {"a": 7, "b": 0, "c": 1}


def test_a_batch_is_all_reads_or_all_writes(bank: str, dynamodb: Any) -> None:
    mixed = [{"Statement": "SELECT * FROM bank WHERE id = 'a'"}, {"Statement": "DELETE FROM bank WHERE id = 'a'"}]
    assert "either read statements or write statements" in refused(dynamodb.batch_execute_statement, Statements=mixed)
    assert "less than or equal to 25" in refused(dynamodb.batch_execute_statement, Statements=mixed[1:] * 26)
    assert balances(dynamodb)["a"] == 10


def test_a_batch_only_picks_single_items(make: Make, bank: str, dynamodb: Any) -> None:
    make("deep", "pk", "sk", "o", LocalSecondaryIndexes=[index("loc", "pk", "o")])
    for statement in ("SELECT * FROM deep WHERE pk = 'a'", "SELECT * FROM deep",
                      "SELECT * FROM deep.loc WHERE pk = 'a' AND o = 'b'", "SELECT * FROM deep WHERE pk = 'a' AND sk > 'b'"):
        assert batch(dynamodb, statement) == [{"TableName": "deep", "Error": {
            "Code": "ValidationError", "Message": READ.format("BatchExecuteStatement")}}]
    [told] = batch(dynamodb, "EXISTS(SELECT * FROM bank WHERE id = 'a' AND n = 10)")
    assert told["Error"]["Message"].endswith("EXISTS can be used only in transactions")


def test_the_units_of_a_batch_are_added_up_by_table(bank: str, dynamodb: Any) -> None:
    statements = [{"Statement": f"SELECT * FROM bank WHERE id = '{key}'"} for key in "abc"]
    told = dynamodb.batch_execute_statement(Statements=statements, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert told == [{"TableName": bank, "CapacityUnits": 1.5, "Table": {"CapacityUnits": 1.5}}]
    assert "ConsumedCapacity" not in dynamodb.batch_execute_statement(Statements=statements)


# --- transactions ---

def test_all_writes_of_a_transaction_or_none(bank: str, dynamodb: Any) -> None:
    told = transact(dynamodb, move("a", -7), move("b", 7), "INSERT INTO bank VALUE {'id': 'c', 'n': 0}",
                    ReturnConsumedCapacity="TOTAL")
    assert told["ConsumedCapacity"] == [{"TableName": bank, "CapacityUnits": 6.0, "WriteCapacityUnits": 6.0}]
    assert balances(dynamodb) == {"a": 3, "b": 7, "c": 0}
    reasons = cancelled(dynamodb, move("b", 5), move("a", -5), "INSERT INTO bank VALUE {'id': 'c'}",
                        "DELETE FROM bank WHERE id = 'none'")
    assert reasons == [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
                       {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}, {"Code": "None"}]
    assert balances(dynamodb) == {"a": 3, "b": 7, "c": 0}


def test_exists_checks_an_item_that_is_not_written(bank: str, dynamodb: Any) -> None:
    insert = "INSERT INTO bank VALUE {'id': 'c', 'n': 0}"
    check = {"Statement": "EXISTS(SELECT * FROM bank WHERE id = ? AND n > ?)", "Parameters": [S("a"), N(10)],
             "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    assert cancelled(dynamodb, insert, check) == [{"Code": "None"}, {
        "Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": S("a"), "n": N(10)}}]
    transact(dynamodb, insert, check | {"Parameters": [S("a"), N(9)]})
    assert balances(dynamodb) == {"a": 10, "b": 0, "c": 0}
    assert cancelled(dynamodb, "EXISTS(SELECT * FROM bank WHERE id = 'none' AND n IS MISSING)")[0]["Code"] == \
        "ConditionalCheckFailed"


def test_what_a_wrong_transaction_is_told(bank: str, dynamodb: Any) -> None:
    def says(*statements: str) -> str:
        return refused(dynamodb.execute_transaction, TransactStatements=[{"Statement": one} for one in statements])

    delete = "DELETE FROM bank WHERE id = 'a'"
    assert "not of both" in says("SELECT * FROM bank WHERE id = 'a'", delete)
    assert says(delete, "UPDATE bank SET n = 1 WHERE id = 'a'") == \
        "Transaction request cannot include multiple operations on one item"
    assert says("SELECT * FROM bank") == READ.format("ExecuteTransaction")
    assert says(delete, "DELETE FROM bank") == "Statement wasn't well formed, can't be processed: Expected a WHERE clause"
    assert "beside write statements" in says("SELECT * FROM bank WHERE id = 'a'", "EXISTS(SELECT * FROM bank WHERE id = 'b')")
    assert "less than or equal to 100" in says(*[delete] * 101)
    refused(dynamodb.execute_transaction, "ResourceNotFoundException", TransactStatements=[
        {"Statement": "DELETE FROM none WHERE id = 'a'"}])
    assert balances(dynamodb) == {"a": 10, "b": 0}


def test_several_items_are_read_at_one_moment(bank: str, dynamodb: Any) -> None:
    told = transact(dynamodb, "SELECT * FROM bank WHERE id = 'a'", "SELECT n FROM bank WHERE id = 'b'",
                    "SELECT * FROM bank WHERE id = 'none'", ReturnConsumedCapacity="TOTAL")
    assert told["Responses"] == [{"Item": {"id": S("a"), "n": N(10)}}, {"Item": {"n": N(0)}}, {}]
    assert told["ConsumedCapacity"] == [{"TableName": bank, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}]


def test_a_token_is_good_once_for_ten_minutes(cloud: Any, bank: str, dynamodb: Any) -> None:
    transact(dynamodb, move("b", 1), ClientRequestToken="t")
    transact(dynamodb, move("b", 1), ClientRequestToken="t")
    assert balances(dynamodb)["b"] == 1
    refused(dynamodb.execute_transaction, "IdempotentParameterMismatchException", TransactStatements=[move("b", 2)],
            ClientRequestToken="t")
    cloud.clock.advance(601)
    transact(dynamodb, move("b", 1), ClientRequestToken="t")
    assert balances(dynamodb)["b"] == 2


def test_the_stream_tells_what_statements_changed(make: Make, cloud: Any, dynamodb: Any) -> None:
    make("seen", "id", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    dynamodb.execute_statement(Statement="INSERT INTO seen VALUE {'id': 'a', 'n': 1}")
    batch(dynamodb, "UPDATE seen SET n = 2 WHERE id = 'a'")
    transact(dynamodb, "DELETE FROM seen WHERE id = 'a'")
    streams = cloud.client("dynamodbstreams")
    arn = dynamodb.describe_table(TableName="seen")["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    at = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = streams.get_records(ShardIterator=at)["Records"]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    assert records[2]["dynamodb"]["OldImage"] == {"id": S("a"), "n": N(2)}
