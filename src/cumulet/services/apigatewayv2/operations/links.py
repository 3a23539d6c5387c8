"""VPC links, and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from ..parts import LETTERS, bad, change, told
from ..resources import Api, DomainName, Portal, Product, Stage, VpcLink

_MOST_TAGS = 50


def shown(row: VpcLink) -> dict[str, Any]:
    return {**told(row), "CreatedDate": row.created, "Tags": row.tags, "VpcLinkStatus": "AVAILABLE",
            "VpcLinkStatusMessage": "VPC link is ready to route traffic", "VpcLinkVersion": "V2"}


@operation
def create_vpc_link(call: Call, Name: str, SubnetIds: Sequence[str], SecurityGroupIds: Sequence[str] = (),
                    Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks.html#CreateVpcLink"""
    if not SubnetIds:
        raise bad("At least one subnet ID is required")
    row = VpcLink(VpcLinkId=call.token(6, LETTERS), Name=Name, SubnetIds=list(SubnetIds),
                  SecurityGroupIds=list(SecurityGroupIds), tags=Tags or {}, created=call.now)
    call.put(row)
    return shown(row)


@operation
def get_vpc_link(call: Call, VpcLinkId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks-vpclinkid.html#GetVpcLink"""
    return shown(call.get(VpcLink, VpcLinkId))


@operation
def get_vpc_links(call: Call, MaxResults: str = "100", NextToken: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks.html#GetVpcLinks"""
    limit = min(int(MaxResults) if MaxResults.isdigit() else 100, 100)
    rows = call.table(VpcLink).scan(after=NextToken or None, limit=limit + 1)
    return {"Items": [shown(row) for row in rows[:limit]],
            "NextToken": rows[limit - 1].VpcLinkId if len(rows) > limit else None}


@operation
def update_vpc_link(call: Call, VpcLinkId: str, Name: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks-vpclinkid.html#UpdateVpcLink"""
    row = change(call.get(VpcLink, VpcLinkId), Name=Name)
    call.put(row)
    return shown(row)


@operation
def delete_vpc_link(call: Call, VpcLinkId: str) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks-vpclinkid.html#DeleteVpcLink"""
    call.get(VpcLink, VpcLinkId)
    call.table(VpcLink).delete(VpcLinkId)


# --- tags ---


def _tagged(call: Call, text: str) -> Api | Stage | DomainName | VpcLink | Product | Portal:
    """What has tags under an ARN: `arn:aws:apigateway:us-east-1::/apis/ID/stages/NAME`."""
    arn = parse_arn(text)
    parts = arn.resource.strip("/").split("/") if arn is not None and arn.service == "apigateway" else []
    if parts[:1] == ["apis"] and len(parts) == 2:
        return call.get(Api, parts[1])
    if parts[:1] == ["apis"] and len(parts) == 4 and parts[2] == "stages":
        return call.get(Stage, parts[1], parts[3])
    if parts[:1] == ["domainnames"] and len(parts) == 2:
        return call.get(DomainName, parts[1])
    if parts[:1] == ["vpclinks"] and len(parts) == 2:
        return call.get(VpcLink, parts[1])
    row: Product | Portal | None = None
    if parts[:1] == ["portalproducts"] and len(parts) == 2:
        row = call.table(Product).get(parts[1])
    elif parts[:1] == ["portals"] and len(parts) == 2:
        row = call.table(Portal).get(parts[1])
    if row is None:
        raise error.NotFoundException("Invalid resource ARN specified")
    return row


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html#TagResource"""
    row = _tagged(call, ResourceArn)
    tags = {**row.tags, **(Tags or {})}
    if len(tags) > _MOST_TAGS:
        raise bad("A resource can have at most 50 tags")
    if any(name.startswith("aws:") for name in Tags or {}):
        raise bad("Tag keys must not begin with aws:")
    row.tags = tags
    call.put(row)
    return {}


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html#UntagResource"""
    row = _tagged(call, ResourceArn)
    row.tags = {name: value for name, value in row.tags.items() if name not in TagKeys}
    call.put(row)


@operation
def get_tags(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html#GetTags"""
    return {"Tags": _tagged(call, ResourceArn).tags}
