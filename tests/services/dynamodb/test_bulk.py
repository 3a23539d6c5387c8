"""Bulk puts over the wire: items from S3 into a table that is there, under conditions, with reports, pace and cancellation."""

import gzip
import json
from typing import Any

import pytest

from cumulet.services.dynamodb import fetching

from .conftest import Make, N, S, index, refused


@pytest.fixture
def bucket(cloud: Any) -> str:
    name = f"bulk-{cloud.account}"
    cloud.client("s3").create_bucket(Bucket=name)
    return name


def put(cloud: Any, bucket: str, key: str, *records: Any) -> None:
    data = b"\n".join(json.dumps(record).encode() for record in records)
    cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=gzip.compress(data) if key.endswith(".gz") else data)


def asked(bucket: str, table: str = "things", prefix: str = "in/", source: dict[str, Any] | None = None,
          output: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """The members of a StartBulkPutItems."""
    both = ["ERROR", "CONDITION_CHECK_FAILURE"]
    source = {"S3Bucket": bucket, "S3KeyPrefix": prefix, "InputFormat": "DYNAMODB_JSON"} | (source or {})
    output = {"S3Bucket": bucket, "S3KeyPrefix": "out", "OutputType": both} | (output or {})
    return {"TableName": table, "InputS3Configuration": source, "OutputS3Configuration": output, **members}


def started(dynamodb: Any, bucket: str, *given: Any, **members: Any) -> str:
    told = dynamodb.start_bulk_put_items(**asked(bucket, *given, **members))["BulkOperationDescription"]
    assert told["BulkOperationStatus"] == "IN_PROGRESS"
    arn: str = told["BulkOperationArn"]
    return arn


def described(dynamodb: Any, arn: str) -> Any:
    return dynamodb.describe_bulk_operation(BulkOperationArn=arn)["BulkOperationDescription"]


def ended(cloud: Any, dynamodb: Any, bucket: str, *given: Any, **members: Any) -> Any:
    arn = started(dynamodb, bucket, *given, **members)
    cloud.clock.idle()
    return described(dynamodb, arn)


def lines(cloud: Any, bucket: str, folder: str) -> list[Any]:
    """The lines of all objects of a folder."""
    s3 = cloud.client("s3")
    found = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="out/").get("Contents", ()) if folder in one["Key"]]
    return [json.loads(line) for key in found for line in s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()]


def test_items_come_into_a_table_that_has_others(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id", "", "n:N", GlobalSecondaryIndexes=[index("by-n", "n", projection="KEYS_ONLY")])
    dynamodb.put_item(TableName="things", Item={"id": S("7"), "old": S("gone")})
    dynamodb.put_item(TableName="things", Item={"id": S("here"), "old": S("stays")})
    put(cloud, bucket, "in/a", *({"Item": {"id": S(str(n)), "n": N(n % 5)}} for n in range(120)))
    put(cloud, bucket, "in/b", *({"Item": {"id": S(f"b{n}")}} for n in range(10)))
    told = ended(cloud, dynamodb, bucket)
    assert (told["BulkOperationStatus"], told["ProcessedItemCount"], told["FailedItemCount"]) == ("COMPLETED", 130, 0)
    assert told["ProcessedInputBytes"] == told["TotalInputBytes"] > 130 * 20
    assert told["EndTime"] >= told["StartTime"]
    identity = dynamodb.describe_table(TableName="things")["Table"]["TableId"]
    assert told["TableDetails"] == [{"TableName": "things", "TableId": identity}]
    assert (told["PerformanceTier"], "FailureCode" in told) == ("STANDARD", False)
    [usage] = told["BulkOperationUsage"]
    assert usage["Table"]["BulkPutBytes"] > usage["GlobalSecondaryIndexes"]["by-n"]["BulkPutBytes"] > 0
    assert usage["BulkPutBytes"] == usage["Table"]["BulkPutBytes"] + usage["GlobalSecondaryIndexes"]["by-n"]["BulkPutBytes"]
    assert dynamodb.scan(TableName="things", Select="COUNT")["Count"] == 131
    assert dynamodb.get_item(TableName="things", Key={"id": S("7")})["Item"] == {"id": S("7"), "n": N(2)}
    found = dynamodb.query(TableName="things", IndexName="by-n", KeyConditionExpression="n = :n",
                           ExpressionAttributeValues={":n": N(3)})
    assert found["Count"] == 24


def test_what_cannot_be_put_is_reported(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    dynamodb.put_item(TableName="things", Item={"id": S("taken"), "v": N(1)})
    once = {"ConditionExpression": "attribute_not_exists(#i)", "ExpressionAttributeNames": {"#i": "id"}}
    more = {"ConditionExpression": "v < :v", "ExpressionAttributeValues": {":v": N(5)}}
    put(cloud, bucket, "in/a.gz",
        {"Item": {"id": S("new")}} | once, {"Item": {"id": S("taken"), "v": N(9)}} | once, {"Item": {"id": N(1)}}, "[",
        {"Item": {"id": S("taken"), "v": N(2)}} | more, {"Item": {"id": S("none"), "v": N(2)}} | more,
        {"Item": {"id": S("x")}, "ConditionExpression": "v <"}, {"Item": {"id": S("x")}, "Condition": "v = :v"},
        {"Item": {"id": S("x")}, "ConditionExpression": 7}, {"Item": {"id": S("x")}, "ExpressionAttributeNames": {"#a": 1}},
        {"Item": {"id": S("x")}, "ExpressionAttributeValues": {":v": {"Q": 1}}})
    told = ended(cloud, dynamodb, bucket, source={"InputCompressionType": "GZIP"})
    assert (told["BulkOperationStatus"], told["ProcessedItemCount"], told["FailedItemCount"]) == \
        ("COMPLETED_WITH_ERRORS", 11, 7)
    left = dynamodb.scan(TableName="things")["Items"]
    assert {item["id"]["S"]: item.get("v") for item in left} == {"new": None, "taken": N(2)}
    wrong = lines(cloud, bucket, "/errors/")
    assert [line["itemS3Pointer"]["itemIndex"] for line in wrong] == [2, 3, 6, 7, 8, 9, 10]
    assert wrong[0] == {"itemS3Pointer": {"bucket": bucket, "key": "in/a.gz", "itemIndex": 2}, "errorMessages": [
        "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"]}
    unmet = lines(cloud, bucket, "/condition-check-failures/")
    assert [(line["Item"], line.get("ExistingItem")) for line in unmet] == [
        ({"id": S("taken"), "v": N(9)}, {"id": S("taken"), "v": N(1)}), ({"id": S("none"), "v": N(2)}, None)]
    [summary] = lines(cloud, bucket, "manifest-summary.json")
    assert (summary["bulkOperationStatus"], summary["failedItemCount"], summary["conditionCheckFailureCount"]) == \
        ("COMPLETED_WITH_ERRORS", 7, 2)
    files = lines(cloud, bucket, "manifest-files.json")
    assert [(file["outputType"], file["itemCount"]) for file in files] == [("ERROR", 7), ("CONDITION_CHECK_FAILURE", 2)]


def test_unmet_conditions_alone_are_no_errors(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    put(cloud, bucket, "in/a", {"Item": {"id": S("a")}, "ConditionExpression": "attribute_exists(id)"})
    told = ended(cloud, dynamodb, bucket, output={"OutputType": ["ERROR"]})
    assert (told["BulkOperationStatus"], told["ProcessedItemCount"], told["FailedItemCount"]) == ("COMPLETED", 1, 0)
    assert lines(cloud, bucket, "/condition-check-failures/") == []


def test_a_pace_is_kept_by_the_clock_and_what_runs_is_cancelled(
        cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    put(cloud, bucket, "in/a", *({"Item": {"id": S(str(n)), "fill": S("x" * 9_000)}} for n in range(600)))
    arn = started(dynamodb, bucket, MaxWriteRequestUnits=1024)
    cloud.clock.idle()
    first = described(dynamodb, arn)
    assert (first["BulkOperationStatus"], first["MaxWriteRequestUnits"]) == ("IN_PROGRESS", 1024)
    assert 100 <= first["ProcessedItemCount"] < 300
    cloud.clock.advance(2)
    later = described(dynamodb, arn)
    assert first["ProcessedItemCount"] < later["ProcessedItemCount"] < 600
    told = dynamodb.cancel_bulk_operation(BulkOperationArn=arn)
    assert told == told | {"BulkOperationArn": arn, "BulkOperationStatus": "CANCELLING"}
    cloud.clock.advance(60)
    last = described(dynamodb, arn)
    assert (last["BulkOperationStatus"], last["FailureCode"]) == ("CANCELLED", "Cancelled")
    count = dynamodb.describe_table(TableName="things")["Table"]["ItemCount"]
    assert last["ProcessedItemCount"] == later["ProcessedItemCount"] == count
    assert "status is CANCELLED" in refused(dynamodb.cancel_bulk_operation, BulkOperationArn=arn)
    again = started(dynamodb, bucket, MaxWriteRequestUnits=1024)
    for _ in range(8):
        cloud.clock.advance(1)
    assert described(dynamodb, again)["BulkOperationStatus"] == "COMPLETED"


def test_a_long_one_goes_from_task_to_task(
        cloud: Any, make: Make, dynamodb: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fetching.MOST, "DYNAMODB_JSON", 150)
    make("things", "id")
    put(cloud, bucket, "in/a", *({"Item": {"id": S(str(n))}} for n in range(505)))
    put(cloud, bucket, "in/b", {"Item": {"id": S("b")}})
    told = ended(cloud, dynamodb, bucket)
    assert (told["BulkOperationStatus"], told["ProcessedItemCount"]) == ("COMPLETED", 506)
    assert dynamodb.scan(TableName="things", Select="COUNT")["Count"] == 506


def test_ion_records_have_conditions_too(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    dynamodb.put_item(TableName="things", Item={"id": S("a"), "v": N(1)})
    cloud.client("s3").put_object(Bucket=bucket, Key="in/a.ion", Body=b"""$ion_1_0
        {Item:{id:"a",v:2},ConditionExpression:"#v = :v",ExpressionAttributeNames:{'#v':"v"},ExpressionAttributeValues:{':v':1}}
        {Item:{id:"b",v:3},ConditionExpression:"attribute_exists(id)"} {Item:{id:"c"}}""")
    told = ended(cloud, dynamodb, bucket, source={"InputFormat": "ION"})
    assert (told["BulkOperationStatus"], told["ProcessedItemCount"]) == ("COMPLETED", 3)
    assert {item["id"]["S"]: item.get("v") for item in dynamodb.scan(TableName="things")["Items"]} == {"a": N(2), "c": None}


def test_they_are_asked_once_and_listed(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    put(cloud, bucket, "in/a", {"Item": {"id": S("a")}})
    first = ended(cloud, dynamodb, bucket, ClientToken="once")["BulkOperationArn"]
    again = dynamodb.start_bulk_put_items(**asked(bucket, ClientToken="once"))["BulkOperationDescription"]
    assert (again["BulkOperationArn"], again["BulkOperationStatus"]) == (first, "COMPLETED")
    other = asked(bucket, prefix="x", ClientToken="once")
    refused(dynamodb.start_bulk_put_items, "IdempotentParameterMismatchException", **other)
    second = ended(cloud, dynamodb, bucket)["BulkOperationArn"]
    page = dynamodb.list_bulk_operations(MaxResults=1)
    assert [one["BulkOperationArn"] for one in page["BulkOperationsSummaryList"]] == [second]
    rest = dynamodb.list_bulk_operations(NextToken=page["NextToken"])
    assert [(one["BulkOperationArn"], one["BulkOperationStatus"]) for one in rest["BulkOperationsSummaryList"]] == \
        [(first, "COMPLETED")]
    assert "NextToken" not in rest
    cloud.clock.advance(90 * 86_400 + 1)
    assert dynamodb.list_bulk_operations()["BulkOperationsSummaryList"] == []
    refused(dynamodb.describe_bulk_operation, "ResourceNotFoundException", BulkOperationArn=first)
    refused(dynamodb.cancel_bulk_operation, "ResourceNotFoundException", BulkOperationArn=first)


def test_what_wrong_ones_are_told(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    start = dynamodb.start_bulk_put_items
    refused(start, "ResourceNotFoundException", **asked(bucket, "absent"))
    refused(start, "NotImplemented", **asked(bucket, source={"InputCompressionType": "ZSTD"}))
    refused(start, **asked(bucket, output={"OutputType": []}))
    refused(start, **asked(bucket, output={"S3SseAlgorithm": "KMS"}))
    without = asked(bucket)
    del without["OutputS3Configuration"]["S3Bucket"]
    assert "S3Bucket is required" in refused(start, **without)
    told = ended(cloud, dynamodb, "absent-" + bucket)
    assert (told["BulkOperationStatus"], told["FailureCode"], "TotalInputBytes" in told) == ("FAILED", "S3NoSuchBucket", False)
    put(cloud, bucket, "in/a", {"Item": {"id": S("a")}}, {})
    told = ended(cloud, dynamodb, bucket, output={"S3Bucket": "absent-" + bucket})
    assert (told["BulkOperationStatus"], told["FailureCode"], told["ProcessedItemCount"]) == ("FAILED", "S3NoSuchBucket", 0)
    assert dynamodb.scan(TableName="things")["Count"] == 0


def test_a_table_that_goes_ends_it(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id")
    put(cloud, bucket, "in/a", *({"Item": {"id": S(str(n)), "fill": S("x" * 9_000)}} for n in range(300)))
    arn = started(dynamodb, bucket, MaxWriteRequestUnits=1024)
    cloud.clock.idle()
    dynamodb.delete_table(TableName="things")
    make("things", "id")
    cloud.clock.advance(60)
    told = described(dynamodb, arn)
    assert (told["BulkOperationStatus"], told["FailureCode"]) == ("FAILED", "ResourceNotFoundException")
    assert dynamodb.scan(TableName="things")["Count"] == 0


def test_global_tables_take_none(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("things", "id", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    dynamodb.update_table(TableName="things", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    cloud.clock.idle()
    assert "global tables" in refused(dynamodb.start_bulk_put_items, **asked(bucket))
