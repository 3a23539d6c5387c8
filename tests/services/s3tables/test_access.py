"""Who may do what with tables: identity policies, those of buckets and tables, and condition keys; by all three APIs."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from enforced import document, own, refused, user

from .conftest import Catalog, make
from .test_tables import place

NAME = {"namespace": "shop", "name": "orders"}
ORDERS = "/namespaces/shop/tables/orders"


def owned(cloud: Cloud) -> tuple[Any, dict[str, Any], str]:
    """The owner's client, what GetTable tells of a table of theirs, and the ARN of its bucket."""
    owner = cloud.client("s3tables")
    bucket = owner.create_table_bucket(name="lake")["arn"]
    owner.create_namespace(tableBucketARN=bucket, namespace=["shop"])
    return owner, make(owner, bucket), bucket


def test_files_are_reached_by_permissions_on_the_table(strict: Cloud) -> None:
    _, table, _ = owned(strict)
    where = place(table["metadataLocation"])
    s3 = strict.client("s3", **user(strict, "ann", own("s3:*")))
    assert "s3tables:GetTableData" in refused(s3.get_object, **where)
    reader = strict.client("s3", **user(strict, "ben", document({"Action": "s3tables:GetTableData",
                                                                   "Resource": table["tableARN"]})))
    assert reader.get_object(**where)["Body"].read()
    assert "s3tables:PutTableData" in refused(reader.put_object, Bucket=where["Bucket"], Key="data/x", Body=b"x")
    writer = strict.client("s3", **user(strict, "cat", own("s3tables:PutTableData")))
    writer.put_object(Bucket=where["Bucket"], Key="data/x", Body=b"x")


def test_a_tables_policy_lets_another_account_in_and_its_buckets_as_well(strict: Cloud) -> None:
    owner, table, bucket = owned(strict)
    other = strict.other()
    stranger = other.client("s3tables")
    assert "GetTable" in refused(stranger.get_table, tableBucketARN=bucket, **NAME)
    lets = {"Principal": {"AWS": other.account}, "Action": ["s3tables:GetTable*"]}
    owner.put_table_policy(tableBucketARN=bucket, **NAME, resourcePolicy=document({**lets, "Resource": table["tableARN"]}))
    assert stranger.get_table(tableBucketARN=bucket, **NAME)["ownerAccountId"] == strict.account
    assert other.client("s3").get_object(**place(table["metadataLocation"]))["Body"].read()
    assert "ListTables" in refused(stranger.list_tables, tableBucketARN=bucket)
    owner.put_table_bucket_policy(tableBucketARN=bucket, resourcePolicy=document(
        {**lets, "Action": "s3tables:ListTables", "Resource": bucket}))
    assert [one["name"] for one in stranger.list_tables(tableBucketARN=bucket)["tables"]] == ["orders"]
    assert stranger.list_table_buckets()["tableBuckets"] == []


def test_a_buckets_policy_denies_for_its_tables(strict: Cloud) -> None:
    owner, table, bucket = owned(strict)
    owner.put_table_bucket_policy(tableBucketARN=bucket, resourcePolicy=document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3tables:GetTableData", "Resource": bucket + "/table/*"}))
    assert "explicit deny" in refused(strict.client("s3").get_object, **place(table["metadataLocation"]))


def test_the_catalog_asks_for_what_aws_documents(strict: Cloud) -> None:
    _, _, bucket = owned(strict)

    def status(actions: tuple[str, ...], method: str, path: str, body: Any = None) -> int:
        keys = user(strict, "u" + str(len(seen)), own(*(f"s3tables:{one}" for one in actions)))
        seen.append(actions)
        return Catalog(strict, bucket, keys["key"], keys["secret"]).ask(method, path, body).status

    seen: list[Any] = []
    commit = {"requirements": [], "updates": [{"action": "set-properties", "updates": {"a": "b"}}]}
    new = {"name": "other", "schema": {"type": "struct", "fields": [{"id": 1, "name": "a", "type": "int", "required": False}]}}
    for actions, method, path, body, done in (
            (("GetTableMetadataLocation", "GetTableData"), "GET", ORDERS, None, 200),
            (("UpdateTableMetadataLocation", "PutTableData", "GetTableData"), "POST", ORDERS, commit, 200),
            (("CreateTable", "PutTableData"), "POST", "/namespaces/shop/tables", new, 200),
            (("GetNamespace",), "HEAD", "/namespaces/shop", None, 204),
            (("DeleteTable",), "DELETE", ORDERS + "?purgeRequested=true", None, 204)):
        assert status(actions[:-1] or ("GetTable",), method, path, body) == 403
        assert status(actions, method, path, body) == done


def test_condition_keys_name_namespace_and_table(strict: Cloud) -> None:
    owner, table, bucket = owned(strict)
    make(owner, bucket, "other")
    one = document({"Action": "s3tables:GetTable", "Resource": "*",
                    "Condition": {"StringEquals": {"s3tables:namespace": "shop", "s3tables:tableName": "orders"}}})
    ann = strict.client("s3tables", **user(strict, "ann", one))
    assert ann.get_table(tableBucketARN=bucket, **NAME)["name"] == "orders"
    refused(ann.get_table, tableBucketARN=bucket, namespace="shop", name="other")
    assert ann.get_table(tableArn=table["tableARN"])["name"] == "orders"
    tagged = document({"Action": "s3tables:GetTable", "Resource": "*",
                       "Condition": {"StringEquals": {"s3tables:TableBucketTag/team": "data"}}})
    ben = strict.client("s3tables", **user(strict, "ben", tagged))
    refused(ben.get_table, tableArn=table["tableARN"])
    owner.tag_resource(resourceArn=bucket, tags={"team": "data"})
    assert ben.get_table(tableArn=table["tableARN"])["name"] == "orders"


def test_files_under_a_key_need_the_key_as_well(strict: Cloud) -> None:
    owner, _, bucket = owned(strict)
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    sealed = make(owner, bucket, "sealed", encryptionConfiguration={"sseAlgorithm": "aws:kms", "kmsKeyArn": key})
    where = place(sealed["metadataLocation"])
    ann = strict.client("s3", **user(strict, "ann", own("s3tables:GetTableData")))
    assert "kms:Decrypt" in refused(ann.get_object, **where)
    ben = strict.client("s3", **user(strict, "ben", own("s3tables:GetTableData", "kms:Decrypt")))
    assert ben.get_object(**where)["Body"].read()
