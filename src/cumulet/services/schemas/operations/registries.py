"""Registries, their policies, and the tags of all that has tags."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, not_implemented, operation, parse_arn

from ..checking import absent, check_registry, conflict, invalid
from ..resources import Discoverer, Registry, Schema, SchemaEdition

_MOST_TAGS = 50


def registry_of(call: Call, name: str) -> Registry:
    row = call.table(Registry).get(name)
    if row is None:
        raise absent(f"Registry with name {name} does not exist.")
    return row


def told(call: Call, row: Registry) -> dict[str, Any]:
    return {"RegistryName": row.RegistryName, "RegistryArn": call.arn(row), "Description": row.Description, "Tags": row.tags}


@operation
def create_registry(call: Call, RegistryName: str, Description: str | None = None,
                    Tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    check_registry(RegistryName)
    row = Registry(RegistryName=RegistryName, Description=Description, tags=tagged({}, Tags), created=call.now)
    try:
        call.table(Registry).insert(row)
    except Conflict:
        raise conflict(f"Registry with name {RegistryName} already exists.") from None
    return told(call, row)


@operation
def describe_registry(call: Call, RegistryName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    return told(call, registry_of(call, RegistryName))


@operation
def update_registry(call: Call, RegistryName: str, Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    row = registry_of(call, RegistryName)
    if Description is not None:
        row.Description = Description
        call.put(row)
    return told(call, row)


@operation
def delete_registry(call: Call, RegistryName: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    registry_of(call, RegistryName)
    call.table(Schema).delete_all(RegistryName)
    call.table(SchemaEdition).delete_all(RegistryName)
    call.table(Registry).delete(RegistryName)


@operation
def list_registries(call: Call, RegistryNamePrefix: str = "", Scope: str | None = None,
                    page: Page[Registry] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries.html"""
    if Scope not in (None, "", "LOCAL"):
        raise not_implemented("schemas: AWS's own registry, aws.events")
    bounds = {"after": page.after} if page.after else {"low": RegistryNamePrefix or None}
    rows = call.table(Registry).scan(before=RegistryNamePrefix + "\U0010ffff", limit=page.limit + 1, **bounds)
    return {"Registries": [{"RegistryName": row.RegistryName, "RegistryArn": call.arn(row), "Tags": row.tags}
                           for row in page.cut(rows, lambda row: row.RegistryName)]}


# --- policies ---


def _of_policy(call: Call, name: str | None) -> Registry:
    if not name:
        raise invalid("RegistryName is required.")
    return registry_of(call, name)


@operation
def put_resource_policy(call: Call, Policy: Any, RegistryName: str | None = None,
                        RevisionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-policy.html"""
    row = _of_policy(call, RegistryName)
    if RevisionId and RevisionId != row.revision:
        raise error.PreconditionFailedException("The RevisionId is not that of the policy.", Code="PreconditionFailed")
    try:
        said = json.loads(Policy) if isinstance(Policy, str) else Policy
    except ValueError:
        said = None
    if not isinstance(said, dict) or not said.get("Statement"):
        raise invalid("Policy is not a valid JSON policy.")
    row.policy, row.revision = Policy if isinstance(Policy, str) else json.dumps(said), call.uuid()
    call.put(row)
    return {"Policy": row.policy, "RevisionId": row.revision}


@operation
def get_resource_policy(call: Call, RegistryName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-policy.html"""
    row = _of_policy(call, RegistryName)
    if row.policy is None:
        raise absent(f"Registry {row.RegistryName} has no resource policy.")
    return {"Policy": row.policy, "RevisionId": row.revision}


@operation
def delete_resource_policy(call: Call, RegistryName: str | None = None) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-policy.html"""
    row = _of_policy(call, RegistryName)
    if row.policy is None:
        raise absent(f"Registry {row.RegistryName} has no resource policy.")
    row.policy, row.revision = None, ""
    call.put(row)


# --- tags ---


def tagged(old: Mapping[str, str], new: Mapping[str, str] | None) -> dict[str, str]:
    """The tags after these were added."""
    if any(key.lower().startswith("aws:") for key in new or ()):
        raise invalid("Tag keys must not start with aws:")
    tags = {**old, **(new or {})}
    if len(tags) > _MOST_TAGS:
        raise invalid(f"A resource can have {_MOST_TAGS} tags at most.")
    return tags


def _of_arn(call: Call, arn: str) -> Registry | Schema | Discoverer:
    parts = parse_arn(arn)
    kind, _, name = (parts.resource if parts else "").partition("/")
    row: Registry | Schema | Discoverer | None = None
    if kind == "registry":
        row = call.table(Registry).get(name)
    elif kind == "schema":
        row = call.table(Schema).get(*name.partition("/")[::2])
    elif kind == "discoverer":
        row = call.table(Discoverer).get(name)
    if row is None:
        raise absent(f"Resource {arn} does not exist.")
    return row


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/tags-resource-arn.html"""
    row = _of_arn(call, ResourceArn)
    row.tags = tagged(row.tags, Tags)
    call.put(row)


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/tags-resource-arn.html"""
    row = _of_arn(call, ResourceArn)
    row.tags = {key: value for key, value in row.tags.items() if key not in TagKeys}
    call.put(row)


@operation
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/tags-resource-arn.html"""
    return {"Tags": _of_arn(call, ResourceArn).tags}
