"""Who may call: IAM, resource policies, and authorizers whose word is kept for a while."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

from cumulet.drivers.functions import asking
from cumulet.kernel import AwsError, Call, Principal, principals

from . import functions
from .exchange import Exchange, Refused
from .resources import Authorized

Said = dict[str, Any]
_ANYBODY = Principal("anonymous", "", "*", "anonymous", "*")
_INVOKE = "execute-api:Invoke"
_SECONDS = 29.0                        # that an authorizer may take
_SWEPT = 100                           # answers whose time ended, taken away with each that comes
_BAD_SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignatureException")


def unsigned(problem: AwsError) -> Refused:
    """A signature that is not good, in an API's words."""
    if problem.code in ("ExpiredToken", "ExpiredTokenException"):
        return Refused("EXPIRED_TOKEN", "The security token included in the request is expired", 403)
    if problem.code in _BAD_SIGNATURE:
        return Refused("INVALID_SIGNATURE", problem.message, 403)
    return Refused("ACCESS_DENIED", "The security token included in the request is invalid.", 403)


def check_policies(call: Call, exchange: Exchange) -> None:
    """The API's resource policy, and for AWS_IAM the caller's own policies, where those are enforced."""
    asked, found = exchange.asked, exchange.found
    by_iam = found.method["authorizationType"] == "AWS_IAM"
    if by_iam and asked.who is None:
        raise Refused("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token", 403)
    policy = found.definition.settings.get("policy") or ""
    if principals.mode_of(call) != "enforce" or not (by_iam or policy):
        return
    who = asked.who if by_iam and asked.who is not None else _ANYBODY
    said = principals.simulate(call, who, None, None, _INVOKE, found.arn, _whole(policy, exchange),
                               {"aws:sourceip": [asked.source]}, found.account)
    if said.decision == "allowed":
        return
    shown = re.sub(r"(:execute-api:[^:]*:)\d{8}(\d{4}):", r"\1********\2:", found.arn)
    explicit = " with an explicit deny" if said.decision == "explicitDeny" else ""
    name = "anonymous" if who is _ANYBODY else who.arn
    raise Refused("ACCESS_DENIED", f"User: {name} is not authorized to perform: {_INVOKE} on resource: {shown}{explicit}", 403)


def _whole(policy: str, exchange: Exchange) -> str:
    """A policy may leave out its API: `execute-api:/STAGE/METHOD/PATH`."""
    found = exchange.found
    partition = found.arn.split(":")[1]
    return policy.replace('"execute-api:/', f'"arn:{partition}:execute-api:{found.region}:{found.account}:{found.api}/')


async def authorize(call: Call, exchange: Exchange, authorizer: Said) -> None:
    """Ask the authorizer, or remember what it said; its context becomes `$context.authorizer`."""
    found = identity(call, exchange, authorizer)
    said = None
    seconds = authorizer.get("authorizerResultTtlInSeconds", 300)
    key = sha256(json.dumps(found).encode()).hexdigest() if found else ""
    if seconds and key and not exchange.asked.test:
        said = await call.run(_remembered, exchange, authorizer["id"], key)
    if said is None:
        said = await asked(call, exchange, authorizer, found[0] if found else "")
        if seconds and key and not exchange.asked.test:
            await call.run(_remember, exchange, authorizer["id"], key, said, seconds)
    exchange.authorizer = {"principalId": said["principalId"], **(said.get("context") or {})}
    exchange.usage_key = said.get("usageIdentifierKey") or ""
    decision = await call.run(_decided, exchange, said)
    if decision != "allowed":
        explicit = " with an explicit deny" if decision == "explicitDeny" else ""
        raise Refused("ACCESS_DENIED", f"User is not authorized to access this resource{explicit}", 403)


def identity(call: Call, exchange: Exchange, authorizer: Said) -> list[str]:
    """What the caller is known by; 401 where a part of it is missing."""
    found: list[str] = []
    sources = [each.strip() for each in (authorizer.get("identitySource") or "").split(",") if each.strip()]
    for source in sources:
        value = functions.source_of(source, exchange)
        if not value:
            if authorizer["type"] == "TOKEN" or authorizer.get("authorizerResultTtlInSeconds", 300):
                raise Refused("UNAUTHORIZED", "Unauthorized", 401)
            continue
        found.append(value)
    pattern = authorizer.get("identityValidationExpression")
    if authorizer["type"] == "TOKEN" and pattern:
        try:
            fits = call.matches(pattern, found[0])
        except ValueError as problem:
            exchange.note(f"Execution failed due to configuration error: {problem}")
            raise Refused("AUTHORIZER_CONFIGURATION_ERROR", None, 500) from problem
        if not fits:
            raise Refused("UNAUTHORIZED", "Unauthorized", 401)
    return found


async def asked(call: Call, exchange: Exchange, authorizer: Said, token: str, more: Said | None = None) -> Said:
    """The authorizer's word; 500 when it has none, 401 when it says so. more: for the request's context."""
    broken = Refused("AUTHORIZER_CONFIGURATION_ERROR", None, 500)
    arn = asking.function_of(authorizer["authorizerUri"], exchange.found.variables)
    if authorizer["type"] == "TOKEN":
        event: Said = {"type": "TOKEN", "methodArn": exchange.found.arn, "authorizationToken": token}
    else:
        event = {"type": "REQUEST", "methodArn": exchange.found.arn, **functions.request_event(exchange)}
        event["requestContext"] |= more or {}
    whole = exchange.found.arn.partition("/")[0]
    source = f"{whole}/authorizers/{authorizer['id']}"
    try:
        error, payload = await asking.ask(call, arn, json.dumps(event).encode(), source,
                                          authorizer.get("authorizerCredentials"), _SECONDS)
        said = json.loads(payload or b"null")
    except (AwsError, TimeoutError, ValueError) as problem:
        exchange.note(f"Execution failed due to configuration error: Authorizer error: {problem}")
        raise broken from problem
    if error:
        if isinstance(said, dict) and said.get("errorMessage") == "Unauthorized":
            raise Refused("UNAUTHORIZED", "Unauthorized", 401)
        raise broken
    context = said.get("context") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(said.get("principalId"), str) or not isinstance(
            said.get("policyDocument"), dict) or any(isinstance(each, (dict, list)) for each in (context or {}).values()):
        exchange.note("Execution failed due to configuration error: Invalid JSON in response")
        raise broken
    return said


def _decided(call: Call, exchange: Exchange, said: Said) -> str:
    """Whether the policy that an authorizer gave lets the caller in."""
    account = exchange.found.account
    arn = f"arn:aws:iam::{account}:user/{said['principalId']}"
    who = Principal("user", account, arn, said["principalId"], arn)
    document = said["policyDocument"]
    statements = document.get("Statement") or []
    about = [each for each in (statements if isinstance(statements, list) else [statements])
             if isinstance(each, dict) and each.get("Resource") and each.get("Action")]       # about nothing: it says nothing
    policies = [("authorizer", json.dumps({**document, "Statement": about}))]
    return principals.simulate(call, who, policies, [], _INVOKE, exchange.found.arn, "",
                               {"aws:sourceip": [exchange.asked.source]}, account).decision


def _remembered(call: Call, exchange: Exchange, authorizer: str, key: str) -> Said | None:
    found = exchange.found
    row = call.table(Authorized).get(found.api, found.stage["stageName"], authorizer, key)
    return row.said if row is not None and row.ends > call.now else None


def _remember(call: Call, exchange: Exchange, authorizer: str, key: str, said: Said, seconds: int) -> None:
    found, table = exchange.found, call.table(Authorized)
    for old in table.scan(index="ends", high=call.now, limit=_SWEPT):
        table.delete(old.api, old.stage, old.authorizer, old.key)
    table.put(Authorized(api=found.api, stage=found.stage["stageName"], authorizer=authorizer, key=key, ends=call.now + seconds,
                        said=said))
