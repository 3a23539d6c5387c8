"""Usage plans, their keys, and how much was used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import items, keys, parts, patches, plans, tagging
from ..names import checked_limit, invalid, missing, new_id
from ..resources import Item, PlanKey, Used


@operation
def create_usage_plan(call: Call, name: str, description: str | None = None, apiStages: list[dict[str, Any]] | None = None,
                      throttle: dict[str, Any] | None = None, quota: dict[str, Any] | None = None,
                      tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateUsagePlan.html"""
    said = {"id": new_id(call), "name": name, "description": description, "apiStages": apiStages or [], "throttle": throttle,
            "quota": quota, "tags": tagging.checked(tags) or None, "firstDay": plans.today(call)}
    return items.keep(call, items.PLAN, str(said["id"]), _checked(call, said))


def _checked(call: Call, said: dict[str, Any]) -> dict[str, Any]:
    for stage in said.get("apiStages") or ():
        parts.one(call, stage.get("apiId") or "", parts.STAGE, stage.get("stage") or "")
    quota = said.get("quota")
    if quota and (not quota.get("limit") or quota.get("period") not in ("DAY", "WEEK", "MONTH")):
        raise invalid("Usage Plan quota must have a limit and a period. Valid periods are DAY, WEEK, MONTH")
    return said


@operation
def get_usage_plan(call: Call, usagePlanId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlan.html"""
    return items.one(call, items.PLAN, usagePlanId)


@operation
def get_usage_plans(call: Call, keyId: str | None = None, page: Page[Item] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlans.html"""
    if keyId is None:
        return {"items": items.listed(call, items.PLAN, page)}
    own = call.table(PlanKey).scan(keyId, index="own")
    return {"items": [items.one(call, items.PLAN, row.plan) for row in own]}


@operation
def update_usage_plan(call: Call, usagePlanId: str, patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateUsagePlan.html"""
    said = patches.patched("plan", items.one(call, items.PLAN, usagePlanId), patchOperations)
    return items.keep(call, items.PLAN, usagePlanId, _checked(call, said))


@operation
def delete_usage_plan(call: Call, usagePlanId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteUsagePlan.html"""
    if items.one(call, items.PLAN, usagePlanId).get("apiStages"):
        raise error.BadRequestException(f"Cannot delete Usage Plan {usagePlanId} because it has API stages associated with it")
    items.drop(call, items.PLAN, usagePlanId)
    call.table(PlanKey).delete_all(usagePlanId)
    call.table(Used).delete_all(usagePlanId)


@operation
def create_usage_plan_key(call: Call, usagePlanId: str, keyId: str, keyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateUsagePlanKey.html"""
    plan = items.one(call, items.PLAN, usagePlanId)
    if keyType != "API_KEY":
        raise invalid("Invalid key type specified. Must be one of: [API_KEY]")
    row = keys.one(call, keyId)
    stages = {(each["apiId"], each["stage"]) for each in plan.get("apiStages") or ()}
    for other in call.table(PlanKey).scan(keyId, index="own"):
        if other.plan == usagePlanId:
            raise error.ConflictException("Usage Plan Key already exists")
        if stages & {(each["apiId"], each["stage"]) for each in items.one(call, items.PLAN, other.plan).get("apiStages") or ()}:
            raise error.ConflictException(f"Usage Plan {usagePlanId} cannot be added because API Key {keyId} is already in a "
                                          "plan with one of its stages")
    call.put(PlanKey(plan=usagePlanId, key=keyId))
    return {"id": keyId, "type": keyType, "name": row.name, "value": row.value}


@operation
def get_usage_plan_key(call: Call, usagePlanId: str, keyId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlanKey.html"""
    return _key(call, _found(call, usagePlanId, keyId))


def _found(call: Call, plan: str, key: str) -> PlanKey:
    items.one(call, items.PLAN, plan)
    found = call.table(PlanKey).get(plan, key)
    if found is None:
        raise missing("Usage Plan Key identifier")
    return found


def _key(call: Call, row: PlanKey) -> dict[str, Any]:
    key = keys.one(call, row.key)
    return {"id": key.id, "type": "API_KEY", "name": key.name, "value": key.value}


@operation
def get_usage_plan_keys(call: Call, usagePlanId: str, nameQuery: str = "",
                        page: Page[PlanKey] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsagePlanKeys.html"""
    items.one(call, items.PLAN, usagePlanId)
    rows = [row for row in call.table(PlanKey).scan(usagePlanId, after=page.after)
            if keys.one(call, row.key).name.startswith(nameQuery)]
    return {"items": [_key(call, row) for row in page.cut(rows, lambda row: row.key)]}


@operation
def delete_usage_plan_key(call: Call, usagePlanId: str, keyId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteUsagePlanKey.html"""
    _found(call, usagePlanId, keyId)
    call.table(PlanKey).delete(usagePlanId, keyId)


@operation
def get_usage(call: Call, usagePlanId: str, startDate: str, endDate: str, keyId: str | None = None, position: str = "",
              limit: int | None = None) -> dict[str, Any]:
    """For each key and day: how often it was used, and what was left.

    https://docs.aws.amazon.com/apigateway/latest/api/API_GetUsage.html
    """
    plan = items.one(call, items.PLAN, usagePlanId)
    try:
        first, last = date.fromisoformat(startDate), date.fromisoformat(endDate)
    except ValueError:
        raise invalid("Invalid date specified. Dates should be in the format YYYY-MM-DD") from None
    if last < first:
        raise invalid("Start date must be before end date")
    names = [row.key for row in call.table(PlanKey).scan(usagePlanId, after=position or None) if keyId in (None, row.key)]
    most = checked_limit(limit)
    found = {name: [plans.used_on(call, plan, name, (first + timedelta(days=day)).isoformat())
                    for day in range((last - first).days + 1)] for name in names[:most]}
    return {"usagePlanId": usagePlanId, "startDate": startDate, "endDate": endDate,
            "items": {name: days for name, days in found.items() if keyId or any(used for used, _ in days)},
            "position": names[most - 1] if len(names) > most else None}


@operation
def update_usage(call: Call, usagePlanId: str, keyId: str,
                 patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """More, or less, of the quota is left to a key in this period.

    https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateUsage.html
    """
    plan, day = items.one(call, items.PLAN, usagePlanId), plans.today(call)
    _found(call, usagePlanId, keyId)
    if not plan.get("quota"):
        raise invalid("Usage Plan does not have a quota")
    left = plans.remaining(call, plan, keyId, day)
    wanted = patches.patched("usage", {"remaining": left}, patchOperations)["remaining"]
    row = call.table(Used).get(usagePlanId, keyId, day) or Used(plan=usagePlanId, key=keyId, day=day)
    row.extra, row.remaining = row.extra + wanted - left, wanted
    call.put(row)
    return {"usagePlanId": usagePlanId, "startDate": day, "endDate": day,
            "items": {keyId: [plans.used_on(call, plan, keyId, day)]}}
