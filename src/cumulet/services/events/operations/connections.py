"""Connections: how EventBridge signs in at an API. Their secrets lie sealed, and are never told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Conflict, error, not_implemented, operation

from ..apis import context
from ..envelopes import compact
from ..names import absent, invalid, page_of
from ..resources import Connection

_PART = {"BASIC": "BasicAuthParameters", "OAUTH_CLIENT_CREDENTIALS": "OAuthParameters", "API_KEY": "ApiKeyAuthParameters"}
_HIDDEN = {"Password", "ClientSecret", "ApiKeyValue"}


def _check(kind: str, said: Mapping[str, Any]) -> None:
    if "ConnectivityParameters" in said:
        raise not_implemented("events: connections to private APIs")
    if wrong := [part for each, part in _PART.items() if part in said and each != kind]:
        raise invalid(f"Parameter {wrong[0]} is not valid. Reason: the authorization type is {kind}.")
    if _PART[kind] not in said:
        raise invalid(f"Parameter AuthParameters is not valid. Reason: {_PART[kind]} must be there.")


def _shown(said: Any) -> Any:
    """What is told of parameters: all but what is secret."""
    if isinstance(said, list):
        return [_shown(each) for each in said]
    if not isinstance(said, dict):
        return said
    if said.get("IsValueSecret"):
        said = {name: value for name, value in said.items() if name != "Value"}
    return {name: _shown(value) for name, value in said.items() if name not in _HIDDEN}


def _state(kind: str) -> str:
    """OAuth signs in with the first event."""
    return "AUTHORIZING" if kind == "OAUTH_CLIENT_CREDENTIALS" else "AUTHORIZED"


@operation
def create_connection(call: Call, Name: str, AuthorizationType: str, AuthParameters: dict[str, Any],
                      Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html"""
    _check(AuthorizationType, AuthParameters)
    row = Connection(Name=Name, AuthorizationType=AuthorizationType, AuthParameters=_shown(AuthParameters),
                     Description=Description, id=call.uuid(), state=_state(AuthorizationType), created=call.now,
                     modified=call.now, authorized=call.now)
    row.secret = call.seal(compact(AuthParameters).encode(), context(row))
    try:
        call.table(Connection).insert(row)
    except Conflict:
        raise error.ResourceAlreadyExistsException(f"Connection {Name} already exists.") from None
    return _brief(call, row)


def _brief(call: Call, row: Connection) -> dict[str, Any]:
    return {"ConnectionArn": call.arn(row), "ConnectionState": row.state, "CreationTime": row.created,
            "LastModifiedTime": row.modified, "LastAuthorizedTime": row.authorized or None}


def _connection(call: Call, name: str) -> Connection:
    row = call.table(Connection).get(name)
    if row is None:
        raise absent(f"Failed to describe the connection(s). Connection '{name}' does not exist.")
    return row


@operation
def update_connection(call: Call, Name: str, Description: str | None = None, AuthorizationType: str | None = None,
                      AuthParameters: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateConnection.html"""
    row = _connection(call, Name)
    row.Description = Description if Description is not None else row.Description
    kind = AuthorizationType or row.AuthorizationType
    if AuthParameters is not None or kind != row.AuthorizationType:
        before = json.loads(call.unseal(row.secret, context(row)))
        kept = {name: value for name, value in before.items() if name in ("InvocationHttpParameters", _PART[kind])}
        said = _merged(kept, AuthParameters or {})
        _check(kind, said)
        row.AuthorizationType, row.AuthParameters, row.state = kind, _shown(said), _state(kind)
        row.secret = call.seal(compact(said).encode(), context(row))
        row.token, row.until = b"", 0.0
    row.modified = row.authorized = call.now
    call.put(row)
    return _brief(call, row)


def _merged(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What is said anew, above what was said before."""
    return {**old, **{name: _merged(old[name], value) if isinstance(value, dict) and isinstance(old.get(name), dict) else value
                      for name, value in new.items()}}


@operation
def delete_connection(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteConnection.html"""
    row = _connection(call, Name)
    call.table(Connection).delete(Name)
    return {**_brief(call, row), "ConnectionState": "DELETING"}


@operation
def deauthorize_connection(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeauthorizeConnection.html"""
    row = _connection(call, Name)
    row.state, row.token, row.until, row.modified = "DEAUTHORIZED", b"", 0.0, call.now
    row.secret = call.seal(b"{}", context(row))
    call.put(row)
    return {**_brief(call, row), "ConnectionState": "DEAUTHORIZING"}


@operation
def describe_connection(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeConnection.html"""
    row = _connection(call, Name)
    return {**_brief(call, row), "Name": row.Name, "Description": row.Description, "AuthorizationType": row.AuthorizationType,
            "AuthParameters": row.AuthParameters}


@operation
def list_connections(call: Call, NamePrefix: str = "", ConnectionState: str | None = None, NextToken: str | None = None,
                     Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListConnections.html"""
    rows = [row for row in call.table(Connection).scan() if row.Name.startswith(NamePrefix)
            and ConnectionState in (None, row.state)]
    found, token = page_of(rows, lambda row: row.Name, NextToken, Limit)
    return {"Connections": [{**_brief(call, row), "Name": row.Name, "AuthorizationType": row.AuthorizationType}
                            for row in found], "NextToken": token}
