"""Domain names of the user's own, and which APIs they lead to.

Requests find them in the kernel's tables (`doors`), which REST APIs share: a mapping may lead to an API of either kind.
"""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, Page, doors, error, not_implemented, operation, parse_arn

from .. import resources
from ..parts import LETTERS, bad, change, conflict, listed, told
from ..resources import ApiMapping

_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+")
_KEY = re.compile(r"[A-Za-z0-9$\-._+!*'()]+(/[A-Za-z0-9$\-._+!*'()]+)*")
_MOST_MAPPINGS = 200


def shown(call: Call, row: resources.DomainName) -> dict[str, Any]:
    return {**told(row), "ApiMappingSelectionExpression": "$request.basepath", "DomainNameArn": call.arn(row), "Tags": row.tags}


def _configured(call: Call, row: resources.DomainName) -> resources.DomainName:
    """What AWS refuses of a domain name, and what it adds to one."""
    if row.MutualTlsAuthentication:
        raise not_implemented("Mutual TLS of a custom domain name")
    if not row.DomainNameConfigurations:
        raise bad("At least one domain name configuration is required")
    for said in row.DomainNameConfigurations:
        arn = parse_arn(str(said.get("CertificateArn", "")))
        if arn is None or arn.service != "acm":
            raise bad("Certificate ARN must be specified for the domain name configuration")
        if said.get("EndpointType") == "EDGE":
            raise bad("Edge-optimized endpoints are not supported for HTTP and WebSocket APIs")
        call.aws.acm.describe_certificate(CertificateArn=said["CertificateArn"])
        said.setdefault("EndpointType", "REGIONAL")
        said.setdefault("SecurityPolicy", "TLS_1_2")
        said.setdefault("IpAddressType", "ipv4")
        said.setdefault("ApiGatewayDomainName", f"d-{call.token(10, LETTERS)}.execute-api.{call.region}.amazonaws.com")
        said.setdefault("HostedZoneId", "Z1UJRXOUMOOFQ8")
        said["DomainNameStatus"] = "AVAILABLE"
    return row


@operation
def create_domain_name(call: Call, DomainName: str, DomainNameConfigurations: list[dict[str, Any]] | None = None,
                       MutualTlsAuthentication: dict[str, Any] | None = None, RoutingMode: str | None = None,
                       Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames.html#CreateDomainName"""
    if not _NAME.fullmatch(DomainName) or len(DomainName) > 512:
        raise bad("Invalid domain name specified. It must be a fully qualified domain name in lower case")
    if DomainName.startswith("*."):
        raise not_implemented("A wildcard custom domain name")
    row = _configured(call, change(resources.DomainName(DomainName=DomainName, created=call.now, tags=Tags or {}),
                                   DomainNameConfigurations=DomainNameConfigurations,
                                   MutualTlsAuthentication=MutualTlsAuthentication, RoutingMode=RoutingMode))
    if not doors.claim_domain(call, DomainName):
        raise conflict("The domain name you provided already exists.")
    _entered(call, row)
    return shown(call, row)


@operation
def get_domain_name(call: Call, DomainName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html#GetDomainName"""
    return shown(call, call.get(resources.DomainName, DomainName))


@operation
def get_domain_names(call: Call, page: Page[resources.DomainName] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames.html#GetDomainNames"""
    return {"Items": [shown(call, row) for row in listed(call, resources.DomainName, page, "DomainName")]}


@operation
def update_domain_name(call: Call, DomainName: str, DomainNameConfigurations: list[dict[str, Any]] | None = None,
                       MutualTlsAuthentication: dict[str, Any] | None = None,
                       RoutingMode: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html#UpdateDomainName"""
    before = call.get(resources.DomainName, DomainName)
    for said, old in zip(DomainNameConfigurations or (), before.DomainNameConfigurations or (), strict=False):
        said.setdefault("ApiGatewayDomainName", old["ApiGatewayDomainName"])
    row = _configured(call, change(before, DomainNameConfigurations=DomainNameConfigurations,
                                   MutualTlsAuthentication=MutualTlsAuthentication, RoutingMode=RoutingMode))
    _entered(call, row)
    return shown(call, row)


def _entered(call: Call, row: resources.DomainName) -> None:
    """Keep it, and how requests are led."""
    call.put(row)
    door = doors.owner(call, doors.DOMAIN, row.DomainName)
    assert door is not None
    door.mode = row.RoutingMode
    call.put(door)


@operation
def delete_domain_name(call: Call, DomainName: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html#DeleteDomainName"""
    call.get(resources.DomainName, DomainName)
    call.table(ApiMapping).delete_all(DomainName)
    call.table(resources.DomainName).delete(DomainName)
    doors.release(call, doors.DOMAIN, DomainName)


# --- mappings ---


def _mapping(row: ApiMapping) -> dict[str, Any]:
    return {name: value for name, value in told(row).items() if name != "DomainName"}


def own(call: Call, domain: str) -> None:
    """Is the domain name this account's here, made by either version of the API?"""
    door = doors.owner(call, doors.DOMAIN, domain)
    if door is None or (door.account, door.region) != (call.account, call.region):
        raise error.NotFoundException("Invalid domain name identifier specified")


def _placed(call: Call, row: ApiMapping) -> ApiMapping:
    """Put a mapping where requests find it; raises when its API or place is not free."""
    if row.ApiMappingKey and (not _KEY.fullmatch(row.ApiMappingKey) or len(row.ApiMappingKey) > 300):
        raise bad("API mapping key should not start with a '/' or have consecutive '/'s, and may contain only letters, numbers"
                  " and one of $-_.+!*'()")
    api = doors.owner(call, doors.API, row.ApiId)
    if api is None or (api.account, api.region) != (call.account, call.region):
        raise bad(f"Invalid API identifier specified {row.ApiId}")
    _stage_of(call, api.service, row)
    table = call.table(doors.Mapping)
    there = table.get(row.DomainName, row.ApiMappingKey)
    if there is not None and there.id != row.ApiMappingId:
        raise conflict("ApiMapping key already exists for this domain name")
    table.put(doors.Mapping(domain=row.DomainName, path=row.ApiMappingKey, api=row.ApiId, stage=row.Stage, account=call.account,
                            region=call.region, id=row.ApiMappingId))
    return call.put(row)


def _stage_of(call: Call, service: str, row: ApiMapping) -> None:
    """Raises when the API has no such stage."""
    if service == "apigateway":
        call.aws.apigateway.get_stage(restApiId=row.ApiId, stageName=row.Stage)
    else:
        call.aws.apigatewayv2.get_stage(ApiId=row.ApiId, StageName=row.Stage)


@operation
def create_api_mapping(call: Call, ApiId: str, DomainName: str, Stage: str, ApiMappingKey: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings.html#CreateApiMapping"""
    own(call, DomainName)
    if len(call.table(ApiMapping).scan(DomainName)) >= _MOST_MAPPINGS:
        raise bad("Maximum number of API mappings for this domain name has been reached")
    return _mapping(_placed(call, ApiMapping(DomainName=DomainName, ApiMappingId=call.token(6, LETTERS), ApiId=ApiId,
                                             Stage=Stage, ApiMappingKey=ApiMappingKey, created=call.now)))


@operation
def get_api_mapping(call: Call, ApiMappingId: str, DomainName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings-apimappingid.html#GetApiMapping"""
    own(call, DomainName)
    return _mapping(call.get(ApiMapping, DomainName, ApiMappingId))


@operation
def get_api_mappings(call: Call, DomainName: str, MaxResults: str = "100", NextToken: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings.html#GetApiMappings"""
    own(call, DomainName)
    limit = min(int(MaxResults) if MaxResults.isdigit() else 100, 100)
    rows = call.table(ApiMapping).scan(DomainName, after=NextToken or None, limit=limit + 1)
    return {"Items": [_mapping(row) for row in rows[:limit]],
            "NextToken": rows[limit - 1].ApiMappingId if len(rows) > limit else None}


@operation
def update_api_mapping(call: Call, ApiMappingId: str, DomainName: str, ApiId: str | None = None,
                       ApiMappingKey: str | None = None, Stage: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings-apimappingid.html#UpdateApiMapping"""
    own(call, DomainName)
    before = call.get(ApiMapping, DomainName, ApiMappingId)
    row = change(before, ApiId=ApiId, ApiMappingKey=ApiMappingKey, Stage=Stage)
    if row.ApiMappingKey != before.ApiMappingKey:
        call.table(doors.Mapping).delete(DomainName, before.ApiMappingKey)
    return _mapping(_placed(call, row))


@operation
def delete_api_mapping(call: Call, ApiMappingId: str, DomainName: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings-apimappingid.html#DeleteApiMapping"""
    own(call, DomainName)
    row = call.get(ApiMapping, DomainName, ApiMappingId)
    call.table(doors.Mapping).delete(DomainName, row.ApiMappingKey)
    call.table(ApiMapping).delete(DomainName, ApiMappingId)
