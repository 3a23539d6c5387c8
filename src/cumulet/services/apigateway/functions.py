"""What functions behind methods and authorizers are told of a request."""

from __future__ import annotations

import base64
from typing import Any

from . import answers, templates
from .exchange import Exchange, context, every, last

Said = dict[str, Any]


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
