"""Receipts are objects of a bucket, one folder for each customer."""

import json

import boto3
from botocore.exceptions import ClientError

BUCKET = "shop-receipts"


class NoReceipt(Exception):
    pass


def setup():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def save(customer, number, lines):
    boto3.client("s3").put_object(Bucket=BUCKET, Key=f"{customer}/{number}.json", Body=json.dumps(lines).encode(),
                                  ContentType="application/json", Metadata={"lines": str(len(lines))})


def load(customer, number):
    try:
        found = boto3.client("s3").get_object(Bucket=BUCKET, Key=f"{customer}/{number}.json")
    except ClientError as problem:
        if problem.response["Error"]["Code"] == "NoSuchKey":
            raise NoReceipt(number) from None
        raise
    return json.loads(found["Body"].read())


def numbers(customer):
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{customer}/",
                                                                         PaginationConfig={"PageSize": 2})
    return [each["Key"].split("/")[1].removesuffix(".json") for page in pages for each in page.get("Contents", [])]


def customers():
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Delimiter="/")
    return [each["Prefix"].rstrip("/") for each in found.get("CommonPrefixes", [])]


def forget(customer):
    boto3.resource("s3").Bucket(BUCKET).objects.filter(Prefix=f"{customer}/").delete()


def versions(customer, number):
    found = boto3.client("s3").list_object_versions(Bucket=BUCKET, Prefix=f"{customer}/{number}.json")
    return len(found.get("Versions", []))


def archive(customer, number):
    key = f"{customer}/{number}.json"
    boto3.client("s3").copy_object(Bucket=BUCKET, Key=f"archive/{key}", CopySource={"Bucket": BUCKET, "Key": key})
