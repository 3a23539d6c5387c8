"""Usage plans: whose key a request has, how fast it may come, and how much of its quota is left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from cumulet.kernel import Call

from . import items
from .exchange import Exchange, Refused
from .resources import ApiKey, PlanKey, Used

Said = dict[str, Any]
_FORBIDDEN = ("INVALID_API_KEY", "Forbidden", 403)


def check(call: Call, exchange: Exchange) -> None:
    """A method that asks for a key lets in those whose plan has this stage, as fast and as often as the plan says."""
    asked, found = exchange.asked, exchange.found
    if asked.test:
        return
    by_authorizer = found.definition.settings.get("apiKeySource") == "AUTHORIZER"
    value = exchange.usage_key if by_authorizer else asked.header("x-api-key") or ""
    if not found.method.get("apiKeyRequired"):
        return
    key = call.table(ApiKey).find("value", value) if value else None
    if key is None or not key.said.get("enabled"):
        raise Refused(*_FORBIDDEN)
    stage = f"{found.api}:{found.stage['stageName']}"
    for row in call.table(PlanKey).scan(key.id, index="own"):
        plan = items.one(call, items.PLAN, row.plan)
        for each in plan.get("apiStages") or ():
            if f"{each['apiId']}:{each['stage']}" == stage:
                exchange.key, exchange.key_id = value, key.id
                _meter(call, exchange, plan, key.id, each)
                return
    if f"{found.api}/{found.stage['stageName']}" not in (key.said.get("stageKeys") or ()):
        raise Refused(*_FORBIDDEN)
    exchange.key, exchange.key_id = value, key.id


def _meter(call: Call, exchange: Exchange, plan: Said, key: str, stage: Said) -> None:
    """Take one from the key's bucket and from its quota."""
    found = exchange.found
    way = f"{found.resource['path']}/{exchange.asked.method}"
    for name, limits in ((way, (stage.get("throttle") or {}).get(way)), ("", plan.get("throttle"))):
        if limits and not taken(call, limits, "plan", plan["id"], key, found.api, found.stage["stageName"], name):
            raise Refused("THROTTLED", "Too Many Requests", 429)
    quota = plan.get("quota")
    day = today(call)
    used = call.table(Used).get(plan["id"], key, day) or Used(plan=plan["id"], key=key, day=day)
    if quota:
        left = remaining(call, plan, key, day)
        if left <= 0:
            raise Refused("QUOTA_EXCEEDED", "Limit Exceeded", 429)
        used.remaining = left - 1
    used.count += 1
    call.put(used)


def taken(call: Call, limits: Said, *name: str) -> bool:
    """One of what comes by a rate and may gather to a burst."""
    rate = float(limits.get("rateLimit", 10000.0))
    return call.bucket(*name, rate=rate, most=float(limits.get("burstLimit") or max(rate, 1))).take(1)


def throttle(call: Call, exchange: Exchange) -> None:
    """The account's limit, and the stage's for the method."""
    found, settings = exchange.found, exchange.found.settings
    account = taken(call, {"rateLimit": 10000.0, "burstLimit": 5000}, "account")
    if not account or ("throttlingRateLimit" in settings and not taken(
            call, {"rateLimit": settings["throttlingRateLimit"], "burstLimit": settings.get("throttlingBurstLimit", 5000)},
            "stage", found.api, found.stage["stageName"], found.resource["path"], exchange.asked.method)):
        raise Refused("THROTTLED", "Too Many Requests", 429)


def today(call: Call) -> str:
    return datetime.fromtimestamp(call.now, UTC).date().isoformat()


def remaining(call: Call, plan: Said, key: str, day: str) -> int:
    """What is left of a key's quota in the period that a day is in; the plan's first period has `offset` less."""
    quota = plan.get("quota") or {}
    begins = began(quota, day)
    rows = call.table(Used).scan(plan["id"], key, low=begins, high=day)
    first = began(quota, plan["firstDay"]) == begins
    return int(quota.get("limit", 0)) - (int(quota.get("offset") or 0) if first else 0) + sum(
        row.extra - row.count for row in rows)


def began(quota: Said, day: str) -> str:
    """The first day of a quota's period: a day, a week from Sunday on, a month."""
    if quota.get("period") == "MONTH":
        return f"{day[:7]}-01"
    if quota.get("period") == "WEEK":
        found = date.fromisoformat(day)
        return (found - timedelta(days=found.isoweekday() % 7)).isoformat()
    return day


def used_on(call: Call, plan: Said, key: str, day: str) -> list[int]:
    """How often a key was used on a day, and what was left of its quota after that."""
    row = call.table(Used).get(plan["id"], key, day)
    return [row.count if row is not None else 0, remaining(call, plan, key, day) if plan.get("quota") else 0]
