"""What actions and targets there are."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from ..catalogue import ACTIONS, SORTS


@operation
def list_actions(call: Call, maxResults: int = 100, nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_ListActions.html"""
    names = [name for name in sorted(ACTIONS) if nextToken is None or name > nextToken]
    page = names[:maxResults]
    return {"actions": [ACTIONS[name].told(call.region, call.account) for name in page],
            "nextToken": page[-1] if len(names) > len(page) else None}


@operation
def get_action(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_GetAction.html"""
    if id not in ACTIONS:
        raise error.ResourceNotFoundException(f"Action {id} does not exist.")
    return {"action": ACTIONS[id].whole(call.region, call.account)}


@operation(accepts=("maxResults", "nextToken"))
def list_target_resource_types(call: Call) -> dict[str, Any]:
    """A few, so that one page is all.

    https://docs.aws.amazon.com/fis/latest/APIReference/API_ListTargetResourceTypes.html
    """
    return {"targetResourceTypes": [sort.told() for sort in SORTS.values()]}


@operation
def get_target_resource_type(call: Call, resourceType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_GetTargetResourceType.html"""
    if resourceType not in SORTS:
        raise error.ResourceNotFoundException(f"Target resource type {resourceType} does not exist.")
    return {"targetResourceType": {**SORTS[resourceType].told(), "parameters": {}}}
