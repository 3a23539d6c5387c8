"""What the tests of the schema registry share."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud

OPENAPI = {"openapi": "3.0.0", "info": {"version": "1.0.0", "title": "Order"}, "paths": {}, "components": {"schemas": {
    "Order": {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "example": {"type": "integer"}, "note": {"type": "string", "nullable": True, "example": "x"},
        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}}},
    "Line": {"type": "object", "properties": {"amount": {"type": "number"}}}}}}
DRAFT4 = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "properties": {"id": {"type": "string"}}}


@pytest.fixture
def schemas(cloud: Cloud) -> Any:
    return cloud.client("schemas")


@pytest.fixture
def registry(schemas: Any) -> str:
    schemas.create_registry(RegistryName="shop")
    return "shop"


def make(schemas: Any, registry: str, name: str, content: Any = OPENAPI, kind: str = "OpenApi3",
         **members: Any) -> dict[str, Any]:
    return dict(schemas.create_schema(RegistryName=registry, SchemaName=name, Type=kind, Content=json.dumps(content),
                                      **members))
