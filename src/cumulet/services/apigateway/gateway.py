"""The way of a request through an API. Read `begin` and `serve`: that is all that happens to it.

    method → policies → (authorizer) → key and plan → throttle → cache → validate → integration → mapped → kept → compressed
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, doors

from . import answers, backends, caching, callers, definitions, parts, plans, routing, validating
from .answers import Answer
from .definitions import Definition
from .exchange import Asked, Exchange, Found, Refused
from .resources import Part, Snapshot

Said = dict[str, Any]
_LARGEST = 10_485_760


def begin(call: Call, api: str, stage: str, asked: Asked) -> Exchange | None:
    """What serves a request on a stage, and what can be decided of it without waiting; None where there is no such stage."""
    row = call.table(Part).known(api, parts.STAGE, stage)
    if row is None:
        return None
    canary = row.said.get("canarySettings") or {}
    chosen = bool(canary.get("deploymentId")) and int(call.token(4), 16) / 655.36 < canary.get("percentTraffic", 0.0)
    variables = {**(row.said.get("variables") or {}), **((canary.get("stageVariableOverrides") or {}) if chosen else {})}
    deployment = canary["deploymentId"] if chosen else row.said["deploymentId"]
    snapshot = call.table(Snapshot).known(api, deployment)
    assert snapshot is not None                  # a deployment that a stage serves stays
    exchange = opened(call, api, definitions.read(snapshot.definition), row.said, variables, asked)
    exchange.found.deployment, exchange.found.canary = deployment, chosen
    try:
        _admit(call, exchange)
    except Refused as problem:
        exchange.problem = problem
    return exchange


def opened(call: Call, api: str, definition: Definition, stage: Said, variables: dict[str, str], asked: Asked) -> Exchange:
    """A request with the method that it is for; without one, where there is none."""
    resource, method, params = routing.match(definition, asked.path, asked.method) or ({"id": "", "path": ""}, {}, {})
    partition = "aws-cn" if call.region.startswith("cn-") else "aws-us-gov" if call.region.startswith("us-gov-") else "aws"
    arn = f"arn:{partition}:execute-api:{call.region}:{call.account}:{api}/{stage['stageName']}/{asked.method}/" \
          f"{doors.canonical(asked.path).strip('/')}"
    return Exchange(asked=asked, trace=[], found=Found(
        api=api, account=call.account, region=call.region, definition=definition, stage=stage, variables=variables,
        deployment="", resource=resource, method=method, params=params, arn=arn,
        settings=_settings(stage.get("methodSettings") or {}, resource["path"], asked.method)))


def _settings(found: Said, path: str, method: str) -> Said:
    """What a stage says of a method: of all, of all methods of the resource, of this one. own: of it in particular."""
    if not found:
        return found
    said: Said = {}
    named = {f"/{way.replace('~1', '/').lstrip('/')}" if way != "*/*" else way: each for way, each in found.items()}
    for way in ("*/*", f"{path.rstrip('/')}/*", f"{path.rstrip('/')}/{method}"):
        if way in named:
            said |= named[way]
            said["own"] = way != "*/*"
    return said


def _admit(call: Call, exchange: Exchange) -> None:
    """All that asks nobody else: what needs an authorizer comes after it."""
    asked, method = exchange.asked, exchange.found.method
    if not method:
        raise Refused("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token", 403)
    if len(asked.body) > _LARGEST:
        raise Refused("REQUEST_TOO_LARGE", "Request Entity Too Large", 413)
    if method["authorizationType"] == "AWS_IAM" and asked.bad is not None:
        raise asked.bad
    callers.check_policies(call, exchange)
    if method["authorizationType"] != "CUSTOM":
        _meter(call, exchange)


def _meter(call: Call, exchange: Exchange) -> None:
    plans.check(call, exchange)
    plans.throttle(call, exchange)


async def serve(call: Call, exchange: Exchange) -> Answer:
    """The answer to a request that was begun."""
    try:
        if exchange.problem is not None:
            raise exchange.problem
        answer = await _served(call, exchange)
    except Refused as problem:
        answer = answers.refused(exchange, problem)
    return answers.compressed(exchange, answer)


async def _served(call: Call, exchange: Exchange) -> Answer:
    found = exchange.found
    if found.method["authorizationType"] == "CUSTOM" and not exchange.asked.test:
        await callers.authorize(call, exchange, found.definition.authorizers[found.method["authorizerId"]])
        await call.run(_meter, exchange)
    key = caching.key_of(exchange)
    if key and (kept := await call.run(caching.look, exchange, key)) is not None:
        return kept
    validating.check(exchange)
    answer = await backends.answered(call, exchange)
    if key:
        await call.run(caching.keep, exchange, key, answer)
    return answer
