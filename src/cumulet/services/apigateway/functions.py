"""Functions behind methods and authorizers: which is meant, what it is told of a request, and what it answers."""

from __future__ import annotations

import base64
import re
from typing import Any

from cumulet.kernel import Call, error, principals

from . import answers, templates
from .exchange import Exchange, context, every, last

Said = dict[str, Any]
_FUNCTION = re.compile(r".*:lambda:path/[^/]+/functions/(.+)/invocations")
_SESSION = "BackplaneAssumeRoleSession"


def with_variables(text: str, variables: dict[str, str]) -> str:
    """A URI with its stage variables in it: `${stageVariables.name}`."""
    return re.sub(r"\$\{stageVariables\.(\w+)\}", lambda found: variables.get(found[1], ""), text)


def function_of(uri: str, variables: dict[str, str]) -> str:
    """The function that a URI names."""
    found = _FUNCTION.fullmatch(with_variables(uri, variables))
    if found is None:
        raise error.BadRequestException("Invalid Lambda function path specified for URI")
    return found[1]


async def invoke(call: Call, arn: str, payload: bytes, source: str, role: str, later: bool = False) -> tuple[str, bytes]:
    """What went wrong in the function ("" nothing), and what it answered."""
    result = await call.run(_invoked, arn, payload, source, role, later)
    if not isinstance(result, dict):
        result = await result
    return result.get("FunctionError") or "", result.get("Payload") or b""


def _invoked(call: Call, arn: str, payload: bytes, source: str, role: str, later: bool) -> Any:
    _, _, _, region, account, _ = arn.split(":", 5)
    if role:
        peers = principals.acting.as_role(call, role, _SESSION, account, region)
        if peers is None:
            raise error.UnauthorizedException("API Gateway does not have permission to assume the provided role")
    else:
        peers = call.as_service(source, account, region)
    return getattr(peers, "lambda").invoke(FunctionName=arn, InvocationType="Event" if later else "RequestResponse",
                                           Payload=payload)


def source_of(source: str, exchange: Exchange) -> str:
    """What an identity source says of a request; "" nothing."""
    return templates.mapped(source, exchange) or ""


def proxy_event(exchange: Exchange) -> Said:
    """A request as the Lambda proxy integration tells it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    asked = exchange.asked
    body: str | None = None
    binary = answers.is_binary(exchange.found.definition.settings, asked.header("content-type"))
    if asked.body:
        body = base64.b64encode(asked.body).decode() if binary else asked.body.decode("utf-8", "replace")
    return {**request_event(exchange), "body": body, "isBase64Encoded": binary and body is not None}


def request_event(exchange: Exchange) -> Said:
    """What events for functions and authorizers share."""
    asked, found = exchange.asked, exchange.found
    told = context(exchange)
    for name in ("isCanaryRequest", "deploymentId", "error"):
        told.pop(name, None)
    if not exchange.authorizer:
        told.pop("authorizer")
    headers = [pair for pair in asked.headers if pair[0].lower() != "connection"]
    return {
        "resource": found.resource["path"], "path": templates.unquoted(asked), "httpMethod": asked.method,
        "headers": last(headers) or None, "multiValueHeaders": every(headers) or None,
        "queryStringParameters": last(asked.query) or None, "multiValueQueryStringParameters": every(asked.query) or None,
        "pathParameters": found.params or None, "stageVariables": found.variables or None, "requestContext": told}
