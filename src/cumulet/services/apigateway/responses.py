"""Gateway responses: what an API answers by itself, each kind's own words, and what an API says instead.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from typing import Any

Said = dict[str, Any]
_TEMPLATE = {"application/json": '{"message":$context.error.messageString}'}
# Each type's status; those of the two defaults depend on what happened.
STATUS = {
    "DEFAULT_4XX": "", "DEFAULT_5XX": "", "RESOURCE_NOT_FOUND": "404", "UNAUTHORIZED": "401", "INVALID_API_KEY": "403",
    "ACCESS_DENIED": "403", "AUTHORIZER_FAILURE": "500", "AUTHORIZER_CONFIGURATION_ERROR": "500", "INVALID_SIGNATURE": "403",
    "EXPIRED_TOKEN": "403", "MISSING_AUTHENTICATION_TOKEN": "403", "INTEGRATION_FAILURE": "504", "INTEGRATION_TIMEOUT": "504",
    "API_CONFIGURATION_ERROR": "500", "UNSUPPORTED_MEDIA_TYPE": "415", "BAD_REQUEST_PARAMETERS": "400",
    "BAD_REQUEST_BODY": "400", "REQUEST_TOO_LARGE": "413", "THROTTLED": "429", "QUOTA_EXCEEDED": "429", "WAF_FILTERED": "403"}


def default(kind: str) -> Said:
    """What is answered where the API says nothing."""
    said: Said = {"responseType": kind, "responseParameters": {}, "responseTemplates": _TEMPLATE, "defaultResponse": True}
    return {**said, "statusCode": STATUS[kind]} if STATUS[kind] else said


def found(own: dict[str, Said], kind: str, status: int) -> Said:
    """What an API answers: its own response of this kind, or of all 4xx or 5xx, or the default."""
    if kind in own:
        return own[kind]
    wider = own.get("DEFAULT_4XX" if status < 500 else "DEFAULT_5XX")
    return default(kind) if wider is None else {"statusCode": STATUS.get(kind, ""), **wider}
