"""A table with indexes and a stream agrees, over the wire, with a dict: whatever is done to it, in whatever order."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from .conftest import N, S, index

_names = (f"model-{n}" for n in itertools.count())
hashes = st.sampled_from(["a", "b", "\U0001f600"])
sorts = st.sampled_from(["-100", "-1.5", "0", "1E+2", "7", "1e-9", "123456789012345678901234567890"])
groups = st.sampled_from([None, "x", "y"])
counts = st.one_of(st.none(), st.integers(-5, 5))
Key = tuple[str, Decimal]


def plain(number: str | Decimal) -> str:
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class Model(RuleBasedStateMachine):
    """The dict that the table must equal."""

    dynamodb: Any
    streams: Any

    @initialize()
    def make(self) -> None:
        self.table = next(_names)
        self.items: dict[Key, dict[str, Any]] = {}
        self.changes: list[tuple[str, dict[str, Any] | None, dict[str, Any] | None]] = []
        self.dynamodb.create_table(
            TableName=self.table, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in
                                  (("pk", "S"), ("sk", "N"), ("g", "S"), ("n", "N"))],
            GlobalSecondaryIndexes=[index("by-g", "g", "n")], LocalSecondaryIndexes=[index("loc", "pk", "n", "KEYS_ONLY")],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})

    def teardown(self) -> None:
        if hasattr(self, "table"):
            self.dynamodb.delete_table(TableName=self.table)

    # --- the model's own words ---

    def item(self, pk: str, sk: str, g: str | None, n: int | None, extra: Any = None) -> dict[str, Any]:
        found = {"pk": S(pk), "sk": N(plain(sk)), "g": S(g) if g else None, "n": N(n) if n is not None else None,
                 "extra": extra}
        return {name: value for name, value in found.items() if value is not None}

    def key(self, pk: str, sk: str) -> dict[str, Any]:
        return {"pk": S(pk), "sk": N(sk)}

    def change(self, key: Key, new: dict[str, Any] | None) -> None:
        old = self.items.get(key)
        if old == new:
            return
        self.changes.append(("INSERT" if old is None else "REMOVE" if new is None else "MODIFY", old, new))
        if new is None:
            del self.items[key]
        else:
            self.items[key] = new

    # --- what is done ---

    @rule(pk=hashes, sk=sorts, g=groups, n=counts, extra=st.one_of(st.none(), st.just({"L": [{"M": {"x": {"NULL": True}}}]})))
    def put(self, pk: str, sk: str, g: str | None, n: int | None, extra: Any) -> None:
        new = self.item(pk, sk, g, n, extra)
        told = self.dynamodb.put_item(TableName=self.table, Item={**new, "sk": N(sk)}, ReturnValues="ALL_OLD")
        assert told.get("Attributes") == self.items.get((pk, Decimal(sk)))
        self.change((pk, Decimal(sk)), new)

    @rule(pk=hashes, sk=sorts)
    def put_if_new(self, pk: str, sk: str) -> None:
        key, new = (pk, Decimal(sk)), self.item(pk, sk, "x", 1)
        try:
            self.dynamodb.put_item(TableName=self.table, Item=new, ConditionExpression="attribute_not_exists(pk)")
            done = True
        except ClientError as problem:
            done = problem.response["Error"]["Code"] != "ConditionalCheckFailedException"
        assert done == (key not in self.items)
        if done:
            self.change(key, new)

    @rule(pk=hashes, sk=sorts)
    def delete(self, pk: str, sk: str) -> None:
        told = self.dynamodb.delete_item(TableName=self.table, Key=self.key(pk, sk), ReturnValues="ALL_OLD")
        assert told.get("Attributes") == self.items.get((pk, Decimal(sk)))
        if (pk, Decimal(sk)) in self.items:
            self.change((pk, Decimal(sk)), None)

    @rule(pk=hashes, sk=sorts, by=st.integers(-3, 3))
    def count(self, pk: str, sk: str, by: int) -> None:
        old = self.items.get((pk, Decimal(sk)), self.item(pk, sk, None, None))
        new = {**old, "n": N(plain(Decimal(old.get("n", N(0))["N"]) + by))}
        told = self.dynamodb.update_item(
            TableName=self.table, Key=self.key(pk, sk), UpdateExpression="SET n = if_not_exists(n, :zero) + :by REMOVE extra",
            ExpressionAttributeValues={":zero": N(0), ":by": N(by)}, ReturnValues="ALL_NEW")
        new.pop("extra", None)
        assert told["Attributes"] == new
        self.change((pk, Decimal(sk)), new)

    @rule(pk=hashes, keys=st.lists(sorts, min_size=1, max_size=4, unique_by=Decimal), n=st.integers(-5, 5))
    def move_together(self, pk: str, keys: list[str], n: int) -> None:
        """Every item of some must have a count above n; then all lose their group, and a new item is put."""
        steps = [{"Update": {"TableName": self.table, "Key": self.key(pk, sk), "UpdateExpression": "REMOVE g",
                             "ConditionExpression": "n > :n", "ExpressionAttributeValues": {":n": N(n)}}} for sk in keys]
        new = self.item("c", "1", "y", n)
        put = {"Put": {"TableName": self.table, "Item": new}}
        held = [Decimal(self.items.get((pk, Decimal(sk)), {}).get("n", N(-99))["N"]) > n for sk in keys]
        try:
            self.dynamodb.transact_write_items(TransactItems=[*steps, put])
            done = True
        except ClientError as problem:
            done = False
            told = [reason["Code"] == "None" for reason in problem.response["CancellationReasons"]]
            assert told == [*held, True]
        assert done == all(held)
        if done:
            for sk in keys:
                old = self.items[(pk, Decimal(sk))]
                self.change((pk, Decimal(sk)), {name: value for name, value in old.items() if name != "g"})
            self.change(("c", Decimal(1)), new)

    @rule(puts=st.dictionaries(st.tuples(hashes, sorts.map(plain)), counts, min_size=1, max_size=6),
          gone=st.sets(st.tuples(hashes, sorts.map(plain)), max_size=4))
    def batch(self, puts: dict[tuple[str, str], int | None], gone: set[tuple[str, str]]) -> None:
        gone = {key for key in gone if key not in puts}
        self.dynamodb.batch_write_item(RequestItems={self.table: [
            *({"PutRequest": {"Item": self.item(*key, "y", n)}} for key, n in puts.items()),
            *({"DeleteRequest": {"Key": self.key(*key)}} for key in gone)]})
        for (pk, sk), n in puts.items():
            self.change((pk, Decimal(sk)), self.item(pk, sk, "y", n))
        for pk, sk in gone:
            if (pk, Decimal(sk)) in self.items:
                self.change((pk, Decimal(sk)), None)

    # --- what is seen ---

    @rule(pk=hashes, low=sorts, high=sorts, forward=st.booleans(), limit=st.one_of(st.none(), st.integers(1, 3)))
    def query(self, pk: str, low: str, high: str, forward: bool, limit: int | None) -> None:
        if Decimal(low) > Decimal(high):
            low, high = high, low
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table, KeyConditionExpression="pk = :p AND sk BETWEEN :l AND :h", ScanIndexForward=forward,
            ExpressionAttributeValues={":p": S(pk), ":l": N(low), ":h": N(high)}, **({"Limit": limit} if limit else {}))
        found = [item for page in pages for item in page["Items"]]
        wanted = sorted((key for key in self.items if key[0] == pk and Decimal(low) <= key[1] <= Decimal(high)),
                        key=lambda key: key[1], reverse=not forward)
        assert found == [self.items[key] for key in wanted]

    @rule(g=st.sampled_from(["x", "y"]), limit=st.integers(1, 3))
    def query_group(self, g: str, limit: int) -> None:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table, IndexName="by-g", KeyConditionExpression="g = :g", Limit=limit,
            ExpressionAttributeValues={":g": S(g)})
        found = [item for page in pages for item in page["Items"]]
        wanted = [item for item in self.items.values() if item.get("g") == S(g) and "n" in item]
        assert [Decimal(item["n"]["N"]) for item in found] == sorted(Decimal(item["n"]["N"]) for item in wanted)
        assert all(item in wanted for item in found)

    @rule(limit=st.integers(1, 5), segments=st.integers(1, 3), above=st.integers(-5, 5))
    def scan(self, limit: int, segments: int, above: int) -> None:
        found = [item for segment in range(segments) for page in self.dynamodb.get_paginator("scan").paginate(
            TableName=self.table, Limit=limit, Segment=segment, TotalSegments=segments, FilterExpression="n > :n",
            ExpressionAttributeValues={":n": N(above)}) for item in page["Items"]]
        wanted = [item for item in self.items.values() if "n" in item and Decimal(item["n"]["N"]) > above]
        assert len(found) == len(wanted)
        assert all(item in wanted for item in found)

    @rule()
    def local_index(self) -> None:
        found = self.dynamodb.scan(TableName=self.table, IndexName="loc")["Items"]
        wanted = [{k: item[k] for k in ("pk", "sk", "n")} for item in self.items.values() if "n" in item]
        assert len(found) == len(wanted)
        assert all(item in wanted for item in found)

    @rule()
    def stream(self) -> None:
        arn = self.dynamodb.describe_table(TableName=self.table)["Table"]["LatestStreamArn"]
        [shard] = self.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        start = self.streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        told = self.streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
        seen = [(r["eventName"], r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in told]
        assert seen == self.changes[:1000]

    @invariant()
    def equal(self) -> None:
        if hasattr(self, "table"):
            keys = [{"pk": item["pk"], "sk": item["sk"]} for item in self.items.values()][:100]
            if keys:
                told = self.dynamodb.batch_get_item(RequestItems={self.table: {"Keys": keys}})["Responses"][self.table]
                assert told == list(self.items.values())[:100]
            assert self.dynamodb.scan(TableName=self.table, Select="COUNT")["Count"] == len(self.items)


def test_the_table_agrees_with_the_model(cloud: Any) -> None:
    class Bound(Model):
        dynamodb = cloud.client("dynamodb")
        streams = cloud.client("dynamodbstreams")

    run_state_machine_as_test(Bound, settings=settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)))
