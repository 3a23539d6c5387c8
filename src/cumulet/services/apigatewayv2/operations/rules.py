"""Routing rules: which REST API answers at a domain name, by base path and headers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, doors, error, operation

from ..parts import LETTERS, bad, conflict
from .domains import own

_GLOB = re.compile(r"\*?[A-Za-z0-9*?\-!#$%&'.^_`|~]{1,128}\*?")
_MOST_HEADERS = 2


def shown(call: Call, row: doors.Rule) -> dict[str, Any]:
    arn = f"arn:aws:apigateway:{call.region}:{call.account}:/domainnames/{row.domain}/routingrules/{row.id}"
    return {"Actions": [{"InvokeApi": {"ApiId": row.api, "Stage": row.stage, "StripBasePath": row.strip}}],
            "Conditions": row.conditions, "Priority": row.priority, "RoutingRuleId": row.id,
            "RoutingRuleArn": arn}


def _found(call: Call, domain: str, id: str) -> doors.Rule:
    own(call, domain)
    for row in call.table(doors.Rule).scan(domain):
        if row.id == id:
            return row
    raise error.NotFoundException("Invalid routing rule identifier specified")


def _checked(conditions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    headers = [one["MatchHeaders"]["AnyOf"] for one in conditions if one.get("MatchHeaders")]
    bases = [one for one in conditions if one.get("MatchBasePaths")]
    if len(headers) > _MOST_HEADERS or len(bases) > 1:
        raise bad("A routing rule can have up to two matchHeaders conditions and one matchBasePaths condition")
    for one in (each for several in headers for each in several):
        if not _GLOB.fullmatch(one["ValueGlob"]) or "*" in one["ValueGlob"].strip("*"):
            raise bad(f"Invalid header value glob {one['ValueGlob']}: an asterisk can stand at its beginning and its end")
    return list(conditions)


def _put(call: Call, domain: str, id: str, actions: Sequence[dict[str, Any]], conditions: Sequence[dict[str, Any]],
         priority: int) -> dict[str, Any]:
    if len(actions) != 1:
        raise bad("A routing rule has exactly one action")
    said = actions[0]["InvokeApi"]
    api = doors.owner(call, doors.API, said["ApiId"])
    if api is None or (api.account, api.region, api.service) != (call.account, call.region, "apigateway"):
        raise bad("The target API of a routing rule must be a REST API of this account and region")
    call.aws.apigateway.get_stage(restApiId=said["ApiId"], stageName=said["Stage"])
    there = call.table(doors.Rule).get(domain, priority)
    if there is not None and there.id != id:
        raise conflict(f"A routing rule with the priority {priority} already exists for this domain name")
    row = doors.Rule(domain=domain, priority=priority, id=id, conditions=_checked(conditions), api=said["ApiId"],
                     stage=said["Stage"], strip=bool(said.get("StripBasePath")), account=call.account, region=call.region)
    return shown(call, call.put(row))


@operation(accepts=("DomainNameId",))
def create_routing_rule(call: Call, Actions: Sequence[dict[str, Any]], Conditions: Sequence[dict[str, Any]], DomainName: str,
                        Priority: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules.html#CreateRoutingRule"""
    own(call, DomainName)
    return _put(call, DomainName, call.token(6, LETTERS), Actions, Conditions, Priority)


@operation(accepts=("DomainNameId",))
def get_routing_rule(call: Call, DomainName: str, RoutingRuleId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules-routingruleid.html#GetRoutingRule"""
    return shown(call, _found(call, DomainName, RoutingRuleId))


@operation(accepts=("DomainNameId",))
def list_routing_rules(call: Call, DomainName: str, page: Page[doors.Rule] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules.html#ListRoutingRules"""
    own(call, DomainName)
    rows = call.table(doors.Rule).scan(DomainName, after=page.after, limit=page.limit + 1)
    return {"RoutingRules": [shown(call, row) for row in page.cut(rows, lambda row: row.priority)]}


@operation(accepts=("DomainNameId",))
def put_routing_rule(call: Call, Actions: Sequence[dict[str, Any]], Conditions: Sequence[dict[str, Any]], DomainName: str,
                     Priority: int, RoutingRuleId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules-routingruleid.html#PutRoutingRule"""
    before = _found(call, DomainName, RoutingRuleId)
    if before.priority != Priority:
        call.table(doors.Rule).delete(DomainName, before.priority)
    return _put(call, DomainName, RoutingRuleId, Actions, Conditions, Priority)


@operation(accepts=("DomainNameId",))
def delete_routing_rule(call: Call, DomainName: str, RoutingRuleId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-routingrules-routingruleid.html#DeleteRoutingRule"""
    call.table(doors.Rule).delete(DomainName, _found(call, DomainName, RoutingRuleId).priority)
