"""API destinations: the request that an event becomes, and how its connection signs in."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from cumulet.kernel import AwsError, Call, error

from .envelopes import compact
from .resources import ApiDestination, Connection

_SECONDS = 5.0
_EARLY = 60.0                          # a token is renewed before it ends
_RENEW = (401, 407)


class Answered(Protocol):
    """What a server answered; status 0 when none did."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def text(self) -> str: ...


class Plan(NamedTuple):
    """All that a request needs, read in one transaction."""

    address: ApiDestination
    connection: Connection
    secret: dict[str, Any]
    token: str


def context(row: Connection) -> bytes:
    """What a connection's secrets are sealed for."""
    return f"events:connection:{row.Name}:{row.id}".encode()


def plan(call: Call, arn: str) -> Plan:
    """Read destination, connection and its secrets."""
    address = call.get(ApiDestination, arn.split("/")[1])
    connection = call.get(Connection, address.ConnectionArn.split("/")[1])
    if connection.state not in ("AUTHORIZED", "ACTIVE", "AUTHORIZING"):
        raise error.AccessDeniedException(f"The connection {connection.Name} is {connection.state}.", status=400)
    secret = json.loads(call.unseal(connection.secret, context(connection)))
    token = ""
    if connection.token and connection.until > call.now + _EARLY:
        token = call.unseal(connection.token, context(connection)).decode()
    return Plan(address, connection, secret, token)


async def post(call: Call, said: Mapping[str, Any], payload: str) -> Answered:
    """Send it; sign in anew when the token is no longer good."""
    found = await call.run(plan, said["Arn"])
    oauth = found.connection.AuthorizationType == "OAUTH_CLIENT_CREDENTIALS"
    if oauth and not found.token:
        found = found._replace(token=await sign_in(call, found))
    answer = await _ask(call, found, said, payload)
    if oauth and answer.status in _RENEW:
        found = found._replace(token=await sign_in(call, found))
        answer = await _ask(call, found, said, payload)
    return answer


async def _ask(call: Call, found: Plan, said: Mapping[str, Any], payload: str) -> Answered:
    url, headers, body = request(found, said.get("HttpParameters") or {}, payload)
    return await call.send(url, body, headers, _SECONDS, found.address.HttpMethod)


def request(found: Plan, more: Mapping[str, Any], payload: str) -> tuple[str, dict[str, str], bytes]:
    """Address, headers and body. What the connection adds counts more than what the target adds."""
    url = found.address.InvocationEndpoint
    for value in more.get("PathParameterValues") or ():
        url = url.replace("*", quote(value, safe=""), 1)
    fixed = _fixed(found)
    queries = {**(more.get("QueryStringParameters") or {}), **fixed["QueryStringParameters"]}
    if queries:
        url += ("&" if "?" in url else "?") + urlencode(queries)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Amazon/EventBridge/ApiDestinations",
               **(more.get("HeaderParameters") or {}), **fixed["HeaderParameters"], **_credentials(found)}
    return url, headers, _body(payload, fixed["BodyParameters"]).encode()


def _fixed(found: Plan) -> dict[str, dict[str, str]]:
    """The parameters that the connection adds to every request."""
    given = found.secret.get("InvocationHttpParameters") or {}
    return {name: {each["Key"]: each.get("Value", "") for each in given.get(name) or ()}
            for name in ("HeaderParameters", "QueryStringParameters", "BodyParameters")}


def _body(payload: str, more: Mapping[str, str]) -> str:
    if not more:
        return payload
    try:
        whole = json.loads(payload)
    except ValueError:
        return payload
    return compact({**whole, **more}) if isinstance(whole, dict) else payload


def _credentials(found: Plan) -> dict[str, str]:
    kind, secret = found.connection.AuthorizationType, found.secret
    if kind == "BASIC":
        given = secret["BasicAuthParameters"]
        pair = f"{given['Username']}:{given['Password']}".encode()
        return {"Authorization": "Basic " + b64encode(pair).decode()}
    if kind == "API_KEY":
        given = secret["ApiKeyAuthParameters"]
        return {given["ApiKeyName"]: given["ApiKeyValue"]}
    return {"Authorization": f"Bearer {found.token}"}


async def sign_in(call: Call, found: Plan) -> str:
    """Ask the authorization server for a token, with the client's credentials."""
    given = found.secret["OAuthParameters"]
    client, more = given["ClientParameters"], given.get("OAuthHttpParameters") or {}
    form = {"grant_type": "client_credentials", "client_id": client["ClientID"], "client_secret": client["ClientSecret"],
            **{each["Key"]: each.get("Value", "") for each in more.get("BodyParameters") or ()}}
    queries = {each["Key"]: each.get("Value", "") for each in more.get("QueryStringParameters") or ()}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
               **{each["Key"]: each.get("Value", "") for each in more.get("HeaderParameters") or ()}}
    url, body = given["AuthorizationEndpoint"], urlencode(form).encode()
    if given["HttpMethod"] == "GET":
        queries, body = {**form, **queries}, b""
    if queries:
        url += ("&" if "?" in url else "?") + urlencode(queries)
    answer = await call.send(url, body, headers, _SECONDS, given["HttpMethod"])
    if answer.status == 0 or answer.status >= 500:
        raise AwsError("ServiceUnavailable", f"The authorization server cannot be reached: {answer.text or answer.status}", 503)
    try:
        told = json.loads(answer.body)
        token, lasts = str(told["access_token"]), float(told.get("expires_in", 3600))
    except (ValueError, KeyError, TypeError):
        raise AwsError("AccessDenied", "The authorization server gave no token.", 400) from None
    await call.run(_keep, found.connection.Name, token, lasts)
    return token


def _keep(call: Call, name: str, token: str, lasts: float) -> None:
    row = call.table(Connection).get(name)
    if row is not None:
        row.token, row.until = call.seal(token.encode(), context(row)), call.now + lasts
        row.state, row.authorized = "AUTHORIZED", call.now
        call.put(row)
