"""Patch operations: which paths of what may be patched how, in one table, and what a patch does to what is said.

https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from cumulet.kernel import AwsError

from .names import invalid

Said = dict[str, Any]


class _Rule(NamedTuple):
    """ops: a(dd), r(emove), p: replace, c(opy).  kind: of the value.  place: where it is kept, if not at the path;
    `*` stands for what the path has there."""

    ops: str
    kind: str = "str"
    place: str = ""


_STR, _BOOL, _INT = _Rule("pr"), _Rule("p", "bool"), _Rule("p", "int")
_KEYED, _FLAGS = _Rule("apr"), _Rule("apr", "bool")
_MEMBERS = _Rule("arp", "member")           # one of a list: the path's last name is it, or the value is

PATHS: dict[str, dict[str, _Rule]] = {
    "api": {
        "/name": _Rule("p"), "/description": _STR, "/apiKeySource": _Rule("p"), "/version": _STR,
        "/binaryMediaTypes/*": _MEMBERS, "/minimumCompressionSize": _Rule("apr", "int"), "/policy": _Rule("apr", "policy"),
        "/disableExecuteApiEndpoint": _BOOL, "/endpointConfiguration/types/*": _MEMBERS, "/securityPolicy": _Rule("p"),
        "/endpointConfiguration/vpcEndpointIds": _MEMBERS, "/endpointConfiguration/vpcEndpointIds/*": _MEMBERS,
        "/endpointConfiguration/ipAddressType": _Rule("p"), "/endpointAccessMode": _Rule("p")},
    "resource": {"/pathPart": _Rule("p"), "/parentId": _Rule("p")},
    "method": {
        "/authorizationType": _Rule("p"), "/authorizerId": _Rule("apr"), "/apiKeyRequired": _BOOL, "/operationName": _STR,
        "/requestParameters/*": _FLAGS, "/requestModels/*": _KEYED, "/requestValidatorId": _STR,
        "/authorizationScopes": _MEMBERS, "/authorizationScopes/*": _MEMBERS},
    "method response": {"/responseParameters/*": _FLAGS, "/responseModels/*": _KEYED},
    "integration": {
        "/uri": _Rule("p"), "/httpMethod": _Rule("p"), "/credentials": _STR, "/passthroughBehavior": _Rule("p"),
        "/contentHandling": _STR, "/timeoutInMillis": _INT, "/connectionType": _Rule("p"), "/connectionId": _STR,
        "/cacheNamespace": _Rule("p"), "/cacheKeyParameters": _MEMBERS, "/cacheKeyParameters/*": _MEMBERS,
        "/requestParameters/*": _KEYED, "/requestTemplates/*": _KEYED,
        "/tlsConfig/insecureSkipVerification": _Rule("apr", "bool"), "/type": _Rule("p")},
    "integration response": {
        "/selectionPattern": _STR, "/contentHandling": _STR, "/responseParameters/*": _KEYED, "/responseTemplates/*": _KEYED},
    "model": {"/description": _STR, "/schema": _Rule("p")},
    "authorizer": {
        "/name": _Rule("p"), "/type": _Rule("p"), "/authorizerUri": _Rule("p"), "/authorizerCredentials": _STR,
        "/identitySource": _Rule("p"), "/identityValidationExpression": _STR, "/authType": _STR,
        "/authorizerResultTtlInSeconds": _INT},
    "validator": {"/name": _Rule("p"), "/validateRequestBody": _BOOL, "/validateRequestParameters": _BOOL},
    "response": {"/statusCode": _STR, "/responseParameters/*": _KEYED, "/responseTemplates/*": _KEYED},
    "deployment": {"/description": _STR},
    "stage": {
        "/deploymentId": _Rule("pc"), "/description": _STR, "/cacheClusterEnabled": _BOOL, "/cacheClusterSize": _Rule("p"),
        "/clientCertificateId": _STR, "/documentationVersion": _STR, "/tracingEnabled": _BOOL,
        "/variables/*": _KEYED, "/variables": _Rule("cr", "map"), "/accessLogSettings/destinationArn": _Rule("apr"),
        "/accessLogSettings/format": _Rule("apr"), "/accessLogSettings": _Rule("r", "map"),
        "/canarySettings": _Rule("r", "map"), "/canarySettings/deploymentId": _Rule("p"),
        "/canarySettings/percentTraffic": _Rule("pa", "float"), "/canarySettings/useStageCache": _Rule("pa", "bool"),
        "/canarySettings/stageVariableOverrides/*": _KEYED, "/canarySettings/stageVariableOverrides": _Rule("r", "map"),
        "/*/*": _Rule("r", "map", "/methodSettings/*"),
        "/*/*/metrics/enabled": _Rule("p", "bool", "/methodSettings/*/metricsEnabled"),
        "/*/*/logging/loglevel": _Rule("p", "str", "/methodSettings/*/loggingLevel"),
        "/*/*/logging/dataTrace": _Rule("p", "bool", "/methodSettings/*/dataTraceEnabled"),
        "/*/*/logging/dataTraceEnabled": _Rule("p", "bool", "/methodSettings/*/dataTraceEnabled"),
        "/*/*/throttling/burstLimit": _Rule("pr", "int", "/methodSettings/*/throttlingBurstLimit"),
        "/*/*/throttling/rateLimit": _Rule("pr", "float", "/methodSettings/*/throttlingRateLimit"),
        "/*/*/caching/enabled": _Rule("p", "bool", "/methodSettings/*/cachingEnabled"),
        "/*/*/caching/ttlInSeconds": _Rule("p", "int", "/methodSettings/*/cacheTtlInSeconds"),
        "/*/*/caching/dataEncrypted": _Rule("p", "bool", "/methodSettings/*/cacheDataEncrypted"),
        "/*/*/caching/requireAuthorizationForCacheControl":
            _Rule("p", "bool", "/methodSettings/*/requireAuthorizationForCacheControl"),
        "/*/*/caching/unauthorizedCacheControlHeaderStrategy":
            _Rule("p", "str", "/methodSettings/*/unauthorizedCacheControlHeaderStrategy")},
    "key": {"/name": _Rule("p"), "/description": _STR, "/enabled": _BOOL, "/customerId": _STR,
            "/stages": _Rule("ar", "member", "/stageKeys")},
    "plan": {
        "/name": _Rule("p"), "/description": _STR, "/productCode": _STR, "/throttle/burstLimit": _Rule("apr", "int"),
        "/throttle/rateLimit": _Rule("apr", "float"), "/throttle": _Rule("r", "map"), "/quota/limit": _Rule("apr", "int"),
        "/quota/offset": _Rule("apr", "int"), "/quota/period": _Rule("apr"), "/quota": _Rule("r", "map"),
        "/apiStages": _Rule("ar", "stage"), "/apiStages/*/throttle/*/rateLimit": _Rule("apr", "float"),
        "/apiStages/*/throttle/*/burstLimit": _Rule("apr", "int"), "/apiStages/*/throttle/*": _Rule("r", "map"),
        "/apiStages/*/throttle": _Rule("pr", "map")},
    "link": {"/name": _Rule("p"), "/description": _STR},
    "certificate": {"/description": _STR},
    "documentation": {"/properties": _Rule("p")},
    "version": {"/description": _STR},
    "mapping": {"/basePath": _Rule("p"), "/restapiId": _Rule("p", "str", "/restApiId"), "/restApiId": _Rule("p"),
                "/stage": _STR},
    "domain": {
        "/certificateName": _Rule("p"), "/certificateArn": _Rule("p"), "/regionalCertificateName": _Rule("p"),
        "/regionalCertificateArn": _Rule("p"), "/securityPolicy": _Rule("p"), "/endpointConfiguration/types/*": _MEMBERS,
        "/endpointConfiguration/ipAddressType": _Rule("p"), "/endpointAccessMode": _Rule("p")},
    "account": {"/cloudwatchRoleArn": _STR, "/features": _Rule("ar", "member")},
    "usage": {"/remaining": _Rule("p", "int")},
}
_OPS = {"add": "a", "remove": "r", "replace": "p", "copy": "c"}


def patched(what: str, said: Mapping[str, Any], operations: Sequence[Mapping[str, Any]] | None) -> Said:
    """What is said, after the patch; all of it or an error."""
    found = deepcopy(dict(said))
    for operation in operations or ():
        _apply(what, found, operation)
    return found


def _apply(what: str, said: Said, operation: Mapping[str, Any]) -> None:
    op, path = operation.get("op") or "", operation.get("path") or ""
    names = [name.replace("~1", "/").replace("~0", "~") for name in path.split("/")[1:]]
    rule, stars, place = _rule(what, path, names)
    if _OPS.get(op, "?") not in rule.ops:
        allowed = ", ".join(word for word, letter in _OPS.items() if letter in rule.ops)
        raise invalid(f"Invalid patch operation specified. Must be one of: [{allowed}]" if op not in _OPS
                      else f"Invalid patch operation '{op}' for path '{path}'. Must be one of: [{allowed}]")
    if rule.kind == "member":
        _member(said, op, place, len(stars), operation.get("value"), path)
    elif rule.kind == "stage":
        _stage(said, op, operation.get("value") or "")
    elif op == "copy":
        _put(said, place, deepcopy(_at(said, (operation.get("from") or "").split("/")[1:])), path)
    elif op == "remove":
        _remove(said, place, path)
    else:
        value = operation.get("value")
        unset = not value and rule.kind in ("int", "float") and "r" in rule.ops        # clients say "" where they mean none
        _put(said, place, None if unset else _typed(rule.kind, value, path), path)


def _rule(what: str, path: str, names: Sequence[str]) -> tuple[_Rule, list[str], list[str]]:
    """The rule of a path, what stands for its stars, and where its value is kept."""
    rules = PATHS[what]
    for pattern, rule in sorted(rules.items(), key=lambda pair: pair[0].count("*")):
        wanted = pattern.split("/")[1:]
        if len(wanted) != len(names) or any(w not in ("*", n) for w, n in zip(wanted, names, strict=True)):
            continue
        stars = [n for w, n in zip(wanted, names, strict=True) if w == "*"]
        if not rule.place:
            return rule, stars, list(names)
        star = "/".join(name.replace("/", "~1") for name in stars)        # a method as settings name it: `~1pets~1{id}/GET`
        return rule, stars, [star if part == "*" else part for part in rule.place.split("/")[1:]]
    raise invalid(f"Invalid patch path '{path}' specified. Must be one of: [{', '.join(rules)}]")


def _typed(kind: str, value: str | None, path: str) -> Any:
    """A patch's text as the value that it means."""
    try:
        if kind == "bool":
            return {"true": True, "false": False}[(value or "").lower()]
        if kind == "int":
            return int(value or "")
        if kind == "float":
            return float(value or "")
        if kind == "map":
            return json.loads(value or "{}")
        if kind == "policy":
            return json.dumps(json.loads(value)) if value else None
    except (KeyError, ValueError):
        raise invalid(f"Invalid value '{value}' specified for path '{path}'") from None
    return value if value is not None else ""


def _step(said: Any, name: str) -> Any:
    """What a name of a path leads to: a member, or the stage of a usage plan (`API:STAGE`)."""
    if isinstance(said, list):
        stages = (each for each in said if isinstance(each, dict))
        return next((each for each in stages if f"{each.get('apiId')}:{each.get('stage')}" == name), None)
    return said.get(name) if isinstance(said, dict) else None


def _at(said: Any, names: Sequence[str]) -> Any:
    for name in names:
        said = _step(said, name)
    if said is None:
        raise invalid(f"Invalid patch path specified: nothing is at /{'/'.join(names)}")
    return said


def _put(said: Said, names: Sequence[str], value: Any, path: str) -> None:
    here: Any = said
    for name in names[:-1]:
        further = _step(here, name)
        if further is None:
            if isinstance(here, list):
                raise missing_at(path)
            further = here[name] = {}
        here = further
    if value is None:
        here.pop(names[-1], None)
    else:
        here[names[-1]] = value


def _remove(said: Said, names: Sequence[str], path: str) -> None:
    here: Any = said
    for name in names[:-1]:
        here = _step(here, name)
    if not isinstance(here, dict) or names[-1] not in here:
        raise missing_at(path)
    del here[names[-1]]


def _member(said: Said, op: str, names: Sequence[str], starred: int, value: str | None, path: str) -> None:
    """A list, of which the path's end or the value is one."""
    way, name = (names[:-1], names[-1]) if starred else (names, value or "")
    here: Any = said
    for step in way[:-1]:
        here = here.setdefault(step, {})
    found = here.setdefault(way[-1], [])
    if op == "add":
        if name not in found:
            found.append(name)
    elif op == "remove":
        if name not in found:
            raise missing_at(path)
        found.remove(name)
    elif starred and name in found:
        found[found.index(name)] = value or ""
    elif starred and found and name.isdigit() and int(name) < len(found):
        found[int(name)] = value or ""
    elif not starred:
        here[way[-1]] = [each for each in name.split(",") if each]
    else:
        found[:] = [*found[1:], value or ""]


def _stage(said: Said, op: str, value: str) -> None:
    """A stage of an API comes to a usage plan, or goes."""
    api, colon, stage = value.partition(":")
    if not (api and colon and stage):
        raise invalid(f"Invalid API Stage specified {value}. Format should be <apiId>:<stage>")
    stages = said.setdefault("apiStages", [])
    there = _step(stages, value)
    if op == "add" and there is None:
        stages.append({"apiId": api, "stage": stage})
    elif op == "remove":
        if there is None:
            raise missing_at(f"/apiStages {value}")
        stages.remove(there)


def missing_at(path: str) -> AwsError:
    """A patch that removes what is not there."""
    return invalid(f"Invalid patch path specified: nothing is at {path}")
