"""A stage's cache: answers of methods, kept for a while by the stage's clock.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

import json

from cumulet.kernel import Call, principals

from . import templates
from .answers import Answer
from .exchange import Exchange, Refused
from .resources import Cached

_INVALIDATE = "execute-api:InvalidateCache"
_LARGEST = 1_048_576
_SWEPT = 100                           # entries that ended, taken away with each that comes


def key_of(exchange: Exchange) -> str:
    """What answers are known by; "" where none are kept: by default those of GET alone are."""
    found = exchange.found
    if exchange.asked.test or not found.stage.get("cacheClusterEnabled") or not found.settings.get("cachingEnabled"):
        return ""
    if exchange.asked.method != "GET" and not found.settings.get("own"):
        return ""
    names = found.method["methodIntegration"].get("cacheKeyParameters") or ()
    values = [(name, templates.mapped(_source(name, exchange), exchange)) for name in names]
    space = found.method["methodIntegration"].get("cacheNamespace") or found.resource["id"]
    apart = found.canary and not (found.stage.get("canarySettings") or {}).get("useStageCache")
    return json.dumps([space, found.resource["path"], exchange.asked.method, apart, values])


def _source(name: str, exchange: Exchange) -> str:
    """A key may be a parameter of the method, or of the integration, which is mapped from one."""
    return str((exchange.found.method["methodIntegration"].get("requestParameters") or {}).get(name, name))


def look(call: Call, exchange: Exchange, key: str) -> Answer | None:
    """What is kept; nothing when the client asks for a fresh one and may."""
    found = exchange.found
    if "max-age=0" in (exchange.asked.header("cache-control") or "").replace(" ", ""):
        if _may_invalidate(call, exchange):
            call.table(Cached).delete(found.api, found.stage["stageName"], key)
            return None
        strategy = found.settings.get("unauthorizedCacheControlHeaderStrategy")
        if strategy == "FAIL_WITH_403":
            raise Refused("ACCESS_DENIED", "User is not authorized to invalidate the cache", 403)
    row = call.table(Cached).get(found.api, found.stage["stageName"], key)
    if row is None or row.ends <= call.now:
        return None
    return Answer(row.status, [(name, value) for name, value in row.headers], row.body)


def _may_invalidate(call: Call, exchange: Exchange) -> bool:
    if not exchange.found.settings.get("requireAuthorizationForCacheControl", True):
        return True
    who = exchange.asked.who
    if who is None:
        return False
    if principals.mode_of(call) != "enforce":
        return True
    said = principals.simulate(call, who, None, None, _INVALIDATE, exchange.found.arn, "", {}, exchange.found.account)
    return said.decision == "allowed"


def keep(call: Call, exchange: Exchange, key: str, answer: Answer) -> None:
    """Keep an answer of an integration; one that failed is not kept."""
    found = exchange.found
    if answer.status >= 400 or len(answer.body) > _LARGEST:
        return
    table = call.table(Cached)
    for old in table.scan(index="ends", high=call.now, limit=_SWEPT):
        table.delete(old.api, old.stage, old.key)
    table.put(Cached(api=found.api, stage=found.stage["stageName"], key=key, status=answer.status, body=answer.body,
                     headers=[list(pair) for pair in answer.headers],
                     ends=call.now + found.settings.get("cacheTtlInSeconds", 300)))
