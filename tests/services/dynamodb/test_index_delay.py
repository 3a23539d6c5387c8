"""Global indexes that follow their table by the clock, as the server's setting says."""

from typing import Any

import boto3
import pytest

from conftest import Start, new_account

from .conftest import N, S, index


def client_of(thread: Any, account: str) -> Any:
    return boto3.client("dynamodb", endpoint_url=thread.cloud.endpoint, region_name="us-east-1", aws_access_key_id=account,
                        aws_secret_access_key="test")


class Served:
    """A server whose indexes are five seconds late, and a table on it."""

    def __init__(self, thread: Any) -> None:
        self.thread = thread
        thread.cloud.clock.freeze()
        self.account = new_account()
        self.client = client_of(thread, self.account)
        kinds = {"id": "S", "sk": "N", "g": "S"}
        self.client.create_table(
            TableName="late", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
            GlobalSecondaryIndexes=[index("by-g", "g")], LocalSecondaryIndexes=[index("by-id", "id", "g")])

    def put(self, key: str, g: str, **more: Any) -> Any:
        return self.client.put_item(TableName="late", Item={"id": S(key), "sk": N(1), "g": S(g), **more})

    def listed(self, name: str = "by-g") -> list[tuple[str, str]]:
        items = self.client.scan(TableName="late", IndexName=name)["Items"]
        return sorted((item["g"]["S"], item["id"]["S"]) for item in items)

    def advance(self, seconds: float) -> None:
        cloud = self.thread.cloud
        self.thread.call(cloud.move_clock(cloud.clock.now() + seconds))


@pytest.fixture
def served(start_cloud: Start) -> Served:
    return Served(start_cloud(index_delay=5.0))


def test_an_index_knows_of_changes_when_they_are_due(served: Served) -> None:
    told = served.client.put_item(TableName="late", Item={"id": S("a"), "sk": N(1), "g": S("x")},
                                  ReturnConsumedCapacity="INDEXES")
    assert told["ConsumedCapacity"]["GlobalSecondaryIndexes"]["by-g"]["CapacityUnits"] == 1.0
    assert served.listed() == []
    assert served.listed("by-id") == [("x", "a")]                    # a local index is part of its table
    served.advance(3)
    served.put("b", "x")
    served.put("a", "y")
    assert served.listed() == []
    served.advance(2.1)
    assert served.listed() == [("y", "a")]                           # as the item is when the change is due
    served.advance(3)
    assert served.listed() == [("x", "b"), ("y", "a")]


def test_an_item_that_moves_or_goes_leaves_its_place(served: Served) -> None:
    for key in ("a", "b", "c"):
        served.put(key, "x")
    served.advance(6)
    served.put("a", "y")
    served.client.delete_item(TableName="late", Key={"id": S("b"), "sk": N(1)})
    served.client.update_item(TableName="late", Key={"id": S("c"), "sk": N(1)}, UpdateExpression="REMOVE g")
    assert served.listed() == [("x", "a"), ("x", "b"), ("x", "c")]
    served.advance(6)
    assert served.listed() == [("y", "a")]


def test_many_changes_are_all_known_in_the_end(served: Served) -> None:
    for n in range(450):
        served.put(f"k{n % 150:03}", "xyz"[n * 7 % 3])
    served.advance(5.1)
    assert served.listed() == sorted(("xyz"[n * 7 % 3], f"k{n % 150:03}") for n in range(300, 450))


def test_what_was_still_to_be_known_is_known_after_a_restart_without_the_delay(start_cloud: Start, tmp_path: Any) -> None:
    served = Served(start_cloud(tmp_path, index_delay=5.0))
    served.put("a", "x")
    served.put("b", "x")
    served.thread.stop()
    again = start_cloud(tmp_path)
    client = client_of(again, served.account)
    client.delete_item(TableName="late", Key={"id": S("a"), "sk": N(1)})
    again.call(again.cloud.move_clock(again.cloud.clock.now() + 6))
    found = client.scan(TableName="late", IndexName="by-g")["Items"]
    assert [item["id"]["S"] for item in found] == ["b"]
