"""Imports from S3 over the wire: three formats, compression, what is wrong with records, and what an export brings back."""

import gzip
import json
from typing import Any

import pytest

from cumulet.services.dynamodb import fetching

from .conftest import Make, N, S, index, refused

KEYS: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}


@pytest.fixture
def bucket(cloud: Any) -> str:
    name = f"imports-{cloud.account}"
    cloud.client("s3").create_bucket(Bucket=name)
    return name


def put(cloud: Any, bucket: str, key: str, data: bytes) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=data)


def imported(cloud: Any, dynamodb: Any, bucket: str, table: str = "new", form: str = "DYNAMODB_JSON", prefix: str | None = None,
             parameters: dict[str, Any] | None = None, **members: Any) -> Any:
    """The description of an import that has ended."""
    source = {"S3Bucket": bucket} | ({"S3KeyPrefix": prefix} if prefix else {})
    told = dynamodb.import_table(S3BucketSource=source, InputFormat=form,
                                 TableCreationParameters={"TableName": table} | (parameters or KEYS), **members)
    assert told["ImportTableDescription"]["ImportStatus"] == "IN_PROGRESS"
    cloud.clock.idle()
    return dynamodb.describe_import(ImportArn=told["ImportTableDescription"]["ImportArn"])["ImportTableDescription"]


def items(dynamodb: Any, table: str = "new") -> dict[str, Any]:
    return {item["id"]["S"]: item for item in dynamodb.scan(TableName=table)["Items"]}


def test_json_lines_of_several_objects_come_in(cloud: Any, dynamodb: Any, bucket: str) -> None:
    for name in ("in/a.json", "in/b.json", "out/c.json"):
        put(cloud, bucket, name, b"\n".join(
            json.dumps({"Item": {"id": S(f"{name}-{n}"), "n": N(f"{n}.50"), "b": {"B": "YWJj"}}}).encode() for n in range(250)))
    parameters = KEYS | {"GlobalSecondaryIndexes": [index("by-n", "n")], "AttributeDefinitions": [
        *KEYS["AttributeDefinitions"], {"AttributeName": "n", "AttributeType": "N"}]}
    parameters["OnDemandThroughput"] = {"MaxReadRequestUnits": 4000, "MaxWriteRequestUnits": 4000}
    told = imported(cloud, dynamodb, bucket, prefix="in/", parameters=parameters)
    assert (told["ImportStatus"], told["ProcessedItemCount"], told["ImportedItemCount"], told["ErrorCount"]) == \
        ("COMPLETED", 500, 500, 0)
    assert told["ProcessedSizeBytes"] > 25_000
    assert told["EndTime"] >= told["StartTime"]
    table = dynamodb.describe_table(TableName="new")["Table"]
    assert (table["TableStatus"], table["ItemCount"], table["TableArn"]) == ("ACTIVE", 500, told["TableArn"])
    assert table["OnDemandThroughput"]["MaxWriteRequestUnits"] == 4000
    assert items(dynamodb)["in/b.json-7"] == {"id": S("in/b.json-7"), "n": N("7.5"), "b": {"B": b"abc"}}
    found = dynamodb.query(TableName="new", IndexName="by-n", KeyConditionExpression="n = :n",
                           ExpressionAttributeValues={":n": N("7.5")})
    assert found["Count"] == 2


def test_what_is_wrong_is_counted(cloud: Any, dynamodb: Any, bucket: str) -> None:
    lines: list[Any] = [{"Item": {"id": S("right")}}, {"Item": {"id": N(1)}}, {"Item": {"other": S("x")}}, {"id": S("bare")},
                        {"Item": {"id": S("x"), "n": {"N": "many"}}}, {"Item": {"id": S("x"), "s": {"S": 1}}},
                        {"Item": {"id": S("x"), "b": {"B": "%"}}}, {"Item": {"id": S("x"), "two": {"S": "a", "N": "1"}}},
                        {"Item": {"id": S("x"), "big": S("x" * 410_000)}}, {"Item": {"id": S("right"), "again": S("y")}}, []]
    put(cloud, bucket, "a", b"\n".join(json.dumps(line).encode() for line in lines) + b"\n{\n")
    told = imported(cloud, dynamodb, bucket)
    assert (told["ImportStatus"], told["ProcessedItemCount"], told["ImportedItemCount"], told["ErrorCount"]) == \
        ("COMPLETED", 12, 2, 10)
    assert items(dynamodb) == {"right": {"id": S("right"), "again": S("y")}}
    assert told["CloudWatchLogGroupArn"].endswith(f":{cloud.account}:log-group:/aws-dynamodb/imports:*")
    events = cloud.client("logs").get_log_events(
        logGroupName="/aws-dynamodb/imports", logStreamName=told["ImportArn"].rpartition("/")[2], startFromHead=True)["events"]
    lines = [json.loads(event["message"]) for event in events]
    assert [line["itemS3Pointer"]["itemIndex"] for line in lines] == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11]
    assert lines[0] == {
        "itemS3Pointer": {"bucket": bucket, "key": "a", "itemIndex": 1}, "importArn": told["ImportArn"], "errorMessages": [
            "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"]}


@pytest.mark.parametrize(("form", "data"), [
    ("ION", b'$ion_1_0 {Item:{id:"a"}} {Item:'), ("CSV", b"id,n\na,1\nb,\xff\n"),
    ("DYNAMODB_JSON", b'{"Item":{"id":{"S":"a"}}}\n{"Item":')])
def test_the_rest_of_a_broken_object_is_left(cloud: Any, dynamodb: Any, bucket: str, form: str, data: bytes) -> None:
    put(cloud, bucket, "broken", data)
    put(cloud, bucket, "whole", {
        "ION": b'{Item:{id:"b"}}', "CSV": b"id\nb", "DYNAMODB_JSON": b'{"Item":{"id":{"S":"b"}}}'}[form])
    told = imported(cloud, dynamodb, bucket, form=form)
    assert (told["ImportStatus"], told["ErrorCount"]) == ("COMPLETED", 1)
    assert "b" in items(dynamodb)


def test_csv_has_a_header_or_is_given_one(cloud: Any, dynamodb: Any, bucket: str) -> None:
    put(cloud, bucket, "one.csv", b'id,n,text\na,1,"with, comma"\nb,2.50,"two\nlines"\nc,3\n')
    parameters = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": [
        {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}], "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}]}
    told = imported(cloud, dynamodb, bucket, form="CSV", prefix="one", parameters=parameters)
    assert (told["ImportedItemCount"], told["ErrorCount"]) == (2, 1)
    assert items(dynamodb) == {"a": {"id": S("a"), "n": N(1), "text": S("with, comma")},
                               "b": {"id": S("b"), "n": N("2.5"), "text": S("two\nlines")}}
    put(cloud, bucket, "two.csv", gzip.compress(b"a;1\nb;2\n"))
    imported(cloud, dynamodb, bucket, "headed", "CSV", "two", InputCompressionType="GZIP",
             InputFormatOptions={"Csv": {"Delimiter": ";", "HeaderList": ["id", "n"]}})
    assert items(dynamodb, "headed") == {"a": {"id": S("a"), "n": S("1")}, "b": {"id": S("b"), "n": S("2")}}


@pytest.mark.parametrize("form", ["DYNAMODB_JSON", "ION"])
def test_an_export_comes_back_as_it_was(cloud: Any, make: Make, dynamodb: Any, bucket: str, form: str) -> None:
    make("source", "id")
    dynamodb.update_continuous_backups(
        TableName="source", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    every = {"id": S("a"), "n": N("-0.00000000000000000000000000000000000012"), "b": {"B": b"\x00"}, "t": {"BOOL": False},
             "z": {"NULL": True}, "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2.5"]}, "bs": {"BS": [b"1", b"2"]},
             "l": {"L": [S("é\n"), N(12_000), {"L": []}]}, "m": {"M": {"deep": {"M": {"k": S("")}}}}}
    dynamodb.put_item(TableName="source", Item=every)
    for n in range(600):
        dynamodb.put_item(TableName="source", Item={"id": S(str(n)), "n": N(n)})
    arn = dynamodb.describe_table(TableName="source")["Table"]["TableArn"]
    export = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ExportFormat=form)["ExportDescription"]
    cloud.clock.idle()
    folder = dynamodb.describe_export(ExportArn=export["ExportArn"])["ExportDescription"]["ExportManifest"].rpartition("/")[0]
    told = imported(cloud, dynamodb, bucket, form=form, prefix=f"{folder}/data/", InputCompressionType="GZIP")
    assert (told["ImportStatus"], told["ImportedItemCount"], told["ErrorCount"]) == ("COMPLETED", 601, 0)
    for key in ("a", "17"):
        assert dynamodb.get_item(TableName="new", Key={"id": S(key)})["Item"] == \
            dynamodb.get_item(TableName="source", Key={"id": S(key)})["Item"]


def test_a_long_import_goes_from_task_to_task(cloud: Any, dynamodb: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each task brings in a part, and the next goes on in the middle of an object, whether it is compressed or not."""
    monkeypatch.setitem(fetching.MOST, "DYNAMODB_JSON", 150)
    lines = b"".join(b'{"Item":{"id":{"S":"%d"}}}\n' % n for n in range(1010))
    put(cloud, bucket, "plain/a", lines)
    put(cloud, bucket, "plain/b", b'{"Item":{"id":{"S":"b"}}}\n')
    put(cloud, bucket, "packed/a", gzip.compress(lines))
    for name, compression, count in (("plain", "NONE", 1011), ("packed", "GZIP", 1010)):
        told = imported(cloud, dynamodb, bucket, name, prefix=f"{name}/", InputCompressionType=compression)
        assert (told["ImportStatus"], told["ProcessedItemCount"], told["ImportedItemCount"]) == ("COMPLETED", count, count)
        assert dynamodb.describe_table(TableName=name)["Table"]["ItemCount"] == count


def test_imports_are_asked_once_and_listed(cloud: Any, dynamodb: Any, bucket: str) -> None:
    put(cloud, bucket, "a", b'{"Item":{"id":{"S":"a"}}}')
    first = imported(cloud, dynamodb, bucket, ClientToken="once")
    again = dynamodb.import_table(S3BucketSource={"S3Bucket": bucket}, InputFormat="DYNAMODB_JSON", ClientToken="once",
                                  TableCreationParameters={"TableName": "new"} | KEYS)["ImportTableDescription"]
    assert again["ImportArn"] == first["ImportArn"]
    refused(dynamodb.import_table, "ImportConflictException", S3BucketSource={"S3Bucket": bucket}, InputFormat="ION",
            ClientToken="once", TableCreationParameters={"TableName": "new"} | KEYS)
    second = imported(cloud, dynamodb, bucket, "newer")
    page = dynamodb.list_imports(PageSize=1)
    assert [one["ImportArn"] for one in page["ImportSummaryList"]] == [first["ImportArn"]]
    [rest] = dynamodb.list_imports(NextToken=page["NextToken"])["ImportSummaryList"]
    assert (rest["ImportArn"], rest["ImportStatus"], rest["InputFormat"]) == \
        (second["ImportArn"], "COMPLETED", "DYNAMODB_JSON")
    [of_table] = dynamodb.list_imports(TableArn=second["TableArn"])["ImportSummaryList"]
    assert of_table["ImportArn"] == second["ImportArn"]
    cloud.clock.advance(90 * 86_400 + 1)
    assert dynamodb.list_imports()["ImportSummaryList"] == []
    refused(dynamodb.describe_import, "ImportNotFoundException", ImportArn=first["ImportArn"])


def test_what_wrong_imports_are_told(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("there", "id")
    source = {"S3Bucket": bucket}
    ask = dynamodb.import_table
    refused(ask, "ResourceInUseException", S3BucketSource=source, InputFormat="CSV",
            TableCreationParameters={"TableName": "there"} | KEYS)
    refused(ask, "NotImplemented", S3BucketSource=source, InputFormat="CSV", InputCompressionType="ZSTD",
            TableCreationParameters={"TableName": "other"} | KEYS)
    refused(ask, S3BucketSource=source, InputFormat="CSV", TableCreationParameters={
        "TableName": "other", **KEYS, "KeySchema": [{"AttributeName": "absent", "KeyType": "HASH"}]})
    told = imported(cloud, dynamodb, "absent-" + bucket)
    assert (told["ImportStatus"], told["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    put(cloud, bucket, "plain", b"not compressed")
    told = imported(cloud, dynamodb, bucket, "unread", InputCompressionType="GZIP")
    assert told["ImportStatus"] == "FAILED"
    assert dynamodb.describe_table(TableName="unread")["Table"]["TableStatus"] == "ACTIVE"
