"""Item collections of tables with local indexes: what they hold is counted, and 10 GB is the most."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel import Call, Principal
from cumulet.services.dynamodb import collections, keys
from cumulet.services.dynamodb.resources import Collection
from cumulet.services.dynamodb.shelf import Shelf, opened

from .conftest import Make, N, S, index, refused

LOCAL = {"LocalSecondaryIndexes": [index("by-n", "id", "n"), index("keys", "id", "s", "KEYS_ONLY")]}


def inside(cloud: Any, table: str, do: Any) -> Any:
    """Do something with a table inside the process."""
    def run(tx: Any) -> Any:
        root = Principal("root", cloud.account, "", cloud.account, "")
        call = Call(cloud.kernel, tx, "dynamodb", "test", cloud.account, "us-east-1", root, cloud.clock.now())
        return do(opened(call, table))

    return cloud.thread.call(cloud.kernel.store.run(run))


def test_a_collection_ends_at_10_gb(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("full", "id", "k", "n:N", "s", **LOCAL)
    item = {"id": S("a"), "k": S("1"), "n": N(1), "text": S("x" * 1000)}
    dynamodb.put_item(TableName="full", Item=item)

    def nearly_full(shelf: Shelf) -> None:
        hash, _ = keys.of_key(shelf.facts, {"id": S("a"), "k": S("1")})
        shelf.call.put(Collection(shelf.number, hash, collections.LARGEST - 1500))

    inside(cloud, "full", nearly_full)
    more = item | {"k": S("2")}
    assert refused(dynamodb.put_item, "ItemCollectionSizeLimitExceededException", TableName="full", Item=more) == \
        "Collection size exceeded."
    reasons = refused(dynamodb.transact_write_items, "TransactionCanceledException", TransactItems=[
        {"Put": {"TableName": "full", "Item": {"id": S("b"), "k": S("1")}}}, {"Put": {"TableName": "full", "Item": more}}])
    assert "[None, ItemCollectionSizeLimitExceeded]" in reasons
    statement = "INSERT INTO \"full\" VALUE {'id': 'a', 'k': '2', 'n': 1, 'text': ?}"
    told = dynamodb.batch_execute_statement(Statements=[{"Statement": statement, "Parameters": [S("x" * 1000)]}])
    assert told["Responses"][0]["Error"]["Code"] == "ItemCollectionSizeLimitExceeded"
    assert dynamodb.scan(TableName="full")["Count"] == 1
    dynamodb.put_item(TableName="full", Item={"id": S("b"), "k": S("1"), "n": N(1)})             # another collection
    dynamodb.put_item(TableName="full", Item={"id": S("a"), "k": S("1")})                        # smaller
    told = dynamodb.put_item(TableName="full", Item={"id": S("a"), "k": S("3")}, ReturnItemCollectionMetrics="SIZE")
    assert told["ItemCollectionMetrics"] == {"ItemCollectionKey": {"id": S("a")}, "SizeEstimateRangeGB": [9.0, 10.0]}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("12"), st.sampled_from([None, 1, 22]),
                                 st.sampled_from(["", "s", "longer"])), max_size=12))
def test_what_is_counted_is_what_is_there(cloud: Any, make: Make, dynamodb: Any, writes: Any) -> None:
    if "counted" not in dynamodb.list_tables()["TableNames"]:
        make("counted", "id", "k", "n:N", "s", **LOCAL)
    for one, key, n, s in writes:
        if s == "longer" and n is None:
            dynamodb.delete_item(TableName="counted", Key={"id": S(one), "k": S(key)})
        else:
            dynamodb.put_item(TableName="counted", Item={"id": S(one), "k": S(key), "more": S("x" * 7)} | (
                {"n": N(n)} if n else {}) | ({"s": S(s)} if s else {}))

    def compare(shelf: Shelf) -> None:
        for one in "ab":
            hash, _ = keys.of_key(shelf.facts, {"id": S(one), "k": S("1")})
            row = shelf.call.table(Collection).get(shelf.number, hash)
            assert (row.size if row is not None else 0) == collections._measured(shelf, hash)

    inside(cloud, "counted", compare)
