"""Schemas and their versions: kept, listed, searched, exported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import DRAFT4, OPENAPI, make


def test_a_schema_is_told_as_it_was_made(cloud: Cloud, schemas: Any, registry: str) -> None:
    made = make(schemas, registry, "shop@Order", Description="d", Tags={"a": "1"})
    arn = f"arn:aws:schemas:us-east-1:{cloud.account}:schema/shop/shop@Order"
    assert (made["SchemaArn"], made["SchemaVersion"], made["Type"], made["Tags"]) == (arn, "1", "OpenApi3", {"a": "1"})
    told = schemas.describe_schema(RegistryName=registry, SchemaName="shop@Order")
    assert (json.loads(told["Content"]), told["Description"], told["SchemaVersion"]) == (OPENAPI, "d", "1")
    assert told["LastModified"].timestamp() == pytest.approx(cloud.clock.now(), abs=30)
    with refused("ConflictException", "already exists"):
        make(schemas, registry, "shop@Order")
    schemas.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "1", "b": "2"}
    schemas.delete_schema(RegistryName=registry, SchemaName="shop@Order")
    with refused("NotFoundException", "Schema with name shop@Order does not exist."):
        schemas.describe_schema(RegistryName=registry, SchemaName="shop@Order")
    with refused("NotFoundException", "Registry with name none does not exist."):
        make(schemas, "none", "s")


@pytest.mark.parametrize(("content", "kind"), [
    ("{", "OpenApi3"), ("[]", "OpenApi3"), (json.dumps({**OPENAPI, "openapi": "2.0"}), "OpenApi3"),
    (json.dumps({"openapi": "3.0.0", "paths": {}}), "OpenApi3"), (json.dumps(OPENAPI | {"paths": []}), "OpenApi3"),
    (json.dumps({**DRAFT4, "$schema": "http://json-schema.org/draft-07/schema#"}), "JSONSchemaDraft4"),
    (json.dumps({**DRAFT4, "properties": []}), "JSONSchemaDraft4")])
def test_contents_that_are_refused(schemas: Any, registry: str, content: str, kind: str) -> None:
    with refused("BadRequestException", "Content is not a valid"):
        schemas.create_schema(RegistryName=registry, SchemaName="s", Type=kind, Content=content)


def test_each_change_is_a_version(schemas: Any, registry: str) -> None:
    make(schemas, registry, "s")
    of = {"RegistryName": registry, "SchemaName": "s"}
    changed = json.dumps({**OPENAPI, "info": {"version": "2", "title": "Order"}})

    def versions() -> list[tuple[str, str]]:
        pages = schemas.get_paginator("list_schema_versions").paginate(PaginationConfig={"PageSize": 1}, **of)
        return [(each["SchemaVersion"], each["Type"]) for page in pages for each in page["SchemaVersions"]]

    assert schemas.update_schema(**of, Content=changed, Type="OpenApi3", ClientTokenId="t")["SchemaVersion"] == "2"
    assert schemas.update_schema(**of, Content=changed, Description="only this is new")["SchemaVersion"] == "2"
    assert schemas.update_schema(**of, Content=json.dumps(DRAFT4), Type="JSONSchemaDraft4")["SchemaVersion"] == "3"
    with refused("BadRequestException", "Content is required"):
        schemas.update_schema(**of, Type="OpenApi3")
    assert versions() == [("3", "JSONSchemaDraft4"), ("2", "OpenApi3"), ("1", "OpenApi3")]
    assert json.loads(schemas.describe_schema(**of, SchemaVersion="2")["Content"])["info"]["version"] == "2"
    schemas.delete_schema_version(**of, SchemaVersion="3")
    newest = schemas.describe_schema(**of)
    assert (newest["SchemaVersion"], newest["Type"], newest["Description"]) == ("2", "OpenApi3", "only this is new")
    assert schemas.update_schema(**of, Content=json.dumps(OPENAPI))["SchemaVersion"] == "4"
    with refused("NotFoundException", "Schema version 3"):
        schemas.describe_schema(**of, SchemaVersion="3")
    for each in ("1", "2", "4"):
        schemas.delete_schema_version(**of, SchemaVersion=each)
    with refused("NotFoundException"):
        schemas.describe_schema(**of)


def test_schemas_are_listed_and_searched(schemas: Any, registry: str) -> None:
    for name in ("a1", "a2", "b"):
        make(schemas, registry, name)
    make(schemas, registry, "user", {**DRAFT4, "title": "Somebody"}, "JSONSchemaDraft4")
    schemas.update_schema(RegistryName=registry, SchemaName="user", Content=json.dumps(DRAFT4))

    def listed(operation: str, **members: Any) -> list[str]:
        pages = schemas.get_paginator(operation).paginate(RegistryName=registry, PaginationConfig={"PageSize": 1}, **members)
        return [each["SchemaName"] for page in pages for each in page["Schemas"]]

    assert listed("list_schemas") == ["a1", "a2", "b", "user"]
    assert listed("list_schemas", SchemaNamePrefix="a") == ["a1", "a2"]
    assert [s["VersionCount"] for s in schemas.list_schemas(RegistryName=registry)["Schemas"]] == [1, 1, 1, 2]
    assert listed("search_schemas", Keywords="LINES order") == ["a1", "a2", "b"]
    (found,) = schemas.search_schemas(RegistryName=registry, Keywords="somebody")["Schemas"]
    assert [each["SchemaVersion"] for each in found["SchemaVersions"]] == ["1"]
    assert listed("search_schemas", Keywords="nowhere") == []
    with refused("BadRequestException", "Keywords"):
        schemas.search_schemas(RegistryName=registry, Keywords=" ")


def test_openapi_is_exported_as_json_schema(schemas: Any, registry: str) -> None:
    make(schemas, registry, "s")
    told = schemas.export_schema(RegistryName=registry, SchemaName="s", Type="JSONSchemaDraft4")
    assert (told["SchemaVersion"], told["Type"]) == ("1", "JSONSchemaDraft4")
    assert json.loads(told["Content"]) == {
        "$schema": "http://json-schema.org/draft-04/schema#", "title": "Order", "type": "object", "required": ["id"],
        "definitions": {"Line": {"type": "object", "properties": {"amount": {"type": "number"}}}},
        "properties": {"id": {"type": "string"}, "example": {"type": "integer"}, "note": {"type": ["string", "null"]},
                       "lines": {"type": "array", "items": {"$ref": "#/definitions/Line"}}}}
    with refused("BadRequestException", "JSONSchemaDraft4"):
        schemas.export_schema(RegistryName=registry, SchemaName="s", Type="OpenApi3")
    make(schemas, registry, "d", DRAFT4, "JSONSchemaDraft4")
    told = schemas.export_schema(RegistryName=registry, SchemaName="d", Type="JSONSchemaDraft4")
    assert json.loads(told["Content"]) == DRAFT4


def test_code_is_not_made_of_schemas(schemas: Any, registry: str) -> None:
    make(schemas, registry, "s")
    with refused("NotImplemented", "schemas:PutCodeBinding"):
        schemas.put_code_binding(RegistryName=registry, SchemaName="s", Language="Python36")
