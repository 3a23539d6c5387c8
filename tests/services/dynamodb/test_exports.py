"""Exports to S3 over the wire: objects, manifests, both formats, windows of time, rights."""

import base64
import gzip
import hashlib
import io
import json
from typing import Any

import pytest
from amazon.ion import simpleion

from cumulet.kernel import Call, Principal
from cumulet.services.dynamodb import exporting
from cumulet.services.dynamodb.archives import Export

from .conftest import Make, N, S, refused

RECOVERY = {"PointInTimeRecoveryEnabled": True}


@pytest.fixture
def bucket(cloud: Any) -> str:
    name = f"exports-{cloud.account}"
    cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def arn(make: Make, dynamodb: Any) -> str:
    """A table that keeps its past, with items of every type."""
    make("exported", "id")
    dynamodb.update_continuous_backups(TableName="exported", PointInTimeRecoverySpecification=RECOVERY)
    dynamodb.put_item(TableName="exported", Item=EVERYTHING)
    found: str = dynamodb.describe_table(TableName="exported")["Table"]["TableArn"]
    return found


EVERYTHING: dict[str, Any] = {
    "id": S("a"), "n": N("-1.5E+3"), "b": {"B": b"\x00bin"}, "t": {"BOOL": True}, "z": {"NULL": True}, "ss": {"SS": ["x", "y"]},
    "ns": {"NS": ["1", "2.5"]}, "bs": {"BS": [b"1", b"2"]}, "l": {"L": [S("\"q\"\n"), N(1), {"L": []}]},
    "m": {"M": {"deep": {"M": {"k": S("v")}}}}}


def objects(cloud: Any, bucket: str, prefix: str = "") -> dict[str, bytes]:
    s3 = cloud.client("s3")
    return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            for one in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())}


def exported(cloud: Any, dynamodb: Any, arn: str, bucket: str, **members: Any) -> Any:
    """The description of an export that is complete."""
    told = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, **members)["ExportDescription"]
    assert told["ExportStatus"] == "IN_PROGRESS"
    cloud.clock.idle()
    return dynamodb.describe_export(ExportArn=told["ExportArn"])["ExportDescription"]


def lines(found: dict[str, bytes]) -> list[Any]:
    return [json.loads(line) for key, data in sorted(found.items()) if "/data/" in key
            for line in gzip.decompress(data).splitlines()]


def test_a_full_export_has_data_and_manifests(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    told = exported(cloud, dynamodb, arn, bucket, S3Prefix="backup/nov")
    assert (told["ExportStatus"], told["ItemCount"], told["ExportType"], told["ExportFormat"]) == \
        ("COMPLETED", 1, "FULL_EXPORT", "DYNAMODB_JSON")
    folder = "backup/nov/AWSDynamoDB/" + told["ExportArn"].rpartition("/")[2]
    assert told["ExportManifest"] == f"{folder}/manifest-summary.json"
    found = objects(cloud, bucket)
    for name in ("manifest-summary", "manifest-files"):
        data = found[f"{folder}/{name}.json"]
        assert found[f"{folder}/{name}.checksum"].decode() == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert found[f"{folder}/_started"] == b""
    summary = json.loads(found[f"{folder}/manifest-summary.json"])
    assert (summary["version"], summary["itemCount"], summary["outputFormat"], summary["exportType"]) == \
        ("2020-06-30", 1, "DYNAMODB_JSON", "FULL_EXPORT")
    assert summary["manifestFilesS3Key"] == f"{folder}/manifest-files.json"
    assert summary["tableArn"] == arn
    [file] = [json.loads(line) for line in found[f"{folder}/manifest-files.json"].splitlines()]
    data = found[file["dataFileS3Key"]]
    assert file["dataFileS3Key"].startswith(f"{folder}/data/")
    assert file["md5Checksum"] == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert file["etag"] == hashlib.md5(data).hexdigest()
    [line] = lines(found)
    assert line["Item"]["n"] == {"N": "-1500"}
    assert line["Item"]["b"] == {"B": base64.b64encode(b"\x00bin").decode()}
    assert line["Item"].keys() == EVERYTHING.keys()


def test_ion_says_the_same(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    told = exported(cloud, dynamodb, arn, bucket, ExportFormat="ION")
    [(key, data)] = [(k, d) for k, d in objects(cloud, bucket).items() if "/data/" in k]
    assert key.endswith(".ion.gz")
    text = gzip.decompress(data)
    assert text.startswith(b"$ion_1_0 {Item:{")
    [record] = simpleion.load(io.BytesIO(text), single_value=False)
    item = record["Item"]
    assert (item["id"], item["n"], item["b"], bool(item["t"]), item["l"][0]) == ("a", -1500, b"\x00bin", True, "\"q\"\n")
    assert item["ss"].ion_annotations[0].text == "$dynamodb_SS"
    assert [str(n) for n in item["ns"]] == ["1", "2.5"]
    assert item["m"]["deep"]["k"] == "v"
    assert told["ItemCount"] == 1


def test_an_export_is_of_its_moment(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    cloud.clock.advance(10)
    moment = cloud.clock.now()
    cloud.clock.advance(10)
    for at in range(0, 1200, 25):
        dynamodb.batch_write_item(RequestItems={"exported": [
            {"PutRequest": {"Item": {"id": S(f"{n:04}")}}} for n in range(at, at + 25)]})
    now = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, S3Prefix="now")["ExportDescription"]
    for n in range(0, 1200, 3):
        dynamodb.delete_item(TableName="exported", Key={"id": S(f"{n:04}")})
    cloud.clock.idle()
    told = dynamodb.describe_export(ExportArn=now["ExportArn"])["ExportDescription"]
    assert told["ItemCount"] == 1201
    found = objects(cloud, bucket, "now")
    assert sorted(line["Item"]["id"]["S"] for line in lines(found)) == [*(f"{n:04}" for n in range(1200)), "a"]
    assert len([key for key in found if "/data/" in key]) == 3
    then = exported(cloud, dynamodb, arn, bucket, ExportTime=moment, S3Prefix="then")
    assert then["ItemCount"] == 1


def test_large_items_make_more_files(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    """A data file holds no more than a few megabytes, whatever the items are like."""
    for n in range(30):
        dynamodb.put_item(TableName="exported", Item={"id": S(f"{n}"), "text": S(f"{n}" * 190_000)})
    assert exported(cloud, dynamodb, arn, bucket)["ItemCount"] == 31
    found = {key: data for key, data in objects(cloud, bucket).items() if "/data/" in key}
    assert len(found) > 1
    assert all(len(gzip.decompress(data)) < 5 << 20 for data in found.values())
    assert len(lines(found)) == 31


def test_an_incremental_export_has_what_changed(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    for key in ("updated", "deleted", "kept"):
        dynamodb.put_item(TableName="exported", Item={"id": S(key), "n": N(0)})
    cloud.clock.advance(100)
    begin = cloud.clock.now()
    cloud.clock.advance(100)
    for n in (1, 2):
        dynamodb.put_item(TableName="exported", Item={"id": S("updated"), "n": N(n)})
    dynamodb.delete_item(TableName="exported", Key={"id": S("deleted")})
    dynamodb.put_item(TableName="exported", Item={"id": S("new"), "n": N(5)})
    dynamodb.put_item(TableName="exported", Item={"id": S("brief")})
    dynamodb.delete_item(TableName="exported", Key={"id": S("brief")})
    written = cloud.clock.now()
    cloud.clock.advance(1000)
    end = cloud.clock.now()
    dynamodb.put_item(TableName="exported", Item={"id": S("updated"), "n": N(99)})
    window = {"ExportFromTime": begin, "ExportToTime": end}
    told = exported(cloud, dynamodb, arn, bucket, ExportType="INCREMENTAL_EXPORT", S3Prefix="both",
                    IncrementalExportSpecification=window)
    assert told["ItemCount"] == 3
    found = objects(cloud, bucket, "both")
    assert all(key.startswith("both/AWSDynamoDB/data/") for key in found if "/data/" in key)
    records = {record["Keys"]["id"]["S"]: record for record in lines(found)}
    assert abs(int(records["new"]["Metadata"]["WriteTimestampMicros"]["N"]) - written * 1e6) < 5e6
    assert {key: {k: v for k, v in record.items() if k != "Metadata"} for key, record in records.items()} == {
        "updated": {"Keys": {"id": S("updated")}, "OldImage": {"id": S("updated"), "n": N(0)},
                    "NewImage": {"id": S("updated"), "n": N(2)}},
        "deleted": {"Keys": {"id": S("deleted")}, "OldImage": {"id": S("deleted"), "n": N(0)}},
        "new": {"Keys": {"id": S("new")}, "NewImage": {"id": S("new"), "n": N(5)}}}
    summary = json.loads(next(data for key, data in found.items() if key.endswith("summary.json")))
    assert (summary["version"], summary["outputView"], summary["exportType"]) == \
        ("2023-08-01", "NEW_AND_OLD_IMAGES", "INCREMENTAL_EXPORT")
    exported(cloud, dynamodb, arn, bucket, ExportType="INCREMENTAL_EXPORT", S3Prefix="one", ExportFormat="ION",
             IncrementalExportSpecification=window | {"ExportViewType": "NEW_IMAGE"})
    [data] = [data for key, data in objects(cloud, bucket, "one").items() if "/data/" in key]
    records = {str(r["Record"]["Keys"]["id"]): r["Record"] for r in simpleion.load(
        io.BytesIO(gzip.decompress(data)), single_value=False)}
    assert records["updated"].keys() == {"Metadata", "Keys", "NewImage"}
    assert records["deleted"].keys() == {"Metadata", "Keys"}


def test_a_token_is_asked_once(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    first = exported(cloud, dynamodb, arn, bucket, ClientToken="once")
    again = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ClientToken="once")["ExportDescription"]
    assert (again["ExportArn"], again["ExportStatus"]) == (first["ExportArn"], "COMPLETED")
    refused(dynamodb.export_table_to_point_in_time, "ExportConflictException", TableArn=arn, S3Bucket=bucket,
            ClientToken="once", S3Prefix="other")
    cloud.clock.advance(8 * 3600 + 1)
    assert exported(cloud, dynamodb, arn, bucket, ClientToken="once")["ExportArn"] != first["ExportArn"]
    page = dynamodb.list_exports(TableArn=arn, MaxResults=1)
    assert page["ExportSummaries"] == [
        {"ExportArn": first["ExportArn"], "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}]
    assert len(dynamodb.list_exports(NextToken=page["NextToken"])["ExportSummaries"]) == 1
    cloud.clock.advance(90 * 86_400 + 1)
    assert dynamodb.list_exports()["ExportSummaries"] == []
    refused(dynamodb.describe_export, "ExportNotFoundException", ExportArn=first["ExportArn"])


def test_what_wrong_exports_are_told(cloud: Any, make: Make, dynamodb: Any, arn: str, bucket: str) -> None:
    export = dynamodb.export_table_to_point_in_time
    make("plain", "id")
    plain = dynamodb.describe_table(TableName="plain")["Table"]["TableArn"]
    refused(export, "PointInTimeRecoveryUnavailableException", TableArn=plain, S3Bucket=bucket)
    refused(export, "TableNotFoundException", TableArn=plain + "s", S3Bucket=bucket)
    now = cloud.clock.now()
    for moment in (now - 5000, now + 5000):
        refused(export, "InvalidExportTimeException", TableArn=arn, S3Bucket=bucket, ExportTime=moment)
    for window in ({}, {"ExportFromTime": now - 60}, {"ExportFromTime": now - 90_000}):
        refused(export, TableArn=arn, S3Bucket=bucket, ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=window)
    refused(export, "NoSuchBucket", TableArn=arn, S3Bucket="absent-" + bucket)
    assert dynamodb.list_exports()["ExportSummaries"] == []


def test_an_export_that_cannot_be_written_fails(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    """The bucket is gone when the data are to be written."""
    cloud.client("s3").create_bucket(Bucket=f"brief-{bucket}")
    told = exported(cloud, dynamodb, arn, f"brief-{bucket}")

    def again(tx: Any) -> None:
        root = Principal("root", cloud.account, "", cloud.account, "")
        call = Call(cloud.kernel, tx, "dynamodb", "test", cloud.account, "us-east-1", root, cloud.clock.now())
        row = call.table(Export).get(told["ExportArn"].rpartition("/")[2])
        assert row is not None
        row.told["S3Bucket"], row.status, row.ended = f"absent-{bucket}", "IN_PROGRESS", 0.0
        call.put(row)
        exporting.write_slice(call, row.id)

    cloud.thread.call(cloud.kernel.store.run(again))
    failed = dynamodb.describe_export(ExportArn=told["ExportArn"])["ExportDescription"]
    assert (failed["ExportStatus"], failed["FailureCode"]) == ("FAILED", "S3NoSuchBucket")


def test_objects_are_encrypted_and_the_owner_is_checked(cloud: Any, dynamodb: Any, arn: str, bucket: str) -> None:
    s3 = cloud.client("s3")
    told = exported(cloud, dynamodb, arn, bucket, S3SseAlgorithm="AES256")
    assert s3.head_object(Bucket=bucket, Key=told["ExportManifest"])["ServerSideEncryption"] == "AES256"
    refused(dynamodb.export_table_to_point_in_time, "AccessDenied", TableArn=arn, S3Bucket=bucket,
            S3BucketOwner="111122223333")
    dynamodb.delete_table(TableName="exported")                                 # nobody reads it any more


def test_an_export_may_be_of_some_items_and_attributes(cloud: Any, make: Make, dynamodb: Any, bucket: str) -> None:
    make("many", "pk", "sk:N")
    dynamodb.update_continuous_backups(TableName="many", PointInTimeRecoverySpecification=RECOVERY)
    for n in range(6):
        dynamodb.put_item(TableName="many", Item={
            "pk": S("ab"[n % 2]), "sk": N(n), "even": {"BOOL": n % 4 == 0}, "mark": {"B": bytes([n])}, "m": {"M": {"x": N(n)}}})
    arn = dynamodb.describe_table(TableName="many")["Table"]["TableArn"]

    def chosen(**asked: Any) -> list[Any]:
        told = exported(cloud, dynamodb, arn, bucket, FilterSpecification=asked)
        assert told["FilterSpecification"] == asked
        found = lines(objects(cloud, bucket, told["ExportManifest"].rpartition("/")[0]))
        assert told["ItemCount"] == len(found)
        return sorted((line["Item"] for line in found), key=lambda item: int(item.get("sk", N(0))["N"]))

    values = {":a": S("a"), ":n": N(2)}
    assert [item["sk"]["N"] for item in chosen(KeyConditionExpression="pk = :a AND sk >= :n",
                                               ExpressionAttributeValues=values)] == ["2", "4"]
    assert [item["sk"]["N"] for item in chosen(FilterExpression="sk > :n OR mark = :b", ExpressionAttributeValues={
        ":n": N(3), ":b": {"B": b"\x01"}})] == ["1", "4", "5"]
    assert chosen(KeyConditionExpression="pk = :a", FilterExpression="even = :t", ProjectionExpression="sk, #m.x",
                  ExpressionAttributeNames={"#m": "m"}, ExpressionAttributeValues={":a": S("a"), ":t": {"BOOL": True}}) == [
        {"sk": N(0), "m": {"M": {"x": N(0)}}}, {"sk": N(4), "m": {"M": {"x": N(4)}}}]
    export, where = dynamodb.export_table_to_point_in_time, {"TableArn": arn, "S3Bucket": bucket}
    both = {"KeyConditionExpression": "pk = :a", "FilterExpression": "sk = :n", "ExpressionAttributeValues": values}
    assert refused(export, **where, FilterSpecification=both) == \
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"
    assert "missed key schema element: pk" in refused(export, **where, FilterSpecification={
        "KeyConditionExpression": "sk = :n", "ExpressionAttributeValues": {":n": N(1)}})
    assert "Syntax error" in refused(export, **where, FilterSpecification={"FilterExpression": "sk ="})
    refused(export, "NotImplemented", **where, FilterSpecification={"FilterExpression": "attribute_exists(sk)"},
            ExportType="INCREMENTAL_EXPORT")
