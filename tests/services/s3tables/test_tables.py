"""Tables: their metadata in S3, versions, names, and what is left of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import make


def place(location: str) -> dict[str, str]:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def metadata(s3: Any, told: dict[str, Any]) -> Any:
    return json.loads(s3.get_object(**place(told["metadataLocation"]))["Body"].read())


def test_a_table_with_a_schema_has_metadata_in_its_warehouse(s3: Any, tables: Any, bucket: str) -> None:
    told = make(tables, bucket)
    assert told["warehouseLocation"].startswith("s3://")
    assert told["warehouseLocation"].endswith("--table-s3")
    assert told["metadataLocation"].startswith(told["warehouseLocation"] + "/metadata/00000-")
    found = metadata(s3, told)
    assert (found["format-version"], found["location"], found["last-column-id"]) == (2, told["warehouseLocation"], 3)
    assert found["schemas"] == [{"type": "struct", "schema-id": 0, "fields": [
        {"id": 1, "name": "id", "required": True, "type": "long"},
        {"id": 2, "name": "place", "required": False, "type": "string"},
        {"id": 3, "name": "at", "required": False, "type": "timestamp"}]}]
    assert told["tableARN"].rpartition("/")[2] == found["table-uuid"]
    assert tables.get_table(tableArn=told["tableARN"])["name"] == "orders"


def test_partitions_order_and_properties_are_in_the_metadata(s3: Any, tables: Any, bucket: str) -> None:
    found = metadata(s3, make(tables, bucket, metadata={"iceberg": {
        "schemaV2": {"type": "struct", "identifierFieldIds": [7], "fields": [
            {"id": 7, "name": "id", "type": "int", "required": True},
            {"id": 9, "name": "lines", "required": False, "type": {"type": "list", "element-id": 20, "element-required": False,
             "element": {"type": "struct", "fields": [{"id": 21, "name": "sku", "type": "string", "required": False}]}}}]},
        "partitionSpec": {"fields": [{"sourceId": 7, "transform": "bucket[16]", "name": "id_bucket"}]},
        "writeOrder": {"orderId": 1, "fields": [
            {"sourceId": 7, "transform": "identity", "direction": "desc", "nullOrder": "nulls-last"}]},
        "properties": {"owner": "data"}}}))
    schema = found["schemas"][0]
    assert schema["identifier-field-ids"] == [1]
    assert schema["fields"][1]["type"]["element-id"] == 3
    assert schema["fields"][1]["type"]["element"]["fields"][0]["id"] == found["last-column-id"] == 4
    assert found["partition-specs"][0]["fields"] == [
        {"source-id": 1, "field-id": 1000, "transform": "bucket[16]", "name": "id_bucket"}]
    assert (found["default-sort-order-id"], found["sort-orders"][0]["fields"][0]["direction"]) == (1, "desc")
    assert found["properties"] == {"owner": "data"}


@pytest.mark.parametrize("said", [
    {"schema": {"fields": [{"name": "a", "type": "money"}]}}, {"schema": {"fields": [{"name": "a", "type": "decimal(40, 2)"}]}},
    {"schema": {"fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]}},
    {"schema": {"fields": [{"name": "a", "type": "int"}]},
     "partitionSpec": {"fields": [{"sourceId": 5, "transform": "identity", "name": "p"}]}},
    {"schema": {"fields": [{"name": "a", "type": "int"}]},
     "partitionSpec": {"fields": [{"sourceId": 1, "transform": "half", "name": "p"}]}},
    {"properties": {"a": "b"}}, {"schema": {"fields": [{"name": "a", "type": "timestamp_ns"}]}}])
def test_what_makes_no_table_is_refused_and_leaves_nothing(tables: Any, bucket: str, said: dict[str, Any]) -> None:
    with refused("BadRequestException"):
        make(tables, bucket, metadata={"iceberg": said})
    assert tables.list_tables(tableBucketARN=bucket)["tables"] == []


def test_a_table_without_metadata_gets_it_by_its_location(s3: Any, tables: Any, bucket: str) -> None:
    name = {"tableBucketARN": bucket, "namespace": "shop", "name": "orders"}
    tables.create_table(**name, format="ICEBERG")
    where = tables.get_table_metadata_location(**name)
    assert "metadataLocation" not in where
    other = metadata(s3, make(tables, bucket, "other"))
    location = where["warehouseLocation"] + "/metadata/first.metadata.json"
    with refused("BadRequestException"):
        tables.update_table_metadata_location(**name, versionToken=where["versionToken"], metadataLocation=location)
    s3.put_object(**place(location), Body=json.dumps(other | {"location": where["warehouseLocation"]}))
    done = tables.update_table_metadata_location(**name, versionToken=where["versionToken"], metadataLocation=location)
    assert done["metadataLocation"] == location
    assert tables.get_table(**name)["versionToken"] == done["versionToken"] != where["versionToken"]
    with refused("ConflictException"):
        tables.update_table_metadata_location(**name, versionToken=where["versionToken"], metadataLocation=location)


def test_metadata_is_the_tables_own(s3: Any, tables: Any, bucket: str) -> None:
    told, other = make(tables, bucket), make(tables, bucket, "other")
    s3.put_object(**place(told["warehouseLocation"] + "/odd.json"), Body=b"{}")
    for location in (other["metadataLocation"], told["warehouseLocation"] + "/odd.json"):
        with refused("BadRequestException"):
            tables.update_table_metadata_location(
                tableBucketARN=bucket, namespace="shop", name="orders", versionToken=told["versionToken"],
                metadataLocation=location)


def test_tables_are_listed_by_namespace_prefix_and_page(tables: Any, bucket: str) -> None:
    tables.create_namespace(tableBucketARN=bucket, namespace=["attic"])
    for space, name in (("shop", "a1"), ("shop", "a2"), ("attic", "a3"), ("shop", "b1")):
        tables.create_table(tableBucketARN=bucket, namespace=space, name=name, format="ICEBERG")

    def names(**wanted: Any) -> list[list[str]]:
        pages = tables.get_paginator("list_tables").paginate(tableBucketARN=bucket, PaginationConfig={"PageSize": 2}, **wanted)
        return [[one["name"] for one in page["tables"]] for page in pages]

    assert names() == [["a3", "a1"], ["a2", "b1"]]
    assert names(prefix="a") == [["a3", "a1"], ["a2"]]
    assert names(namespace="shop") == [["a1", "a2"], ["b1"]]
    with refused("NotFoundException"):
        names(namespace="none")


def test_a_table_is_renamed_and_keeps_its_arn_and_files(s3: Any, tables: Any, bucket: str) -> None:
    told = make(tables, bucket)
    make(tables, bucket, "taken")
    tables.create_namespace(tableBucketARN=bucket, namespace=["attic"])
    name = {"tableBucketARN": bucket, "namespace": "shop", "name": "orders"}
    with refused("ConflictException"):
        tables.rename_table(**name, newName="taken")
    with refused("ConflictException"):
        tables.rename_table(**name, newName="sales", versionToken="old")
    with refused("NotFoundException"):
        tables.rename_table(**name, newNamespaceName="none")
    tables.rename_table(**name, newName="sales", newNamespaceName="attic", versionToken=told["versionToken"])
    with refused("NotFoundException"):
        tables.get_table(**name)
    now = tables.get_table(tableBucketARN=bucket, namespace="attic", name="sales")
    assert (now["tableARN"], now["metadataLocation"]) == (told["tableARN"], told["metadataLocation"])
    assert tables.get_table(tableArn=told["tableARN"])["namespace"] == ["attic"]


def test_a_deleted_tables_files_go_with_it(cloud: Cloud, s3: Any, tables: Any, bucket: str) -> None:
    told = make(tables, bucket)
    name = {"tableBucketARN": bucket, "namespace": "shop", "name": "orders"}
    with refused("ConflictException"):
        tables.delete_table(**name, versionToken="old")
    tables.delete_table(**name, versionToken=told["versionToken"])
    cloud.clock.idle()
    with refused("NoSuchBucket"):
        s3.get_object(**place(told["metadataLocation"]))
    with refused("NotFoundException"):
        tables.get_table(**name)
    assert make(tables, bucket)["tableARN"] != told["tableARN"]


def test_the_warehouse_is_reached_by_its_objects_alone(s3: Any, tables: Any, bucket: str) -> None:
    storage = make(tables, bucket)["warehouseLocation"].removeprefix("s3://")
    s3.put_object(Bucket=storage, Key="data/a.bin", Body=b"abc")
    assert s3.head_object(Bucket=storage, Key="data/a.bin")["ContentLength"] == 3
    upload = s3.create_multipart_upload(Bucket=storage, Key="data/b.bin")["UploadId"]
    part = s3.upload_part(Bucket=storage, Key="data/b.bin", UploadId=upload, PartNumber=1, Body=b"def")
    s3.complete_multipart_upload(Bucket=storage, Key="data/b.bin", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert s3.get_object(Bucket=storage, Key="data/b.bin")["Body"].read() == b"def"
    for ask in (lambda: s3.list_objects_v2(Bucket=storage), lambda: s3.delete_object(Bucket=storage, Key="data/a.bin"),
                lambda: s3.delete_bucket(Bucket=storage), lambda: s3.put_bucket_policy(Bucket=storage, Policy="{}"),
                lambda: s3.put_bucket_tagging(Bucket=storage, Tagging={"TagSet": []}),
                lambda: s3.copy_object(Bucket=storage, Key="data/c", CopySource=f"{storage}/data/a.bin"),
                lambda: s3.get_object_tagging(Bucket=storage, Key="data/a.bin"), lambda: s3.head_bucket(Bucket=storage)):
        with pytest.raises(ClientError) as problem:
            ask()
        assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 405
    own = f"mine-{storage[:8]}"
    s3.create_bucket(Bucket=own)
    with refused("MethodNotAllowed"):
        s3.copy_object(Bucket=own, Key="c", CopySource=f"{storage}/data/a.bin")
    s3.delete_bucket(Bucket=own)
    assert s3.list_buckets()["Buckets"] == []
    with refused("InvalidBucketName"):
        s3.create_bucket(Bucket="mine--table-s3")


def test_get_table_wants_an_arn_or_a_name(tables: Any, bucket: str) -> None:
    told = make(tables, bucket)
    for members in ({}, {"tableBucketARN": bucket, "namespace": "shop"}, {"tableArn": told["tableARN"], "name": "orders"}):
        with refused("BadRequestException"):
            tables.get_table(**members)
    with refused("NotFoundException"):
        tables.get_table(tableArn=told["tableARN"][:-1] + "x")
