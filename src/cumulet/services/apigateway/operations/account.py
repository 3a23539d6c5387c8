"""The account's settings."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import items, patches
from ..names import invalid
from ..resources import Item

_DEFAULT = {"throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0}, "features": ["UsagePlans"], "apiKeyVersion": "4"}


@operation
def get_account(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html"""
    row = call.table(Item).get(items.ACCOUNT, "")
    return dict(row.said) if row is not None else dict(_DEFAULT)


@operation
def update_account(call: Call, patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateAccount.html"""
    said = patches.patched("account", get_account(call), patchOperations)
    role = said.get("cloudwatchRoleArn")
    if role and not role.startswith("arn:"):
        raise invalid("The role ARN does not have required permissions configured. Please grant trust permission for API "
                      "Gateway and add the required role policy.")
    return items.keep(call, items.ACCOUNT, "", {**said, "cloudwatchRoleArn": role or None})
