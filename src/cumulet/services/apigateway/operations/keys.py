"""API keys."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import keys, openapi, patches, tagging
from ..names import invalid, new_id
from ..resources import ApiKey, PlanKey


@operation
def create_api_key(call: Call, name: str | None = None, description: str | None = None, enabled: bool = False,
                   generateDistinctId: bool = True, value: str | None = None, stageKeys: list[dict[str, str]] | None = None,
                   customerId: str | None = None, tags: dict[str, str] | None = None) -> dict[str, Any]:
    """generateDistinctId: otherwise the key's value is its id as well.

    https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html
    """
    value = keys.checked(call, value)
    stages = [f"{each.get('restApiId')}/{each.get('stageName')}" for each in stageKeys or ()]
    return keys.shown(keys.begin(call, new_id(call, 10) if generateDistinctId else value, name or "", value, {
        "name": name, "description": description, "enabled": enabled, "customerId": customerId, "stageKeys": stages,
        "tags": tagging.checked(tags) or None}), True)


@operation
def get_api_key(call: Call, apiKey: str, includeValue: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKey.html"""
    return keys.shown(keys.one(call, apiKey), includeValue)


@operation
def get_api_keys(call: Call, nameQuery: str = "", customerId: str | None = None, includeValues: bool = False,
                 page: Page[ApiKey] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKeys.html"""
    rows = [row for row in call.table(ApiKey).scan(after=page.after) if row.name.startswith(nameQuery)
            and customerId in (None, row.said.get("customerId"))]
    return {"items": [keys.shown(row, includeValues) for row in page.cut(rows, lambda row: row.id)]}


@operation
def update_api_key(call: Call, apiKey: str, patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateApiKey.html"""
    row = keys.one(call, apiKey)
    said = patches.patched("key", row.said, patchOperations)
    row.said, row.name = {**said, "lastUpdatedDate": float(int(call.now))}, said.get("name") or ""
    return keys.shown(call.put(row), False)


@operation
def delete_api_key(call: Call, apiKey: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteApiKey.html"""
    keys.one(call, apiKey)
    for row in call.table(PlanKey).scan(apiKey, index="own"):
        call.table(PlanKey).delete(row.plan, row.key)
    call.table(ApiKey).delete(apiKey)


@operation
def import_api_keys(call: Call, body: Any, format: str, failOnWarnings: bool = False) -> dict[str, Any]:
    """A line a key: its first line names the columns (key, name, description, enabled, usageplanIds).

    https://docs.aws.amazon.com/apigateway/latest/api/API_ImportApiKeys.html
    """
    if format != "csv":
        raise invalid("Invalid import format specified. Must be one of: [csv]")
    ids, warnings = keys.imported(call, openapi.text_of(call, body))
    if warnings and failOnWarnings:
        raise error.BadRequestException("; ".join(warnings))
    return {"ids": ids, "warnings": warnings}
