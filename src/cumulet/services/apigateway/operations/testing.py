"""Tests of methods and authorizers as they are now, without a stage."""

from __future__ import annotations

import asyncio
from typing import Any

from cumulet.kernel import Call, operation

from .. import authorizers, callers, definitions, gateway, items, parts, paths, recording
from ..exchange import Asked, Exchange, Refused, every, last, pairs
from ..names import invalid

Said = dict[str, Any]
_STAGE = "test-invoke-stage"


@operation(name="TestInvokeMethod")
async def method_tested(call: Call, restApiId: str, resourceId: str, httpMethod: str, pathWithQueryString: str | None = None,
                        body: str = "", headers: dict[str, str] | None = None,
                        multiValueHeaders: dict[str, list[str]] | None = None, clientCertificateId: str | None = None,
                        stageVariables: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html"""
    began = asyncio.get_running_loop().time()
    asked = _asked(call, httpMethod, pathWithQueryString, body, headers, multiValueHeaders)
    exchange = await call.run(_opened, restApiId, resourceId, asked, stageVariables or {}, clientCertificateId)
    answer = await gateway.serve(call, exchange)
    took = int((asyncio.get_running_loop().time() - began) * 1000)
    lines = [f"Execution log for request {asked.id}\n",
             recording.stamped(recording.execution_log(exchange, answer, took), asked.at)]
    return {"status": answer.status, "body": answer.body.decode("utf-8", "replace"), "headers": last(answer.headers),
            "multiValueHeaders": every(answer.headers), "log": "".join(lines), "latency": took}


def _asked(call: Call, method: str, path: str | None, body: str, headers: dict[str, str] | None,
           many: dict[str, list[str]] | None) -> Asked:
    plain, _, query = (path or "").partition("?")
    found = [(name, value) for name, value in (headers or {}).items() if name not in (many or {})]
    found += [(name, value) for name, values in (many or {}).items() for value in values]
    return Asked(method=method, path=plain, shown=plain, query=pairs(query), headers=found, body=body.encode(),
                 source="test-invoke-source-ip", host="testPrefix.testDomainName", id=call.request_id, at=call.now,
                 who=call.principal, test=True)


def _opened(call: Call, api: str, resource: str, asked: Asked, variables: dict[str, str], certificate: str | None) -> Exchange:
    """The request as if it had come to this method."""
    if certificate:
        items.one(call, items.CERTIFICATE, certificate)
    said, method = paths.method_of(call, api, resource, asked.method)
    if "methodIntegration" not in method:
        raise invalid("Method does not have an integration")
    asked.path = asked.path or said["path"]
    definition = definitions.read(definitions.taken(call, parts.api_of(call, api)))
    exchange = gateway.opened(call, api, definition, {"stageName": _STAGE}, variables, asked)
    if exchange.found.resource["id"] != resource:
        exchange.found.resource, exchange.found.method, exchange.found.params = said, method, {}
    return exchange


@operation(name="TestInvokeAuthorizer")
async def authorizer_tested(call: Call, restApiId: str, authorizerId: str, headers: dict[str, str] | None = None,
                            multiValueHeaders: dict[str, list[str]] | None = None, pathWithQueryString: str | None = None,
                            body: str = "", stageVariables: dict[str, str] | None = None,
                            additionalContext: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html"""
    began = asyncio.get_running_loop().time()
    asked = _asked(call, "GET", pathWithQueryString or "/", body, headers, multiValueHeaders)
    exchange, authorizer = await call.run(_authorizer, restApiId, authorizerId, asked, stageVariables or {})
    said: Said = {}
    status = 0
    exchange.note(f"Starting authorizer: {authorizer['name']} for request: {asked.id}")
    try:
        token = callers.identity(call, exchange, authorizer)
        said = await callers.asked(call, exchange, authorizer, token[0] if token else "", additionalContext or {})
        exchange.note(f"Successfully completed authorizer execution. Principal: {said['principalId']}")
    except Refused as problem:
        status = problem.status
        exchange.note(f"{problem.message or 'Execution failed due to configuration error'}")
    told = authorizers.told(said)
    return {**told, "clientStatus": status, "latency": int((asyncio.get_running_loop().time() - began) * 1000),
            "log": f"Execution log for request {asked.id}\n" + recording.stamped(exchange.trace, asked.at)}


def _authorizer(call: Call, api: str, name: str, asked: Asked, variables: dict[str, str]) -> tuple[Exchange, Said]:
    found = parts.one(call, api, parts.AUTHORIZER, name)
    definition = definitions.read(definitions.taken(call, parts.api_of(call, api)))
    return gateway.opened(call, api, definition, {"stageName": _STAGE}, variables, asked), found
