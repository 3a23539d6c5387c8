"""What is on its way when the process ends is ended by the next one: backups, imports, exports, bulk puts, replicas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3

from .conftest import S

KEYS: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}


def client(thread: Any, service: str = "dynamodb", region: str = "us-east-1") -> Any:
    return boto3.client(service, endpoint_url=thread.cloud.endpoint.replace("localhost", "127.0.0.1"), region_name=region,
                        aws_access_key_id="111111111111", aws_secret_access_key="test")


def ids(dynamodb: Any, table: str) -> set[str]:
    return {item["id"]["S"] for page in dynamodb.get_paginator("scan").paginate(TableName=table) for item in page["Items"]}


def test_the_next_process_brings_all_to_its_end(start_cloud: Any, tmp_path: Path) -> None:
    first = start_cloud(tmp_path)
    dynamodb, s3 = client(first), client(first, "s3")
    arn = dynamodb.create_table(TableName="big", **KEYS)["TableDescription"]["TableArn"]
    for at in range(0, 1500, 25):
        dynamodb.batch_write_item(RequestItems={"big": [
            {"PutRequest": {"Item": {"id": S(f"{n}")}}} for n in range(at, at + 25)]})
    dynamodb.update_continuous_backups(TableName="big", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    s3.create_bucket(Bucket="moving")
    s3.put_object(Bucket="moving", Key="in/a", Body=b"".join(b'{"Item":{"id":{"S":"%d"}}}\n' % n for n in range(3000)))
    backup = dynamodb.create_backup(TableName="big", BackupName="all")["BackupDetails"]["BackupArn"]
    export = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="moving")["ExportDescription"]["ExportArn"]
    coming = dynamodb.import_table(S3BucketSource={"S3Bucket": "moving", "S3KeyPrefix": "in/"}, InputFormat="DYNAMODB_JSON",
                                   TableCreationParameters={"TableName": "come", **KEYS})["ImportTableDescription"]["ImportArn"]
    dynamodb.create_table(TableName="full", **KEYS)
    bulk = dynamodb.start_bulk_put_items(
        TableName="full", InputS3Configuration={"S3Bucket": "moving", "S3KeyPrefix": "in/", "InputFormat": "DYNAMODB_JSON"},
        OutputS3Configuration={"S3Bucket": "moving", "OutputType": ["ERROR"]},
        MaxWriteRequestUnits=1024)["BulkOperationDescription"]["BulkOperationArn"]
    dynamodb.update_table(TableName="big", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}])
    dynamodb.put_item(TableName="big", Item={"id": S("late")})
    first.stop()
    second = start_cloud(tmp_path)
    cloud = second.cloud
    second.call(cloud.move_clock(cloud.clock.now() + 61))          # what waited under a lease of the first is due again
    dynamodb = client(second)
    assert dynamodb.describe_backup(BackupArn=backup)["BackupDescription"]["SourceTableDetails"]["ItemCount"] == 1500
    assert dynamodb.describe_export(ExportArn=export)["ExportDescription"]["ItemCount"] == 1500
    told = dynamodb.describe_import(ImportArn=coming)["ImportTableDescription"]
    assert (told["ImportStatus"], told["ProcessedItemCount"], told["ImportedItemCount"]) == ("COMPLETED", 3000, 3000)
    for _ in range(4):                                             # it waits for the units of the next second
        second.call(cloud.move_clock(cloud.clock.now() + 1))
    told = dynamodb.describe_bulk_operation(BulkOperationArn=bulk)["BulkOperationDescription"]
    assert (told["BulkOperationStatus"], told["ProcessedItemCount"], told["FailedItemCount"]) == ("COMPLETED", 3000, 0)
    assert ids(dynamodb, "full") == {str(n) for n in range(3000)}
    assert ids(dynamodb, "come") == {str(n) for n in range(3000)}
    assert ids(client(second, region="eu-west-1"), "big") == {*(str(n) for n in range(1500)), "late"}
