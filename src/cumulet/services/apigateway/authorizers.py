"""What authorizers may say."""

from __future__ import annotations

import json
import re
from typing import Any

from cumulet.kernel import not_implemented

from .names import invalid

Said = dict[str, Any]
_HEADER = re.compile(r"method\.request\.header\.[\w.!#$%&'*+^`|~-]+")
_SOURCE = re.compile(r"method\.request\.(header|querystring)\.[^\s,]+|stageVariables\.\w+|context\.[\w.]+")
_URI = re.compile(r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/\S+/functions/\S+/invocations")
_LONGEST = 3600


def checked(said: Said) -> Said:
    """An authorizer as it may be kept. Raises the honest 501 for pools and tokens of Cognito."""
    kind = said["type"]
    if kind in ("COGNITO_USER_POOLS", "JWT"):
        raise not_implemented(f"apigateway:authorizers of type {kind}")
    if not _URI.fullmatch(said.get("authorizerUri") or ""):
        raise invalid("Invalid Authorizer URI: " + (said.get("authorizerUri") or "") + ". Authorizer URI should be a valid API "
                      "Gateway ARN that represents a Lambda function invocation.")
    seconds, source = said.get("authorizerResultTtlInSeconds", 300), said.get("identitySource") or ""
    if not 0 <= seconds <= _LONGEST:
        raise invalid(f"Authorizer result TTL should be between 0 and {_LONGEST} seconds")
    if kind == "TOKEN":
        if not _HEADER.fullmatch(source):
            raise invalid("Authorizer with type TOKEN must have identity source of a header: method.request.header.NAME")
        if pattern := said.get("identityValidationExpression"):
            try:
                re.compile(pattern)
            except re.error:
                raise invalid(f"Invalid identity validation expression specified: {pattern}") from None
    else:
        sources = [each.strip() for each in source.split(",") if each.strip()]
        if seconds and not sources:
            raise invalid("Identity source for an authorizer of type REQUEST is required when caching is enabled")
        if wrong := [each for each in sources if not _SOURCE.fullmatch(each)]:
            raise invalid(f"Invalid mapping expression specified: {wrong[0]}")
    return {name: value for name, value in said.items() if value is not None}


def told(said: Said) -> Said:
    """What an authorizer said, as TestInvokeAuthorizer tells it."""
    if not said:
        return {}
    context = {name: str(value) for name, value in (said.get("context") or {}).items()}
    return {"principalId": said["principalId"], "policy": json.dumps(said["policyDocument"], separators=(",", ":")),
            "authorization": {name: [value] for name, value in context.items()}}
