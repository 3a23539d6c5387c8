"""Registries: made, told, listed, shared, ended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud, new_account
from services.sqs.queues import refused

from .conftest import make


def test_a_registry_is_told_as_it_was_made(cloud: Cloud, schemas: Any) -> None:
    made = schemas.create_registry(RegistryName="shop", Description="d", Tags={"a": "1"})
    arn = f"arn:aws:schemas:us-east-1:{cloud.account}:registry/shop"
    assert (made["RegistryArn"], made["Description"], made["Tags"]) == (arn, "d", {"a": "1"})
    assert schemas.update_registry(RegistryName="shop", Description="other")["Description"] == "other"
    assert schemas.describe_registry(RegistryName="shop")["Description"] == "other"
    with refused("ConflictException", "already exists"):
        schemas.create_registry(RegistryName="shop")
    schemas.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    schemas.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"}
    make(schemas, "shop", "s")
    schemas.delete_registry(RegistryName="shop")
    with refused("NotFoundException", "does not exist"):
        schemas.describe_registry(RegistryName="shop")
    schemas.create_registry(RegistryName="shop")
    assert schemas.list_schemas(RegistryName="shop")["Schemas"] == []


@pytest.mark.parametrize(("name", "code"), [("aws.mine", "ForbiddenException"), ("a b", "BadRequestException"),
                                            ("x" * 65, "BadRequestException")])
def test_names_that_are_refused(schemas: Any, name: str, code: str) -> None:
    with refused(code):
        schemas.create_registry(RegistryName=name)


def test_registries_are_listed_page_by_page(schemas: Any) -> None:
    for name in ("a1", "a2", "b"):
        schemas.create_registry(RegistryName=name)

    def listed(**members: Any) -> list[str]:
        pages = schemas.get_paginator("list_registries").paginate(PaginationConfig={"PageSize": 1}, **members)
        return [each["RegistryName"] for page in pages for each in page["Registries"]]

    assert listed() == ["a1", "a2", "b"]
    assert listed(RegistryNamePrefix="a", Scope="LOCAL") == ["a1", "a2"]
    with refused("NotImplemented", "aws.events"):
        schemas.list_registries(Scope="AWS")


def test_a_registry_is_shared_by_its_policy(start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    schemas, iam = cloud.client("schemas"), cloud.client("iam")
    schemas.create_registry(RegistryName="shop")
    user = iam.create_user(UserName="dev")["User"]["Arn"]
    keys = iam.create_access_key(UserName="dev")["AccessKey"]
    dev = cloud.client("schemas", key=keys["AccessKeyId"], secret=keys["SecretAccessKey"])
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": user}, "Action": ["schemas:DescribeRegistry", "schemas:DescribeSchema"],
         "Resource": "*"}]})
    make(schemas, "shop", "s")
    with refused("AccessDeniedException", "schemas:DescribeRegistry"):
        dev.describe_registry(RegistryName="shop")
    with refused("NotFoundException", "no resource policy"):
        schemas.get_resource_policy(RegistryName="shop")
    told = schemas.put_resource_policy(RegistryName="shop", Policy=policy)
    assert dev.describe_registry(RegistryName="shop")["RegistryName"] == "shop"
    assert dev.describe_schema(RegistryName="shop", SchemaName="s")["SchemaVersion"] == "1"
    with refused("AccessDeniedException"):
        dev.delete_schema(RegistryName="shop", SchemaName="s")
    assert schemas.get_resource_policy(RegistryName="shop")["Policy"] == policy
    with refused("PreconditionFailedException"):
        schemas.put_resource_policy(RegistryName="shop", Policy=policy, RevisionId="another")
    assert schemas.put_resource_policy(RegistryName="shop", Policy=policy, RevisionId=told["RevisionId"])["RevisionId"] \
        != told["RevisionId"]
    with refused("BadRequestException", "not a valid JSON policy"):
        schemas.put_resource_policy(RegistryName="shop", Policy="{}")
    schemas.delete_resource_policy(RegistryName="shop")
    with refused("NotFoundException"):
        schemas.delete_resource_policy(RegistryName="shop")
