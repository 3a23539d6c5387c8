"""Developer portals as they are before they are published: publishing and previewing them answer 501."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, not_implemented, operation, parse_arn

from ..parts import LETTERS, bad
from ..resources import Portal
from . import products


def _found(call: Call, id: str) -> Portal:
    row = call.table(Portal).get(id)
    if row is None:
        raise error.NotFoundException("Invalid portal identifier specified")
    return row


def _shown(call: Call, row: Portal) -> dict[str, Any]:
    own = row.EndpointConfiguration.get("AcmManaged") or {}
    return {"PortalId": row.id, "PortalArn": f"arn:aws:apigateway:{call.region}:{call.account}:/portals/{row.id}",
            "Authorization": row.Authorization, "PortalContent": row.PortalContent, "LastModified": row.modified,
            "IncludedPortalProductArns": row.IncludedPortalProductArns, "RumAppMonitorName": row.RumAppMonitorName,
            "PublishStatus": "DISABLED", "Tags": row.tags, "EndpointConfiguration": {
                **own, "PortalDefaultDomainName": f"{row.id}.portal.{call.region}.amazonaws.com",
                "PortalDomainHostedZoneId": "Z1UJRXOUMOOFQ8"}}


def _checked(call: Call, row: Portal) -> Portal:
    if len(row.Authorization) != 1 or len(row.EndpointConfiguration) != 1:
        raise bad("Exactly one kind of authorization and of endpoint configuration must be specified")
    if "CognitoConfig" in row.Authorization:
        raise not_implemented("Authorization of a portal by Cognito")
    if own := row.EndpointConfiguration.get("AcmManaged"):
        call.aws.acm.describe_certificate(CertificateArn=own["CertificateArn"])
    for arn in row.IncludedPortalProductArns:
        parts = parse_arn(arn)
        if parts is None or not parts.resource.startswith("/portalproducts/"):
            raise bad(f"Invalid portal product ARN {arn}")
        products.found(call, parts.resource.rpartition("/")[2])
    return row


@operation
def create_portal(call: Call, Authorization: dict[str, Any], EndpointConfiguration: dict[str, Any],
                  PortalContent: dict[str, Any], IncludedPortalProductArns: Sequence[str] = (),
                  RumAppMonitorName: str | None = None, Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portals.html#CreatePortal"""
    row = Portal(id=call.token(10, LETTERS), Authorization=Authorization, EndpointConfiguration=EndpointConfiguration,
                 PortalContent=PortalContent, IncludedPortalProductArns=list(IncludedPortalProductArns),
                 RumAppMonitorName=RumAppMonitorName, tags=Tags or {}, modified=call.now)
    return _shown(call, call.put(_checked(call, row)))


@operation
def get_portal(call: Call, PortalId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portals-portalid.html#GetPortal"""
    return _shown(call, _found(call, PortalId))


@operation
def list_portals(call: Call, page: Page[Portal] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portals.html#ListPortals"""
    rows = page.cut(call.table(Portal).scan(after=page.after, limit=page.limit + 1), lambda row: row.id)
    return {"Items": [_shown(call, row) for row in rows]}


@operation
def update_portal(call: Call, PortalId: str, Authorization: dict[str, Any] | None = None,
                  EndpointConfiguration: dict[str, Any] | None = None, IncludedPortalProductArns: Sequence[str] | None = None,
                  PortalContent: dict[str, Any] | None = None, RumAppMonitorName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portals-portalid.html#UpdatePortal"""
    row = _found(call, PortalId)
    row.Authorization = Authorization or row.Authorization
    row.EndpointConfiguration = EndpointConfiguration or row.EndpointConfiguration
    row.PortalContent = PortalContent or row.PortalContent
    row.RumAppMonitorName = RumAppMonitorName or row.RumAppMonitorName
    if IncludedPortalProductArns is not None:
        row.IncludedPortalProductArns = list(IncludedPortalProductArns)
    row.modified = call.now
    return _shown(call, call.put(_checked(call, row)))


@operation
def delete_portal(call: Call, PortalId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/portals-portalid.html#DeletePortal"""
    _found(call, PortalId)
    call.table(Portal).delete(PortalId)
