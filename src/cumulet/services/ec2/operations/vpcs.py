"""VPCs, and what each has from birth: a main route table, a default network ACL, a default security group."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..addresses import in_size, network
from ..endpoints import gateways, service_of
from ..filters import flag, matches
from ..resources import NetworkAcl, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint
from ..tagging import listed, specified
from .security_groups import create_default_group


@operation
def create_vpc(call: Call, CidrBlock: str | None = None, InstanceTenancy: str = "default",
               AmazonProvidedIpv6CidrBlock: bool = False,
               TagSpecifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html"""
    if CidrBlock is None:
        raise error.MissingParameter("The request must contain the parameter CidrBlock")
    net = network(CidrBlock)
    if net is None:
        raise error.InvalidParameterValue(f"Value ({CidrBlock}) for parameter cidrBlock is invalid. This is not a valid"
                                          " CIDR block.")
    if not in_size(net):
        raise error.named("InvalidVpc.Range", f"The CIDR '{CidrBlock}' is invalid.")
    if AmazonProvidedIpv6CidrBlock:
        raise error.NotImplemented("CreateVpc does not honour AmazonProvidedIpv6CidrBlock yet.", 501)
    vpc = Vpc(VpcId=call.token(17, prefix="vpc-"), CidrBlock=str(net), InstanceTenancy=InstanceTenancy, created=call.now,
              cidr_association=call.token(17, prefix="vpc-cidr-assoc-"), dhcp_options="default",
              tags=specified(TagSpecifications, "vpc"))
    call.put(vpc)
    call.put(NetworkAcl(NetworkAclId=call.token(17, prefix="acl-"), VpcId=vpc.VpcId, created=call.now))
    call.put(RouteTable(RouteTableId=call.token(17, prefix="rtb-"), VpcId=vpc.VpcId, created=call.now,
                        association=call.token(17, prefix="rtbassoc-")))
    create_default_group(call, vpc.VpcId)
    return {"Vpc": _shown(call, vpc) | {"State": "pending"}}


def _shown(call: Call, vpc: Vpc) -> dict[str, Any]:
    return {"VpcId": vpc.VpcId, "OwnerId": call.account, "CidrBlock": vpc.CidrBlock, "State": "available", "IsDefault": False,
            "InstanceTenancy": vpc.InstanceTenancy, "DhcpOptionsId": vpc.dhcp_options, "Tags": listed(vpc.tags),
            "Ipv6CidrBlockAssociationSet": [],
            "CidrBlockAssociationSet": [{"AssociationId": vpc.cidr_association, "CidrBlock": vpc.CidrBlock,
                                         "CidrBlockState": {"State": "associated"}}]}


@operation
def describe_vpcs(call: Call, VpcIds: list[str] | None = None, Filters: list[dict[str, Any]] | None = None,
                  page: Page[Vpc] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html"""
    rows = [call.get(Vpc, i) for i in VpcIds] if VpcIds else call.table(Vpc).scan(after=page.after)
    found = [v for v in rows if matches(Filters, {
        "vpc-id": v.VpcId, "cidr": v.CidrBlock, "cidr-block-association.cidr-block": v.CidrBlock,
        "cidr-block-association.association-id": v.cidr_association, "cidr-block-association.state": "associated",
        "is-default": "false", "isDefault": "false", "owner-id": call.account, "state": "available",
        "dhcp-options-id": v.dhcp_options}, v.tags)]
    return {"Vpcs": [_shown(call, v) for v in page.cut(found, lambda v: v.VpcId)]}


@operation
def describe_vpc_attribute(call: Call, VpcId: str, Attribute: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html"""
    vpc = call.get(Vpc, VpcId)
    values = {"enableDnsSupport": ("EnableDnsSupport", vpc.EnableDnsSupport),
              "enableDnsHostnames": ("EnableDnsHostnames", vpc.EnableDnsHostnames),
              "enableNetworkAddressUsageMetrics": ("EnableNetworkAddressUsageMetrics", vpc.address_metrics)}
    if Attribute not in values:
        raise error.InvalidParameterValue(f"Value ({Attribute}) for parameter attribute is invalid.")
    name, value = values[Attribute]
    return {"VpcId": VpcId, name: {"Value": value}}


@operation
def modify_vpc_attribute(call: Call, VpcId: str, EnableDnsSupport: dict[str, bool] | None = None,
                         EnableDnsHostnames: dict[str, bool] | None = None,
                         EnableNetworkAddressUsageMetrics: dict[str, bool] | None = None) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html"""
    given = {"EnableDnsSupport": EnableDnsSupport, "EnableDnsHostnames": EnableDnsHostnames,
             "address_metrics": EnableNetworkAddressUsageMetrics}
    changes = {name: bool(value.get("Value")) for name, value in given.items() if value is not None}
    if not changes:
        raise error.MissingParameter("The request must contain at least one attribute to modify")
    if len(changes) > 1:
        raise error.InvalidParameterCombination("Only one attribute may be modified at a time")
    call.get(Vpc, VpcId)
    call.table(Vpc).change(VpcId, **changes)


@operation
def delete_vpc(call: Call, VpcId: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html"""
    call.get(Vpc, VpcId)
    groups = call.table(SecurityGroup).scan(VpcId, index="name")
    if any(call.table(kind).count(VpcId, index="vpc") for kind in (Subnet, VpcEndpoint)) \
            or any(g.GroupName != "default" for g in groups):
        raise error.DependencyViolation(f"The vpc '{VpcId}' has dependencies and cannot be deleted.")
    for group in groups:
        call.table(SecurityGroupRule).delete_all(group.GroupId, index="group")
        call.table(SecurityGroup).delete(group.GroupId)
    call.table(NetworkAcl).delete_all(VpcId, index="vpc")
    call.table(RouteTable).delete_all(VpcId, index="vpc")
    call.table(Vpc).delete(VpcId)


@operation
def describe_network_acls(call: Call, NetworkAclIds: list[str] | None = None, Filters: list[dict[str, Any]] | None = None,
                          page: Page[NetworkAcl] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html"""
    table = call.table(NetworkAcl)
    rows = [call.get(NetworkAcl, i) for i in NetworkAclIds] if NetworkAclIds else table.scan(after=page.after)
    found = [a for a in rows if matches(Filters, {
        "network-acl-id": a.NetworkAclId, "vpc-id": a.VpcId, "default": flag(True), "owner-id": call.account,
        "association.subnet-id": [s.SubnetId for s in call.table(Subnet).scan(a.VpcId, index="vpc")]}, a.tags)]
    return {"NetworkAcls": [_acl(call, a) for a in page.cut(found, lambda a: a.NetworkAclId)]}


def _acl(call: Call, acl: NetworkAcl) -> dict[str, Any]:
    rule = {"CidrBlock": "0.0.0.0/0", "Protocol": "-1"}
    return {"NetworkAclId": acl.NetworkAclId, "VpcId": acl.VpcId, "IsDefault": True, "OwnerId": call.account,
            "Tags": listed(acl.tags),
            "Entries": [rule | {"Egress": egress, "RuleAction": action, "RuleNumber": number} for egress in (True, False)
                        for action, number in (("allow", 100), ("deny", 32767))],
            "Associations": [{"NetworkAclAssociationId": "aclassoc-" + s.SubnetId.removeprefix("subnet-"),
                              "NetworkAclId": acl.NetworkAclId, "SubnetId": s.SubnetId}
                             for s in call.table(Subnet).scan(acl.VpcId, index="vpc")]}


@operation
def describe_route_tables(call: Call, RouteTableIds: list[str] | None = None, Filters: list[dict[str, Any]] | None = None,
                          page: Page[RouteTable] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html"""
    table = call.table(RouteTable)
    rows = [call.get(RouteTable, i) for i in RouteTableIds] if RouteTableIds else table.scan(after=page.after)
    found = [t for t in rows if matches(Filters, {
        "route-table-id": t.RouteTableId, "vpc-id": t.VpcId, "owner-id": call.account, "association.main": flag(True),
        "association.route-table-association-id": t.association, "association.route-table-id": t.RouteTableId,
        "association.subnet-id": [], "route.gateway-id": ["local", *(e.VpcEndpointId for e in gateways(call, t))]}, t.tags)]
    return {"RouteTables": [_routes(call, t) for t in page.cut(found, lambda t: t.RouteTableId)]}


def _routes(call: Call, table: RouteTable) -> dict[str, Any]:
    vpc = call.get(Vpc, table.VpcId)
    return {"RouteTableId": table.RouteTableId, "VpcId": table.VpcId, "OwnerId": call.account, "Tags": listed(table.tags),
            "PropagatingVgws": [],
            "Routes": [{"DestinationCidrBlock": vpc.CidrBlock, "GatewayId": "local", "Origin": "CreateRouteTable",
                        "State": "active"},
                       *({"DestinationPrefixListId": service_of(call, e.ServiceName).prefix_list, "GatewayId": e.VpcEndpointId,
                          "Origin": "CreateRoute", "State": "active"} for e in gateways(call, table))],
            "Associations": [{"Main": True, "RouteTableAssociationId": table.association, "RouteTableId": table.RouteTableId,
                              "AssociationState": {"State": "associated"}}]}
