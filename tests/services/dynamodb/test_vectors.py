"""Vector indexes over the wire: what stands in them, what a search finds, and what is refused."""

import json
import math
import random
import struct
from typing import Any

import pytest

from .conftest import Make, N, S, index, refused


def vector(*numbers: float) -> dict[str, Any]:
    return {"L": [N(number) for number in numbers]}


def searched(name: str = "by-meaning", function: str = "EUCLIDEAN", dimensions: int = 2, schema: str = "", filters: str = "",
             projection: str = "ALL", **members: Any) -> dict[str, Any]:
    """A vector index of the attribute `v`. schema: its partition key.  filters: its inline filters."""
    elements = [{"AttributeName": one, "SearchSchemaElementType": "HASH"} for one in schema.split()]
    elements += [{"AttributeName": one, "SearchSchemaElementType": "INLINE_FILTER"} for one in filters.split()]
    return {"IndexName": name, "VectorAttribute": {"AttributeName": "v"}, "Dimensions": dimensions,
            "DistanceFunction": function,
            "Projection": {"ProjectionType": projection}} | ({"SearchSchema": elements} if elements else {}) | members


def found(dynamodb: Any, *wanted: float, top: int = 3, name: str = "by-meaning", table: str = "docs",
          **members: Any) -> list[tuple[str, float]]:
    """The ids and scores of the nearest items."""
    told = dynamodb.search_vectors(TableName=table, IndexName=name, SearchVector=[N(number) for number in wanted], TopK=top,
                                   **members)["SearchResults"]
    return [(one["Item"]["id"]["S"], round(one["Score"], 5)) for one in told]


def put(dynamodb: Any, id: str, *numbers: float, **attributes: Any) -> None:
    dynamodb.put_item(TableName="docs", Item={"id": S(id), "v": vector(*numbers)} | attributes)


@pytest.mark.parametrize(("function", "scores"), [
    ("EUCLIDEAN", [("east", 0), ("far", 2), ("north", 1.41421), ("west", 2)]),
    ("COSINE", [("east", 0), ("far", 0), ("north", 1), ("west", 2)]),
    ("DOT_PRODUCT", [("east", 1), ("far", 3), ("north", 0), ("west", -1)])])
def test_the_nearest_come_first(make: Make, dynamodb: Any, function: str, scores: list[tuple[str, float]]) -> None:
    make("docs", "id", VectorIndexes=[searched(function=function)])
    for id, place in (("east", (1, 0)), ("north", (0, 1)), ("west", (-1, 0)), ("far", (3, 0))):
        put(dynamodb, id, *place)
    order = sorted((score for _, score in scores), reverse=function == "DOT_PRODUCT")
    every = found(dynamodb, 1, 0, top=9)
    assert (sorted(every), [score for _, score in every]) == (sorted(scores), order)
    assert found(dynamodb, 1, 0, top=2) == every[:2]


def test_random_vectors_are_ranked_as_they_should(make: Make, dynamodb: Any) -> None:
    chance = random.Random(7)
    make("docs", "id", VectorIndexes=[searched(name, function, dimensions=8) for name, function in (
        ("cos", "COSINE"), ("euc", "EUCLIDEAN"), ("dot", "DOT_PRODUCT"))])
    single = struct.Struct("<8f")
    known = {str(n): single.unpack(single.pack(*(chance.uniform(-9, 9) for _ in range(8)))) for n in range(100)}
    for at in range(0, 100, 25):
        dynamodb.batch_write_item(RequestItems={"docs": [
            {"PutRequest": {"Item": {"id": S(str(n)), "v": vector(*known[str(n)])}}} for n in range(at, at + 25)]})
    wanted = single.unpack(single.pack(*(chance.uniform(-9, 9) for _ in range(8))))

    def dot(one: Any) -> float:
        return sum(a * b for a, b in zip(one, wanted, strict=True))

    measures = {"euc": lambda one: math.dist(one, wanted), "dot": lambda one: -dot(one),
                "cos": lambda one: 1 - dot(one) / (math.hypot(*one) * math.hypot(*wanted))}
    for name, measure in measures.items():
        best = sorted((measure(one), id) for id, one in known.items())[:5]
        sign = -1 if name == "dot" else 1
        assert found(dynamodb, *wanted, top=5, name=name) == [(id, pytest.approx(sign * far, abs=1e-4)) for far, id in best]


def test_items_come_move_and_leave(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("docs", "id", VectorIndexes=[searched()])
    put(dynamodb, "a", 1, 0)
    put(dynamodb, "b", 5, 0)
    dynamodb.put_item(TableName="docs", Item={"id": S("without")})
    assert found(dynamodb, 0, 0) == [("a", 1), ("b", 5)]
    dynamodb.update_item(TableName="docs", Key={"id": S("b")}, UpdateExpression="SET v[0] = :x",
                         ExpressionAttributeValues={":x": N("0.5")})
    dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": "docs", "Key": {"id": S("a")}}}])
    assert found(dynamodb, 0, 0) == [("b", 0.5)]
    dynamodb.update_item(TableName="docs", Key={"id": S("b")}, UpdateExpression="REMOVE v")
    assert found(dynamodb, 0, 0) == []
    put(dynamodb, "ends", 1, 1, at=N(int(cloud.clock.now()) + 60))
    dynamodb.update_time_to_live(TableName="docs", TimeToLiveSpecification={"AttributeName": "at", "Enabled": True})
    assert len(found(dynamodb, 0, 0)) == 1
    cloud.clock.advance(61)
    assert found(dynamodb, 0, 0) == []


def test_a_partition_is_searched_by_itself(make: Make, dynamodb: Any) -> None:
    make("docs", "id", VectorIndexes=[searched(schema="tenant", filters="year kind")])
    for n in range(6):
        put(dynamodb, str(n), n, 0, tenant=S("ab"[n % 2]), year=N(2020 + n), kind=S("x"))
    put(dynamodb, "homeless", 0, 0)
    names = {"ExpressionAttributeNames": {"#y": "year"}}
    assert found(dynamodb, 0, 0, SearchConditionExpression="tenant = :t", ExpressionAttributeValues={":t": S("a")}) == \
        [("0", 0), ("2", 2), ("4", 4)]
    assert found(dynamodb, 0, 0, SearchConditionExpression="tenant = :t AND #y = :y", **names,
                 ExpressionAttributeValues={":t": S("b"), ":y": N(2023)}) == [("3", 3)]
    assert found(dynamodb, 0, 0, SearchConditionExpression="tenant = :t AND (#y IN (:y, :z) OR #y BETWEEN :z AND :z)", **names,
                 ExpressionAttributeValues={":t": S("b"), ":y": N(2023), ":z": N(2025)}) == [("3", 3), ("5", 5)]
    dynamodb.update_item(TableName="docs", Key={"id": S("0")}, UpdateExpression="SET tenant = :t",
                         ExpressionAttributeValues={":t": S("b")})
    assert found(dynamodb, 0, 0, top=1, SearchConditionExpression="tenant = :t", ExpressionAttributeValues={":t": S("b")}) == \
        [("0", 0)]
    asked = {"TableName": "docs", "IndexName": "by-meaning", "SearchVector": [N(0), N(0)], "TopK": 1}
    values = {"ExpressionAttributeValues": {":t": S("a")}}
    search = dynamodb.search_vectors
    assert "needs one equality" in refused(search, **asked)
    assert "needs one equality" in refused(search, **asked, SearchConditionExpression="kind = :t", **values)
    assert "needs one equality" in refused(search, **asked, SearchConditionExpression="tenant < :t", **values)
    assert "not in the search schema of the index: strange" in refused(
        search, **asked, SearchConditionExpression="tenant = :t AND strange = :t", **values)


@pytest.mark.parametrize(("projection", "attributes"), [
    ({"ProjectionType": "ALL"}, {"id", "v", "tenant", "year", "text", "more"}),
    ({"ProjectionType": "KEYS_ONLY"}, {"id", "v", "tenant", "year"}),
    ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]}, {"id", "v", "tenant", "year", "text"})])
def test_what_is_projected_is_answered(make: Make, dynamodb: Any, projection: Any, attributes: set[str]) -> None:
    make("docs", "id", VectorIndexes=[searched(schema="tenant", filters="year", Projection=projection)])
    put(dynamodb, "a", 1, 0, tenant=S("t"), year=N(1), text=S("words"), more=S("x"))
    asked = {"TableName": "docs", "IndexName": "by-meaning", "SearchVector": [N(0), N(0)], "TopK": 1,
             "SearchConditionExpression": "tenant = :t", "ExpressionAttributeValues": {":t": S("t")}}
    [one] = dynamodb.search_vectors(**asked)["SearchResults"]
    assert one["Item"].keys() == attributes
    [one] = dynamodb.search_vectors(
        **asked, ProjectionExpression="#y, v[0]", ExpressionAttributeNames={"#y": "year"})["SearchResults"]
    assert one["Item"] == {"year": N(1), "v": vector(1)}


def test_an_index_comes_later_and_goes(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("docs", "id")
    for at in range(0, 225, 25):
        dynamodb.batch_write_item(RequestItems={"docs": [
            {"PutRequest": {"Item": {"id": S(f"{n:03}"), "v": vector(n, 0)}}} for n in range(at, at + 25)]})
    put(dynamodb, "wrong", 1)
    dynamodb.update_table(TableName="docs", VectorIndexUpdates=[{"Create": searched(filters="kind")}],
                          AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}])
    cloud.clock.idle()
    defined = dynamodb.describe_table(TableName="docs")["Table"]["AttributeDefinitions"]
    assert [one["AttributeName"] for one in defined] == ["id", "kind"]
    [told] = dynamodb.describe_table(TableName="docs")["Table"]["VectorIndexes"]
    assert (told["IndexStatus"], told["ItemCount"], told["Dimensions"]) == ("ACTIVE", 225, 2)
    assert told["IndexArn"].endswith(":table/docs/index/by-meaning")
    assert told["SearchSchema"] == [{"AttributeName": "kind", "SearchSchemaElementType": "INLINE_FILTER"}]
    assert found(dynamodb, 224, 0, top=2) == [("224", 0), ("223", 1)]
    refused(dynamodb.query, TableName="docs", IndexName="by-meaning", KeyConditionExpression="id = :i",
            ExpressionAttributeValues={":i": S("x")})
    dynamodb.update_table(TableName="docs", VectorIndexUpdates=[{"Delete": {"IndexName": "by-meaning"}}])
    told = dynamodb.describe_table(TableName="docs")["Table"]
    assert ("VectorIndexes" in told, len(told["AttributeDefinitions"])) == (False, 1)
    refused(dynamodb.search_vectors, "ResourceNotFoundException", TableName="docs", IndexName="by-meaning", TopK=1,
            SearchVector=[N(1), N(0)])
    refused(dynamodb.update_table, "ResourceNotFoundException", TableName="docs",
            VectorIndexUpdates=[{"Delete": {"IndexName": "by-meaning"}}])


def test_backups_bring_vector_indexes_back(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("docs", "id", VectorIndexes=[searched(), searched("second", "COSINE")])
    put(dynamodb, "a", 1, 0)
    arn = dynamodb.create_backup(TableName="docs", BackupName="all")["BackupDetails"]["BackupArn"]
    cloud.clock.idle()
    features = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["SourceTableFeatureDetails"]
    assert [one["IndexName"] for one in features["VectorIndexes"]] == ["by-meaning", "second"]
    dynamodb.restore_table_from_backup(TargetTableName="again", BackupArn=arn)
    dynamodb.restore_table_from_backup(
        TargetTableName="less", BackupArn=arn, VectorIndexOverride=[searched("second", "COSINE")])
    cloud.clock.idle()
    assert found(dynamodb, 0, 0, table="again") == [("a", 1)]
    assert found(dynamodb, 2, 0, table="less", name="second") == [("a", 0)]
    refused(dynamodb.search_vectors, "ResourceNotFoundException", TableName="less", IndexName="by-meaning", TopK=1,
            SearchVector=[N(1), N(0)])
    assert "does not match" in refused(dynamodb.restore_table_from_backup, TargetTableName="bad", BackupArn=arn,
                                       VectorIndexOverride=[searched("second", "EUCLIDEAN")])
    dynamodb.update_continuous_backups(
        TableName="docs", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    dynamodb.restore_table_to_point_in_time(TargetTableName="now", SourceTableName="docs", UseLatestRestorableTime=True,
                                            VectorIndexOverride=[searched()])
    cloud.clock.idle()
    assert found(dynamodb, 0, 0, table="now") == [("a", 1)]


@pytest.mark.parametrize("value", [vector(1), vector(1, 2, 3), {"L": [S("1"), N(2)]}, S("x"), {"NS": ["1", "2"]},
                                   vector(1, float("1e39"))])
def test_what_is_no_vector_is_refused(make: Make, dynamodb: Any, value: Any) -> None:
    make("docs", "id", VectorIndexes=[searched()])
    said = "One or more parameter values were invalid: The vector attribute v must be a list of 2 numbers that fit into " \
           "32-bit floating point. IndexName: by-meaning"
    item = {"id": S("a"), "v": value}
    assert refused(dynamodb.put_item, TableName="docs", Item=item) == said
    assert refused(dynamodb.update_item, TableName="docs", Key={"id": S("a")}, UpdateExpression="SET v = :v",
                   ExpressionAttributeValues={":v": value}) == said
    assert refused(dynamodb.batch_write_item, RequestItems={"docs": [{"PutRequest": {"Item": item}}]}) == said
    assert dynamodb.scan(TableName="docs")["Count"] == 0


def test_what_cannot_be_searched(make: Make, dynamodb: Any) -> None:
    make("docs", "id", VectorIndexes=[searched()])
    search, wanted = dynamodb.search_vectors, [N(1), N(2)]
    refused(search, "ResourceNotFoundException", TableName="absent", IndexName="by-meaning", SearchVector=wanted, TopK=1)
    refused(search, "ResourceNotFoundException", TableName="docs", IndexName="absent", SearchVector=wanted, TopK=1)
    for wrong in ([N(1)], [N(1), S("2")], [N(1), N("1e50")]):
        assert "a list of 2 numbers" in refused(
            search, TableName="docs", IndexName="by-meaning", SearchVector=wrong, TopK=1)


def test_what_is_no_vector_index(make: Make, dynamodb: Any) -> None:
    def says(*indexes: Any, **members: Any) -> str:
        return refused(make, code="ValidationException", name="bad", hash_key="id", VectorIndexes=list(indexes), **members)

    assert "less than or equal to 4096" in says(searched(dimensions=4097))
    assert "Duplicate index name" in says(searched(), searched())
    assert "same number of dimensions" in says(searched(), searched("other", dimensions=3))
    assert "more than one HASH" in says(searched(schema="a b"))
    assert "Duplicate AttributeName" in says(searched(schema="a", filters="a"))
    assert "Duplicate AttributeName" in says(searched(filters="v"))
    assert "NonKeyAttributes is not specified" in says(searched(projection="INCLUDE"))
    assert "List of VectorIndexes is empty" in says()
    assert "Duplicate index name" in says(searched(), GlobalSecondaryIndexes=[index("by-meaning", "id")])
    provisioned = {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    keys = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    assert "on-demand capacity mode" in refused(
        dynamodb.create_table, TableName="bad", VectorIndexes=[searched()], **keys, **provisioned)
    make("docs", "id", VectorIndexes=[searched()])
    assert "on-demand capacity mode" in refused(
        dynamodb.update_table, TableName="docs", BillingMode="PROVISIONED", **provisioned)
    refused(dynamodb.update_table, "NotImplemented", TableName="docs", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])


def test_search_attributes_may_be_defined(make: Make, dynamodb: Any) -> None:
    make("docs", "id", "", VectorIndexes=[searched(schema="tenant")])
    dynamodb.create_table(
        TableName="more", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "tenant")],
        VectorIndexes=[searched(schema="tenant")])
    said = refused(dynamodb.put_item, TableName="more", Item={"id": S("a"), "tenant": {"BOOL": True}, "v": vector(1, 2)})
    assert said.endswith("Type mismatch for Index Key tenant Actual: BOOL IndexName: by-meaning")


def test_a_bulk_put_brings_vectors(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("docs", "id", VectorIndexes=[searched()])
    bucket = f"docs-{cloud.account}"
    cloud.client("s3").create_bucket(Bucket=bucket)
    cloud.client("s3").put_object(Bucket=bucket, Key="in", Body=b"\n".join(
        json.dumps({"Item": {"id": S(str(n)), "v": vector(*[n] * size)}}).encode() for n, size in ((1, 2), (2, 2), (3, 1))))
    arn = dynamodb.start_bulk_put_items(
        TableName="docs", InputS3Configuration={"S3Bucket": bucket, "InputFormat": "DYNAMODB_JSON", "S3KeyPrefix": "in"},
        OutputS3Configuration={"S3Bucket": bucket, "S3KeyPrefix": "out", "OutputType": ["ERROR"]},
        PerformanceTier="ACCELERATED")["BulkOperationDescription"]["BulkOperationArn"]
    cloud.clock.idle()
    told = dynamodb.describe_bulk_operation(BulkOperationArn=arn)["BulkOperationDescription"]
    assert (told["BulkOperationStatus"], told["FailedItemCount"], told["PerformanceTier"]) == \
        ("COMPLETED_WITH_ERRORS", 1, "ACCELERATED")
    assert told["BulkOperationUsage"][0]["VectorIndexes"] == {"by-meaning": {"BulkPutVectorBytes": 16}}
    assert found(dynamodb, 0, 0) == [("1", 1.41421), ("2", 2.82843)]
