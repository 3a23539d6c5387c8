"""Schemas: made, told, changed, searched, exported, ended; their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, operation

from ..checking import check_content, check_schema, conflict, invalid
from ..editions import edition_of, keep, renew, schema_of
from ..exporting import exported
from ..resources import Schema, SchemaEdition
from .registries import registry_of, tagged


def _told(call: Call, row: Schema, edition: SchemaEdition | None = None) -> dict[str, Any]:
    """A schema, in one of its versions."""
    found = edition or edition_of(call, row, None)
    return {"SchemaName": row.SchemaName, "SchemaArn": call.arn(row), "SchemaVersion": str(found.number), "Type": found.kind,
            "Description": row.Description, "LastModified": row.modified, "VersionCreatedDate": found.created, "Tags": row.tags}


@operation
def create_schema(call: Call, RegistryName: str, SchemaName: str, Type: str, Content: str, Description: str | None = None,
                  Tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    registry_of(call, RegistryName)
    check_schema(SchemaName)
    check_content(Content, Type)
    if call.table(Schema).get(RegistryName, SchemaName) is not None:
        raise conflict(f"Schema with name {SchemaName} already exists.")
    row = Schema(RegistryName=RegistryName, SchemaName=SchemaName, Type=Type, Content=Content, Description=Description,
                 tags=tagged({}, Tags), created=call.now)
    keep(call, row)
    # The registry is what its lifecycle knows it by; AWS's answer has the ARN alone.
    return {**_told(call, row), "RegistryName": RegistryName}


@operation
def describe_schema(call: Call, RegistryName: str, SchemaName: str, SchemaVersion: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    row = schema_of(call, RegistryName, SchemaName)
    edition = edition_of(call, row, SchemaVersion)
    return {**_told(call, row, edition), "Content": edition.content}


@operation(accepts=("ClientTokenId",))
def update_schema(call: Call, RegistryName: str, SchemaName: str, Type: str | None = None, Content: str | None = None,
                  Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    row = schema_of(call, RegistryName, SchemaName)
    kind = Type or row.Type
    if Content is not None:
        check_content(Content, kind)
    elif kind != row.Type:
        raise invalid("Content is required when the Type changes.")
    if Description is not None and Description != row.Description:
        row.Description, row.modified = Description, call.now
        call.put(row)
    renew(call, row, row.Content if Content is None else Content, kind)
    return _told(call, row)


@operation
def delete_schema(call: Call, RegistryName: str, SchemaName: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    schema_of(call, RegistryName, SchemaName)
    call.table(SchemaEdition).delete_all(RegistryName, SchemaName)
    call.table(Schema).delete(RegistryName, SchemaName)


@operation
def list_schemas(call: Call, RegistryName: str, SchemaNamePrefix: str = "", page: Page[Schema] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas.html"""
    registry_of(call, RegistryName)
    bounds = {"after": page.after} if page.after else {"low": SchemaNamePrefix or None}
    rows = call.table(Schema).scan(RegistryName, before=SchemaNamePrefix + "\U0010ffff", limit=page.limit + 1, **bounds)
    table = call.table(SchemaEdition)
    return {"Schemas": [
        {"SchemaName": row.SchemaName, "SchemaArn": call.arn(row), "LastModified": row.modified, "Tags": row.tags,
         "VersionCount": table.count(row.RegistryName, row.SchemaName)} for row in page.cut(rows, lambda row: row.SchemaName)]}


@operation
def search_schemas(call: Call, RegistryName: str, Keywords: str, page: Page[Schema] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-search.html"""
    registry_of(call, RegistryName)
    words = Keywords.lower().split()
    if not words:
        raise invalid("Keywords must not be empty.")
    found: list[tuple[Schema, list[SchemaEdition]]] = []
    for row in call.table(Schema).scan(RegistryName, after=page.after):
        editions = [each for each in call.table(SchemaEdition).scan(RegistryName, row.SchemaName, reverse=True)
                    if all(word in f"{row.SchemaName} {each.content}".lower() for word in words)]
        if editions:
            found.append((row, editions))
        if len(found) > page.limit:
            break
    shown = {row.SchemaName for row in page.cut([row for row, _ in found], lambda row: row.SchemaName)}
    return {"Schemas": [
        {"RegistryName": RegistryName, "SchemaName": row.SchemaName, "SchemaArn": call.arn(row), "SchemaVersions": [
            {"SchemaVersion": str(each.number), "CreatedDate": each.created, "Type": each.kind} for each in editions]}
        for row, editions in found if row.SchemaName in shown]}


@operation
def export_schema(call: Call, RegistryName: str, SchemaName: str, Type: str,
                  SchemaVersion: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname-export.html"""
    if Type != "JSONSchemaDraft4":
        raise invalid("Type must be JSONSchemaDraft4.")
    row = schema_of(call, RegistryName, SchemaName)
    edition = edition_of(call, row, SchemaVersion)
    content = exported(edition.content) if edition.kind == "OpenApi3" else edition.content
    return {"Content": content, "SchemaArn": call.arn(row), "SchemaName": SchemaName, "SchemaVersion": str(edition.number),
            "Type": Type}


# --- versions ---


@operation
def list_schema_versions(call: Call, RegistryName: str, SchemaName: str,
                         page: Page[SchemaEdition] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname-versions.html"""
    row = schema_of(call, RegistryName, SchemaName)
    rows = call.table(SchemaEdition).scan(RegistryName, SchemaName, before=page.after, reverse=True, limit=page.limit + 1)
    return {"SchemaVersions": [
        {"SchemaName": SchemaName, "SchemaArn": call.arn(row), "SchemaVersion": str(each.number), "Type": each.kind}
        for each in page.cut(rows, lambda each: each.number)]}


@operation
def delete_schema_version(call: Call, RegistryName: str, SchemaName: str, SchemaVersion: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname-version-schemaversion.html"""
    row = schema_of(call, RegistryName, SchemaName)
    gone = edition_of(call, row, SchemaVersion)
    table = call.table(SchemaEdition)
    table.delete(RegistryName, SchemaName, gone.number)
    newest = table.scan(RegistryName, SchemaName, reverse=True, limit=1)
    if not newest:                       # a schema is nothing without a version
        call.table(Schema).delete(RegistryName, SchemaName)
    elif newest[0].number != int(row.SchemaVersion):
        row.SchemaVersion, row.Content, row.Type = str(newest[0].number), newest[0].content, newest[0].kind
        call.put(row)
