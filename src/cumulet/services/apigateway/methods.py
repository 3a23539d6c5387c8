"""What methods, integrations and their responses may say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cumulet.kernel import Call, not_implemented

from . import parts
from .names import invalid, missing
from .paths import METHODS

Said = dict[str, Any]
_REQUEST = re.compile(r"method\.request\.(querystring|path|header|multivaluequerystring|multivalueheader)\.\S+")
_RESPONSE = re.compile(r"method\.response\.header\.\S+")
_TO = re.compile(r"integration\.request\.(querystring|path|header)\.\S+")
_FROM = re.compile(_REQUEST.pattern + r"|method\.request\.body(\..+)?|stageVariables\.\w+|context\.\S+|'.*'", re.DOTALL)
_BACK = re.compile(r"integration\.response\.(header|multivalueheader)\.\S+|integration\.response\.body(\..+)?"
                   r"|stageVariables\.\w+|context\.\S+|'.*'", re.DOTALL)
_MODELS = {"states": "stepfunctions", "monitoring": "cloudwatch"}       # hosts that are not their model's name
AUTHORIZED = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
PASSING = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")


def checked(call: Call, api: str, said: Said) -> Said:
    """A method, as it may be kept."""
    if said["httpMethod"] not in METHODS:
        raise invalid("Invalid HttpMethod specified. Valid options are GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS,ANY")
    kind = said["authorizationType"]
    if kind not in AUTHORIZED:
        raise invalid("Invalid authorization type specified. Must be one of: [NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS]")
    if kind == "COGNITO_USER_POOLS":
        raise not_implemented("apigateway:authorizationType COGNITO_USER_POOLS")
    if kind == "CUSTOM":
        if not said.get("authorizerId"):
            raise invalid("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS "
                          "requires a valid authorizer.")
        parts.one(call, api, parts.AUTHORIZER, said["authorizerId"])
    elif said.get("authorizerId"):
        said = {**said, "authorizerId": None}
    if said.get("requestValidatorId"):
        parts.one(call, api, parts.VALIDATOR, said["requestValidatorId"])
    _names(said.get("requestParameters"), _REQUEST, "Invalid mapping expression specified: Validation Result: warnings : [], "
           "errors : [Invalid mapping expression parameter specified: {}]")
    _models(call, api, said.get("requestModels"))
    return said_only(said)


def checked_response(call: Call, api: str, said: Said) -> Said:
    """A method's response, as it may be kept."""
    _names(said.get("responseParameters"), _RESPONSE, "Invalid mapping expression specified: Validation Result: warnings : [], "
           "errors : [Invalid mapping expression parameter specified: {}]")
    _models(call, api, said.get("responseModels"))
    return said_only(said)


def checked_integration(call: Call, said: Said) -> Said:
    """An integration, as it may be kept."""
    kind = said["type"]
    if kind != "MOCK":
        if not said.get("uri"):
            raise invalid("Enumeration value for HttpMethod must be non-empty" if not said.get("httpMethod")
                          else "Invalid integration URI specified")
        if not said.get("httpMethod"):
            raise invalid("Enumeration value for HttpMethod must be non-empty")
    if kind in ("AWS", "AWS_PROXY"):
        _check_aws(call, said["uri"], kind)
    elif kind in ("HTTP", "HTTP_PROXY") and not re.match(r"https?://\S+$|\S*\$\{stageVariables\.\w+\}\S*$", said["uri"]):
        raise invalid("Invalid HTTP endpoint specified for URI")
    timeout = said.get("timeoutInMillis", 29000)
    if not 50 <= timeout <= 300_000:
        raise invalid("Timeout should be between 50 ms and 300000 ms")
    if said.get("passthroughBehavior", PASSING[0]) not in PASSING:
        raise invalid("Invalid passthrough behavior specified. Must be one of: [WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER]")
    if said.get("connectionType") == "VPC_LINK" and not said.get("connectionId"):
        raise invalid("Invalid connectionId specified for connectionType VPC_LINK")
    for to, source in (said.get("requestParameters") or {}).items():
        if not _TO.fullmatch(to) or not _FROM.fullmatch(source):
            raise invalid(f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping "
                          f"expression specified: {source if _TO.fullmatch(to) else to}]")
    return said_only(said)


def checked_answer(method: Said, said: Said) -> Said:
    """An integration's response, as it may be kept: its headers must be the method's."""
    answer = (method.get("methodResponses") or {}).get(said["statusCode"])
    if answer is None:
        raise missing("Response status code")
    if pattern := said.get("selectionPattern"):
        try:
            re.compile(pattern)
        except re.error:
            raise invalid(f"Invalid selection pattern specified: {pattern}") from None
    known = answer.get("responseParameters") or {}
    for to, source in (said.get("responseParameters") or {}).items():
        if to not in known:
            raise invalid(f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping "
                          f"expression parameter specified: {to}]")
        if not _BACK.fullmatch(source):
            raise invalid(f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping "
                          f"expression specified: {source}]")
    return said_only(said)


def said_only(said: Said) -> Said:
    """Without what was not said."""
    return {name: value for name, value in said.items() if value is not None}


def _check_aws(call: Call, uri: str, kind: str) -> None:
    said = uri.split(":", 5)
    if len(said) < 6 or said[:3] != ["arn", said[1], "apigateway"] or not re.match(r"(path|action)/", said[5]):
        raise invalid("Invalid ARN specified in the request")
    if kind == "AWS_PROXY" and said[4] not in ("lambda", "firehose"):
        raise invalid("Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream "
                      "invocations.")
    service = said[4].rpartition(".")[2]                        # a part of its host may stand before it: `bucket.s3`
    if "$" not in uri and _MODELS.get(service, service) not in call.cloud.catalog.apis:
        raise not_implemented(f"apigateway:integrations with {service}")
    if said[4] == "lambda" and "/functions/" not in said[5]:
        raise invalid("Invalid Lambda function path specified for URI")


def _names(found: Iterable[str] | None, pattern: re.Pattern[str], message: str) -> None:
    for name in found or ():
        if not pattern.fullmatch(name):
            raise invalid(message.format(name))


def _models(call: Call, api: str, models: dict[str, str] | None) -> None:
    for name in (models or {}).values():
        if not parts.has(call, api, parts.MODEL, name):
            raise invalid(f"Invalid model identifier specified: {name}")
