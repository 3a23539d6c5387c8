"""Subnets, availability zones, and the network interfaces in them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, not_implemented, operation

from ..addresses import Network, free_addresses, in_size, network, zones
from ..filters import flag, matches
from ..resources import Subnet, Vpc, VpcEndpoint
from ..tagging import listed, specified


@operation
def create_subnet(call: Call, VpcId: str, CidrBlock: str | None = None, AvailabilityZone: str | None = None,
                  AvailabilityZoneId: str | None = None,
                  TagSpecifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html"""
    if CidrBlock is None:
        raise error.MissingParameter("Either 'cidrBlock' or 'ipv6CidrBlock' should be provided.")
    vpc = call.get(Vpc, VpcId)
    net = network(CidrBlock)
    if net is None:
        raise error.InvalidParameterValue(f"Value ({CidrBlock}) for parameter cidrBlock is invalid. This is not a valid"
                                          " CIDR block.")
    if not in_size(net) or not net.subnet_of(Network(vpc.CidrBlock)):
        raise error.named("InvalidSubnet.Range", f"The CIDR '{CidrBlock}' is invalid.")
    if any(net.overlaps(Network(s.CidrBlock)) for s in call.table(Subnet).scan(VpcId, index="vpc")):
        raise error.named("InvalidSubnet.Conflict", f"The CIDR '{CidrBlock}' conflicts with another subnet")
    zone = _zone(call, AvailabilityZone, AvailabilityZoneId)
    subnet = Subnet(SubnetId=call.token(17, prefix="subnet-"), VpcId=VpcId, CidrBlock=str(net), AvailabilityZone=zone,
                    created=call.now, tags=specified(TagSpecifications, "subnet"))
    call.put(subnet)
    return {"Subnet": _shown(call, subnet)}


def _zone(call: Call, name: str | None, identifier: str | None) -> str:
    """The zone asked for by name or id; the first one when none is."""
    if name and identifier:
        raise error.InvalidParameterCombination("The parameters availabilityZone and availabilityZoneId cannot both be"
                                                " specified.")
    known = zones(call.region)
    if name is None and identifier is None:
        return known[0][0]
    for zone, zone_id in known:
        if name == zone or identifier == zone_id:
            return zone
    wrong = name or identifier
    raise error.InvalidParameterValue(f"Value ({wrong}) for parameter availabilityZone is invalid. Subnets can currently only"
                                      f" be created in the following availability zones: {', '.join(z for z, _ in known)}.")


def _shown(call: Call, subnet: Subnet) -> dict[str, Any]:
    return {"SubnetId": subnet.SubnetId, "SubnetArn": call.arn(subnet), "VpcId": subnet.VpcId, "OwnerId": call.account,
            "CidrBlock": subnet.CidrBlock, "State": "available", "AvailabilityZone": subnet.AvailabilityZone,
            "AvailabilityZoneId": dict(zones(call.region))[subnet.AvailabilityZone],
            "AvailableIpAddressCount": free_addresses(Network(subnet.CidrBlock)), "DefaultForAz": False,
            "MapPublicIpOnLaunch": subnet.MapPublicIpOnLaunch, "AssignIpv6AddressOnCreation": False, "EnableDns64": False,
            "Ipv6Native": False, "Ipv6CidrBlockAssociationSet": [], "MapCustomerOwnedIpOnLaunch": False,
            "PrivateDnsNameOptionsOnLaunch": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": False,
                                              "EnableResourceNameDnsAAAARecord": False}, "Tags": listed(subnet.tags)}


@operation
def describe_subnets(call: Call, SubnetIds: list[str] | None = None, Filters: list[dict[str, Any]] | None = None,
                     page: Page[Subnet] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html"""
    rows = [call.get(Subnet, i) for i in SubnetIds] if SubnetIds else call.table(Subnet).scan(after=page.after)
    ids = dict(zones(call.region))
    found = [s for s in rows if matches(Filters, {
        "subnet-id": s.SubnetId, "subnet-arn": call.arn(s), "vpc-id": s.VpcId, "cidr-block": s.CidrBlock, "cidr": s.CidrBlock,
        "cidrBlock": s.CidrBlock, "availability-zone": s.AvailabilityZone, "availabilityZone": s.AvailabilityZone,
        "availability-zone-id": ids[s.AvailabilityZone], "default-for-az": "false", "defaultForAz": "false",
        "map-public-ip-on-launch": flag(s.MapPublicIpOnLaunch), "owner-id": call.account, "state": "available",
        "available-ip-address-count": str(free_addresses(Network(s.CidrBlock)))}, s.tags)]
    return {"Subnets": [_shown(call, s) for s in page.cut(found, lambda s: s.SubnetId)]}


@operation
def modify_subnet_attribute(call: Call, SubnetId: str, MapPublicIpOnLaunch: dict[str, bool] | None = None) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html"""
    call.get(Subnet, SubnetId)
    if MapPublicIpOnLaunch is None:
        raise error.MissingParameter("The request must contain at least one attribute to modify")
    call.table(Subnet).change(SubnetId, MapPublicIpOnLaunch=bool(MapPublicIpOnLaunch.get("Value")))


@operation
def delete_subnet(call: Call, SubnetId: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html"""
    subnet = call.get(Subnet, SubnetId)
    if any(SubnetId in e.SubnetIds for e in call.table(VpcEndpoint).scan(subnet.VpcId, index="vpc")):
        raise error.DependencyViolation(f"The subnet '{SubnetId}' has dependencies and cannot be deleted.")
    call.table(Subnet).delete(SubnetId)


@operation
def describe_availability_zones(call: Call, ZoneNames: list[str] | None = None, ZoneIds: list[str] | None = None,
                                Filters: list[dict[str, Any]] | None = None,
                                AllAvailabilityZones: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html"""
    known = zones(call.region)
    for name in ZoneNames or ():
        if name not in dict(known):
            raise error.InvalidParameterValue(f"Invalid availability zone: [{name}]")
    return {"AvailabilityZones": [
        {"ZoneName": name, "ZoneId": zone_id, "RegionName": call.region, "State": "available", "ZoneType": "availability-zone",
         "OptInStatus": "opt-in-not-required", "GroupName": call.region + "-zg-1", "NetworkBorderGroup": call.region,
         "Messages": []}
        for name, zone_id in known
        if (not ZoneNames or name in ZoneNames) and (not ZoneIds or zone_id in ZoneIds)
        and matches(Filters, {"zone-name": name, "zone-id": zone_id, "region-name": call.region, "state": "available",
                              "zone-type": "availability-zone", "opt-in-status": "opt-in-not-required",
                              "group-name": call.region + "-zg-1"}, {})]}


@operation
def describe_network_interfaces(call: Call, NetworkInterfaceIds: list[str] | None = None,
                                Filters: list[dict[str, Any]] | None = None,
                                page: Page[Any] = Page(1000)) -> dict[str, Any]:
    """Nothing that cumulet has makes network interfaces yet, so there are none.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html
    """
    if NetworkInterfaceIds:
        raise error.named("InvalidNetworkInterfaceID.NotFound",
                          f"The networkInterface ID '{NetworkInterfaceIds[0]}' does not exist")
    if page.after is not None:
        raise not_implemented("ec2: paging of network interfaces")
    return {"NetworkInterfaces": []}
