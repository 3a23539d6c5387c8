"""EC2's resources in policies: ids tell their kind, and tags that are given at creation need a permission of their own.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, principals

from .addresses import zones
from .endpoint_services import find
from .endpoints import policy_of
from .resources import EndpointPlace, Subnet, Vpc, VpcEndpoint

# What ids begin with → the word in ARNs.
_KINDS = {
    "acl": "network-acl", "ami": "image", "cgw": "customer-gateway", "dopt": "dhcp-options", "eigw":
    "egress-only-internet-gateway", "eipalloc": "elastic-ip", "eni": "network-interface", "fl": "vpc-flow-log", "i": "instance",
    "igw": "internet-gateway", "key": "key-pair", "lt": "launch-template", "nat": "natgateway", "pcx": "vpc-peering-connection",
    "pl": "prefix-list", "rtb": "route-table", "sg": "security-group", "sgr": "security-group-rule", "snap": "snapshot",
    "subnet": "subnet", "tgw": "transit-gateway", "vgw": "vpn-gateway", "vol": "volume", "vpc": "vpc", "vpce": "vpc-endpoint"}
_OF_NOBODY = ("image", "snapshot")             # their ARNs name no account


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Tags are put on what the ids name."""
    if call.operation in ("CreateTags", "DeleteTags"):
        return [("", _arn(call, _KINDS.get(str(id).partition("-")[0], "*"), str(id))) for id in members.get("Resources") or ()]
    return None


def further(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Tags at creation."""
    given = [said for said in members.get("TagSpecifications") or () if said.get("Tags")]
    return [("ec2:CreateTags", _arn(call, str(said.get("ResourceType", "*")), "*")) for said in given]


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html"""
    found = {"ec2:region": call.region}
    if members.get("TagSpecifications"):
        found["ec2:createaction"] = call.operation
    if members.get("VpcId"):
        found["ec2:vpc"] = _arn(call, "vpc", str(members["VpcId"]))
    return found


def endpoint(call: Call, id: str) -> principals.Endpoint | None:
    """A VPC endpoint that requests may come by, as the decision about them needs it."""
    there, row = _endpoint(call, id)
    service = find(row.ServiceName, there.region, call.cloud.catalog.apis) if row is not None else None
    if row is None or service is None:
        return None
    return principals.Endpoint(id, row.VpcId, there.account, there.region, row.ServiceName, service.models, policy_of(row))


def ways(call: Call, id: str, zone: str) -> list[frozenset[str]]:
    """The interfaces of an endpoint, in one zone or in all; a gateway has none, and is a way itself."""
    there, row = _endpoint(call, id)
    if row is None:
        return []
    subnets = [there.get(Subnet, subnet) for subnet in row.SubnetIds]
    found = [frozenset((id, subnet.SubnetId, zone_id(subnet.AvailabilityZone))) for subnet in subnets
             if zone in ("", subnet.AvailabilityZone)]
    return found or [frozenset((id,))]


def zone_id(name: str) -> str:
    """`us-east-1a` → `use1-az1`; "" for a zone that is not there."""
    return dict(zones(name[:-1])).get(name, "")


def _endpoint(call: Call, id: str) -> tuple[Call, VpcEndpoint | None]:
    """An endpoint, and where it is."""
    place = call.table(EndpointPlace).get(id)
    if place is None:
        return call, None
    there = call.elsewhere(place.account, place.region)
    return there, there.table(VpcEndpoint).get(id)


def _arn(call: Call, word: str, id: str) -> str:
    partition = call.arn(Vpc(VpcId="", CidrBlock="")).split(":")[1]
    return f"arn:{partition}:ec2:{call.region}:{'' if word in _OF_NOBODY else call.account}:{word}/{id}"
