"""Who may ask: signatures (IAM), tokens of an issuer, and functions that say yes or no.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from cumulet.kernel import AwsError, Call, Principal, doors, principals

from . import events, functions, mapping, tokens
from .functions import Failed
from .requests import Asked, refusal
from .resources import Authorizer, IssuerKeys, Verdict

_KEYS_FOR = 7200.0                     # seconds that an issuer's keys are believed without asking again
_KEYS_AT_LEAST = 10.0                  # even when a token names a key that is not among them
_SECONDS = 10.0                        # that an authorizer may take
_INVOKE = "execute-api:Invoke"


async def refused(call: Call, asked: Asked) -> doors.Reply | None:
    """The refusal, or None: the request may pass. `asked.authorizer` then tells integrations who asks."""
    kind = asked.route.AuthorizationType if asked.route is not None else "NONE"
    if kind == "NONE":
        return None
    if kind == "AWS_IAM":
        return await _signature(call, asked)
    guard = asked.guard
    if guard is None:
        return refusal(500, "Internal Server Error")
    return await (_token if kind == "JWT" else _function)(call, asked, guard)


# --- signatures ---


async def _signature(call: Call, asked: Asked) -> doors.Reply | None:
    try:
        who = await asked.visit.who()
    except AwsError:
        return refusal(403, "Forbidden")
    if who is None or not await call.run(allowed_by_iam, who, asked.invoked):
        return refusal(403, "Forbidden")
    asked.authorizer = {"iam": {
        "accessKey": who.access_key, "accountId": who.account, "callerId": who.id, "cognitoIdentity": None,
        "principalOrgId": None, "userArn": who.arn, "userId": who.id}}
    asked.context |= {"identity.caller": who.id, "identity.user": who.id, "identity.userArn": who.arn,
                      "identity.accountId": who.account}
    return None


def allowed_by_iam(call: Call, who: Principal, arn: str) -> bool:
    """What the caller's policies say, where they are enforced. Who is of another account is refused: these APIs have no
    policies of their own that could let them in."""
    call.principal = who
    if principals.mode_of(call) != "enforce":
        return True
    return principals.simulate(call, who, None, None, _INVOKE, arn, "", None, call.account).decision == "allowed"


# --- tokens ---


async def _token(call: Call, asked: Asked, guard: Authorizer) -> doors.Reply | None:
    config = guard.JwtConfiguration or {}
    text = mapping.look(guard.IdentitySource[0], asked.source())
    scopes = (asked.route.AuthorizationScopes if asked.route is not None else None) or []
    try:
        if not text:
            return refusal(401, "Unauthorized", (("www-authenticate", "Bearer"),))
        token = tokens.read(text)
        issuer = str(config.get("Issuer", ""))
        keys = await _keys(call, issuer, token)
        tokens.check(token, keys, issuer, config.get("Audience") or [], scopes, call.cloud.clock.wall())
    except tokens.Refused as problem:
        kind = "insufficient_scope" if problem.status == 403 else "invalid_token"
        asked.context["authorizer.error"] = str(problem)
        return refusal(problem.status, "Forbidden" if problem.status == 403 else "Unauthorized", (
            ("www-authenticate", f'Bearer scope="{" ".join(scopes)}" error="{kind}" error_description="{problem}"'),))
    asked.authorizer = {"jwt": tokens.told(token)}
    asked.context |= {f"authorizer.claims.{name}": value for name, value in asked.authorizer["jwt"]["claims"].items()}
    return None


async def _keys(call: Call, issuer: str, token: tokens.Token) -> bytes:
    """The issuer's keys: those that were read before, unless they are old or lack the one that is needed."""
    now = call.cloud.clock.wall()
    row = await call.run(_kept, issuer)
    if row is not None and now - row.at < (_KEYS_FOR if tokens.knows(row.keys, token) else _KEYS_AT_LEAST):
        return row.keys
    address = tokens.keys_address(await call.fetch(issuer.rstrip("/") + "/.well-known/openid-configuration"))
    keys = await call.fetch(address) if address else None
    if keys is None:
        raise tokens.Refused("the issuer's keys cannot be read")
    await call.run(_keep, IssuerKeys(issuer=issuer, keys=keys, at=now))
    return keys


def _kept(call: Call, issuer: str) -> IssuerKeys | None:
    return call.table(IssuerKeys).get(issuer)


def _keep(call: Call, row: IssuerKeys | Verdict) -> None:
    call.put(row)
    if isinstance(row, Verdict):
        for old in call.table(Verdict).scan(index="until", high=call.now, limit=100):
            call.table(Verdict).delete(old.api, old.stage, old.authorizer, old.source)


# --- functions ---


async def _function(call: Call, asked: Asked, guard: Authorizer) -> doors.Reply | None:
    source = asked.source()
    values = [mapping.look(one, source) for one in guard.IdentitySource]
    if any(not value for value in values):
        return refusal(401, "Unauthorized")
    key = sha256(json.dumps(values).encode()).digest()
    ttl = guard.AuthorizerResultTtlInSeconds or 0
    verdict = await call.run(_known, asked, guard, key) if ttl else None
    if verdict is None:
        try:
            verdict = await _verdict(call, asked, guard, [str(value) for value in values], key)
        except Failed as problem:
            asked.context["authorizer.error"] = str(problem)
            return refusal(401, "Unauthorized") if str(problem) == "Unauthorized" else refusal(500, "Internal Server Error")
        if ttl:
            verdict.until = call.now + ttl
            await call.run(_keep, verdict)
    may = verdict.allowed if verdict.simple else await call.run(allowed_by_policy, verdict.policy, asked.invoked)
    if not may:
        return refusal(403, "Forbidden")
    asked.authorizer = {"lambda": verdict.context | ({"principalId": verdict.principal} if verdict.principal else {})}
    asked.context |= {f"authorizer.{name}": value for name, value in asked.authorizer["lambda"].items()}
    return None


def _known(call: Call, asked: Asked, guard: Authorizer, key: bytes) -> Verdict | None:
    row = call.table(Verdict).get(asked.api.ApiId, asked.stage.StageName, guard.AuthorizerId, key)
    return row if row is not None and row.until > call.now and row.at > asked.stage.flushed else None


async def _verdict(call: Call, asked: Asked, guard: Authorizer, values: list[str], key: bytes) -> Verdict:
    """What the function says. Raises Failed when that is nothing that counts."""
    payload = await functions.ask(call, guard.AuthorizerUri or "", _event(asked, guard, values),
                                  f"arn:aws:execute-api:{asked.region}:{asked.account}:{asked.api.ApiId}/authorizers/"
                                  f"{guard.AuthorizerId}", guard.AuthorizerCredentialsArn, _SECONDS,
                                  asked.stage.StageVariables)
    row = Verdict(api=asked.api.ApiId, stage=asked.stage.StageName, authorizer=guard.AuthorizerId, source=key, until=0.0,
                  at=call.now)
    return judged(payload, row, bool(guard.EnableSimpleResponses))


def judged(payload: bytes, row: Verdict, simple: bool) -> Verdict:
    """A function's result as a verdict: `isAuthorized`, or a policy of whom it is."""
    try:
        said = json.loads(payload)
        row.context = {str(name): value for name, value in (said.get("context") or {}).items()}
        if simple:
            row.simple, row.allowed = True, said["isAuthorized"] is True
        else:
            row.principal, row.policy = str(said["principalId"]), json.dumps(said["policyDocument"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failed("The authorizer's result is no verdict") from None
    return row


def _event(asked: Asked, guard: Authorizer, values: list[str]) -> dict[str, Any]:
    arn = asked.invoked
    if asked.api.ProtocolType == "WEBSOCKET":
        first = events.first(asked)
        return {"type": "REQUEST", "methodArn": arn, **{name: first[name] for name in (
            "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "stageVariables",
            "requestContext")}}
    if guard.AuthorizerPayloadFormatVersion == "2.0":
        return {"version": "2.0", "type": "REQUEST", "routeArn": arn, "identitySource": values, **events.second(asked)}
    return {**events.first(asked), "type": "REQUEST", "methodArn": arn, "identitySource": ",".join(values),
            "authorizationToken": ",".join(values)}


def allowed_by_policy(call: Call, policy: str, arn: str) -> bool:
    """Does the policy that an authorizer gave allow the route?"""
    who = Principal("user", call.account, f"arn:aws:iam::{call.account}:user/authorizer", "authorizer",
                    f"arn:aws:iam::{call.account}:user/authorizer")
    return principals.simulate(call, who, [("authorizer", policy)], [], _INVOKE, arn).decision == "allowed"
