"""Endpoints of platform applications: devices with a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import platforms
from ..messages import invalid
from ..pushes import application_at, endpoint_arn, endpoint_at, parts_of, tell
from ..resources import Application, Endpoint

_MOST_DATA = 2048
_FURTHER = ("UserId", "ChannelId")


@operation
def create_platform_endpoint(call: Call, PlatformApplicationArn: str, Token: str, CustomUserData: str | None = None,
                             Attributes: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html"""
    application = application_at(call, PlatformApplicationArn)
    given = {**({"CustomUserData": CustomUserData} if CustomUserData is not None else {}), **Attributes, "Token": Token}
    made = _changed(Endpoint(application=application.id, id=call.uuid(), Token=""), given)
    before = call.table(Endpoint).find("token", application.id, made.Token)
    if before is None:
        call.put(made)
        tell(call, application, "EventEndpointCreated", made)
        return {"EndpointArn": endpoint_arn(call, made)}
    arn = endpoint_arn(call, before)
    if (before.CustomUserData, before.Enabled, before.further) != (made.CustomUserData, made.Enabled, made.further):
        raise invalid(f"Token Reason: Endpoint {arn} already exists with the same Token, but different attributes.")
    return {"EndpointArn": arn}


def _changed(row: Endpoint, attributes: Mapping[str, str]) -> Endpoint:
    """The endpoint with these attributes set."""
    platform = row.application.partition("/")[0]
    for name, value in attributes.items():
        if name == "Token":
            row.Token = platforms.token_of(platform, value)
        elif name == "Enabled":
            if value.lower() not in ("true", "false"):
                raise invalid("Attributes Reason: Invalid value for attribute: Enabled")
            row.Enabled = value.lower() == "true"
        elif name == "CustomUserData":
            if len(value.encode()) > _MOST_DATA:
                raise invalid(f"CustomUserData Reason: must be at most {_MOST_DATA} bytes long in UTF-8 encoding")
            row.CustomUserData = value or None
        elif name in _FURTHER and platform == "BAIDU":
            row.further = {**row.further, name: value}
        else:
            raise invalid(f"Attributes Reason: Invalid attribute name: {name}")
    return row


def _told(row: Endpoint) -> dict[str, str]:
    told = {"Enabled": str(row.Enabled).lower(), "Token": row.Token, **row.further}
    return {**told, "CustomUserData": row.CustomUserData} if row.CustomUserData is not None else told


@operation
def get_endpoint_attributes(call: Call, EndpointArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetEndpointAttributes.html"""
    return {"Attributes": _told(endpoint_at(call, EndpointArn))}


@operation
def set_endpoint_attributes(call: Call, EndpointArn: str, Attributes: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetEndpointAttributes.html"""
    row = _changed(endpoint_at(call, EndpointArn), Attributes)
    other = call.table(Endpoint).find("token", row.application, row.Token)
    if other is not None and other.id != row.id:
        raise invalid(f"Token Reason: Endpoint {endpoint_arn(call, other)} already exists with the same Token, but different "
                      "attributes.")
    call.put(row)
    application = call.table(Application).get(row.application)
    if application is not None:
        tell(call, application, "EventEndpointUpdated", row)


@operation
def delete_endpoint(call: Call, EndpointArn: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_DeleteEndpoint.html"""
    account, name, number = parts_of(EndpointArn, "endpoint", "EndpointArn")
    row = call.table(Endpoint).get(name, number) if account == call.account else None
    if row is None:
        return
    call.table(Endpoint).delete(row.application, row.id)
    application = call.table(Application).get(row.application)
    if application is not None:
        tell(call, application, "EventEndpointDeleted", row)


@operation
def list_endpoints_by_platform_application(call: Call, PlatformApplicationArn: str,
                                           page: Page[Endpoint] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListEndpointsByPlatformApplication.html"""
    application = application_at(call, PlatformApplicationArn)
    rows = call.table(Endpoint).scan(application.id, after=page.after, limit=page.limit + 1)
    return {"Endpoints": [{"EndpointArn": endpoint_arn(call, row), "Attributes": _told(row)}
                          for row in page.cut(rows, lambda row: row.id)]}
