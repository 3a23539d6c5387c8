"""Transactions over the wire: all or nothing, reasons, tokens."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Make, N, S, index, refused


def cancelled(dynamodb: Any, items: list[Any]) -> list[dict[str, Any]]:
    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(TransactItems=items)
    told = caught.value.response
    assert told["Error"]["Code"] == "TransactionCanceledException", told
    reasons: list[dict[str, Any]] = told["CancellationReasons"]
    assert told["Error"]["Message"] == "Transaction cancelled, please refer cancellation reasons for specific reasons " \
        f"[{', '.join(r['Code'] for r in reasons)}]"
    return reasons


def put(key: str, **more: Any) -> Any:
    return {"Put": {"TableName": "bank", "Item": {"id": S(key), "n": N(0)}, **more}}


def move(key: str, by: int) -> Any:
    return {"Update": {"TableName": "bank", "Key": {"id": S(key)}, "UpdateExpression": "SET n = n + :by",
                       "ConditionExpression": "n >= :need",
                       "ExpressionAttributeValues": {":by": N(by), ":need": N(max(0, -by))}}}


@pytest.fixture
def bank(make: Make, dynamodb: Any) -> str:
    make("bank", "id")
    for key, n in (("a", 10), ("b", 0)):
        dynamodb.put_item(TableName="bank", Item={"id": S(key), "n": N(n)})
    return "bank"


def balance(dynamodb: Any, key: str) -> int:
    return int(dynamodb.get_item(TableName="bank", Key={"id": S(key)})["Item"]["n"]["N"])


def test_all_of_it_or_nothing(bank: str, dynamodb: Any) -> None:
    told = dynamodb.transact_write_items(ReturnConsumedCapacity="TOTAL", TransactItems=[
        move("a", -7), move("b", 7), put("c"), {"ConditionCheck": {
            "TableName": bank, "Key": {"id": S("z")}, "ConditionExpression": "attribute_not_exists(id)"}}])
    assert told["ConsumedCapacity"] == [{"TableName": bank, "CapacityUnits": 8.0, "WriteCapacityUnits": 8.0}]
    assert [balance(dynamodb, k) for k in "abc"] == [3, 7, 0]
    reasons = cancelled(dynamodb, [move("b", 5), move("a", -5), {"Delete": {"TableName": bank, "Key": {"id": S("c")}}}])
    assert reasons == [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
                       {"Code": "None"}]
    assert [balance(dynamodb, k) for k in "abc"] == [3, 7, 0]
    dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": bank, "Key": {"id": S("c")}}}])
    assert dynamodb.scan(TableName=bank)["Count"] == 2


def test_reasons_show_the_item_when_asked(bank: str, dynamodb: Any) -> None:
    check = {"ConditionCheck": {"TableName": bank, "Key": {"id": S("a")}, "ConditionExpression": "n = :n",
                                "ExpressionAttributeValues": {":n": N(1)}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
    assert cancelled(dynamodb, [check])[0]["Item"] == {"id": S("a"), "n": N(10)}


def test_what_a_step_cannot_do_is_a_reason(bank: str, dynamodb: Any) -> None:
    bad = {"Update": {"TableName": bank, "Key": {"id": S("a")}, "UpdateExpression": "SET n.x = :v",
                      "ExpressionAttributeValues": {":v": N(1)}}}
    wrong_key = {"Put": {"TableName": bank, "Item": {"id": N(1)}}}
    reasons = cancelled(dynamodb, [put("new"), bad, wrong_key])
    assert [r["Code"] for r in reasons] == ["None", "ValidationError", "ValidationError"]
    assert reasons[1]["Message"] == "The document path provided in the update expression is invalid for update"
    assert dynamodb.scan(TableName=bank)["Count"] == 2


def test_what_a_wrong_transaction_is_told(bank: str, dynamodb: Any) -> None:
    def says(*items: Any, code: str = "ValidationException") -> str:
        return refused(dynamodb.transact_write_items, code, TransactItems=list(items))

    assert says(put("a"), move("a", 1)) == "Transaction request cannot include multiple operations on one item"
    assert says({}) == "TransactItems can only contain one of Check, Put, Update or Delete"
    assert says({**put("a"), **move("b", 1)}) == "TransactItems can only contain one of Check, Put, Update or Delete"
    assert says(put("a", ConditionExpression="n =")) == \
        'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'
    empty = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty " \
        "string value. Key: id"
    assert says(put("")) == says({"Delete": {"TableName": bank, "Key": {"id": S("")}}}) == empty
    assert says({"Put": {"TableName": bank, "Item": {"id": S("a"), "n": N("x")}}}) == \
        "The parameter cannot be converted to a numeric value: x"
    says({"Put": {"TableName": "none", "Item": {"id": S("a")}}}, code="ResourceNotFoundException")
    says(*(put(str(n)) for n in range(101)))
    large = [{"Put": {"TableName": bank, "Item": {"id": S(str(n)), "v": S("x" * 390_000)}}} for n in range(11)]
    assert "4194304" in says(*large)
    assert dynamodb.scan(TableName=bank)["Count"] == 2


def test_a_token_is_good_once_for_ten_minutes(cloud: Any, bank: str, dynamodb: Any) -> None:
    asked: Any = {"TransactItems": [move("b", 1)], "ClientRequestToken": "token-1"}
    dynamodb.transact_write_items(**asked)
    again = dynamodb.transact_write_items(ReturnConsumedCapacity="TOTAL", **asked)
    assert again["ConsumedCapacity"] == [{"TableName": bank, "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    assert balance(dynamodb, "b") == 1
    refused(dynamodb.transact_write_items, "IdempotentParameterMismatchException", TransactItems=[move("b", 2)],
            ClientRequestToken="token-1")
    cloud.clock.advance(601)
    dynamodb.transact_write_items(**asked)
    assert balance(dynamodb, "b") == 2


def test_a_cancelled_transaction_does_not_use_up_its_token(bank: str, dynamodb: Any) -> None:
    asked: Any = {"TransactItems": [move("b", -1)], "ClientRequestToken": "token-2"}
    refused(dynamodb.transact_write_items, "TransactionCanceledException", **asked)
    dynamodb.transact_write_items(TransactItems=[move("b", 1)])
    dynamodb.transact_write_items(**asked)
    assert balance(dynamodb, "b") == 0


def test_several_items_are_read_at_one_moment(bank: str, dynamodb: Any) -> None:
    def get(key: str, **more: Any) -> Any:
        return {"Get": {"TableName": bank, "Key": {"id": S(key)}, **more}}

    told = dynamodb.transact_get_items(ReturnConsumedCapacity="TOTAL", TransactItems=[
        get("a"), get("none"), get("b", ProjectionExpression="#n", ExpressionAttributeNames={"#n": "n"})])
    assert told["Responses"] == [{"Item": {"id": S("a"), "n": N(10)}}, {}, {"Item": {"n": N(0)}}]
    assert told["ConsumedCapacity"] == [{"TableName": bank, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}]
    assert refused(dynamodb.transact_get_items, TransactItems=[get("a"), get("a")]) == \
        "Transaction request cannot include multiple operations on one item"
    arn = dynamodb.describe_table(TableName=bank)["Table"]["TableArn"]
    by_arn: Any = {"Get": {"TableName": arn, "Key": {"id": S("b")}}}
    assert dynamodb.transact_get_items(TransactItems=[get("a"), by_arn])["Responses"][1] == {"Item": {"id": S("b"), "n": N(0)}}
    assert refused(dynamodb.transact_get_items, TransactItems=[get("b"), by_arn]) == \
        "Transaction request cannot include multiple operations on one item"
    says = refused(dynamodb.transact_get_items, "TransactionCanceledException",
                   TransactItems=[get("a"), {"Get": {"TableName": bank, "Key": {"id": N(1)}}}])
    assert says.endswith("[None, ValidationError]")


def test_item_collections_are_told(make: Make, dynamodb: Any) -> None:
    make("groups", "pk", "sk", "o", LocalSecondaryIndexes=[index("loc", "pk", "o")])
    told = dynamodb.transact_write_items(ReturnItemCollectionMetrics="SIZE", TransactItems=[
        {"Put": {"TableName": "groups", "Item": {"pk": S("a"), "sk": S("b")}}}])
    assert told["ItemCollectionMetrics"]["groups"][0]["ItemCollectionKey"] == {"pk": S("a")}
