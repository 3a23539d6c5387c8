"""Who may configure the metadata tables of a bucket, where IAM is enforced; S3 fills them by its own right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud
from enforced import document, own, refused, user
from services.s3.iceberg import rows

JOURNAL = {"JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}}}
NEEDED = ["s3:CreateBucketMetadataTableConfiguration", "s3tables:CreateTableBucket", "s3tables:CreateNamespace",
          "s3tables:GetTable", "s3tables:CreateTable", "s3tables:PutTablePolicy"]


def configured(cloud: Cloud, policy: Any) -> tuple[Any, str, dict[str, Any]]:
    """The owner's client, a bucket, and what is told of the configuration that a user with this policy made."""
    owner, bucket = cloud.client("s3"), f"things-{cloud.account}"
    owner.create_bucket(Bucket=bucket)
    ann = cloud.client("s3", **user(cloud, "ann", policy))
    ann.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=JOURNAL)
    told = owner.get_bucket_metadata_configuration(Bucket=bucket)["GetBucketMetadataConfigurationResult"]
    return owner, bucket, told["MetadataConfigurationResult"]


def test_the_permissions_that_aws_lists_are_enough(strict: Cloud, tmp_path: Path) -> None:
    owner, bucket, told = configured(strict, document({"Action": NEEDED, "Resource": "*"}))
    assert told["JournalTableConfigurationResult"]["TableStatus"] == "ACTIVE"
    owner.put_object(Bucket=bucket, Key="k", Body=b"1")
    strict.clock.advance(130)
    assert [one["key"] for one in rows(owner, strict.client("s3tables"), told, "journal", tmp_path)] == ["k"]
    ben = strict.client("s3", **user(strict, "ben", own("s3:*")))
    assert "s3tables:GetTableData" in refused(
        ben.list_parts, Bucket=_storage(strict, told), Key="data/x", UploadId="x")


def _storage(cloud: Cloud, told: dict[str, Any]) -> str:
    table = cloud.client("s3tables").get_table(tableArn=told["JournalTableConfigurationResult"]["TableArn"])
    return str(table["warehouseLocation"]).removeprefix("s3://")


@pytest.mark.parametrize("without", ["CreateTable", "CreateNamespace", "CreateTableBucket"])
def test_without_them_the_configuration_has_failed(strict: Cloud, without: str) -> None:
    _, _, told = configured(strict, document({"Action": [one for one in NEEDED if not one.endswith(without)],
                                               "Resource": "*"}))
    journal = told["JournalTableConfigurationResult"]
    assert (journal["TableStatus"], journal["Error"]["ErrorCode"]) == ("FAILED", "AccessDeniedCreatingResources")


def test_a_role_that_reads_annotations_must_be_passed_and_be_able_to(strict: Cloud) -> None:
    owner, bucket = strict.client("s3"), f"things-{strict.account}"
    owner.create_bucket(Bucket=bucket)
    trust = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "metadata.s3.amazonaws.com"}, "Action": "sts:AssumeRole"}}
    role = strict.client("iam").create_role(RoleName="reads", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    said = JOURNAL | {"AnnotationTableConfiguration": {"ConfigurationState": "ENABLED", "Role": role}}
    ann = strict.client("s3", **user(strict, "ann", document({"Action": NEEDED, "Resource": "*"})))
    assert "iam:PassRole" in refused(ann.create_bucket_metadata_configuration, Bucket=bucket, MetadataConfiguration=said)

    def status() -> tuple[str, str]:
        told = owner.get_bucket_metadata_configuration(Bucket=bucket)["GetBucketMetadataConfigurationResult"]
        found = told["MetadataConfigurationResult"]["AnnotationTableConfigurationResult"]
        return found["TableStatus"], found["Role"]

    owner.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=said)
    strict.clock.idle()
    assert status() == ("FAILED", role)
    owner.delete_bucket_metadata_configuration(Bucket=bucket)
    tables = strict.client("s3tables")
    for name in ("journal", "annotation"):
        tables.delete_table(tableBucketARN=f"arn:aws:s3tables:us-east-1:{strict.account}:bucket/aws-s3",
                            namespace=f"b_{bucket}", name=name)
    strict.client("iam").put_role_policy(RoleName="reads", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:GetObjectAnnotation", "Resource": f"arn:aws:s3:::{bucket}/*"}}))
    owner.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration=said)
    strict.clock.idle()
    assert status() == ("ACTIVE", role)
