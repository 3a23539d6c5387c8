"""VPC endpoints: made, told, changed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, Page, error, not_implemented, operation

from .. import background, endpoints
from ..endpoint_services import GATEWAY, INTERFACE
from ..filters import matches
from ..resources import EndpointPlace, SecurityGroup, Vpc, VpcEndpoint
from ..tagging import listed, specified

_REMEMBERED = 86400.0          # how long an idempotency token counts
_KINDS = (GATEWAY, INTERFACE)


@operation
def create_vpc_endpoint(call: Call, VpcId: str, ServiceName: str | None = None, VpcEndpointType: str = GATEWAY,
                        PolicyDocument: str | None = None, RouteTableIds: Sequence[str] = (), SubnetIds: Sequence[str] = (),
                        SecurityGroupIds: Sequence[str] = (), PrivateDnsEnabled: bool | None = None,
                        ClientToken: str | None = None,
                        TagSpecifications: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html"""
    given = {"VpcId": VpcId, "ServiceName": ServiceName, "VpcEndpointType": VpcEndpointType, "PolicyDocument": PolicyDocument,
             "RouteTableIds": list(RouteTableIds), "SubnetIds": list(SubnetIds), "SecurityGroupIds": list(SecurityGroupIds),
             "PrivateDnsEnabled": PrivateDnsEnabled, "TagSpecifications": TagSpecifications}
    asked = msgspec.json.encode(given, order="sorted").decode()
    before = _before(call, ClientToken, asked)
    if before is not None:
        return {"VpcEndpoint": _shown(call, before), "ClientToken": ClientToken}
    row = _new(call, given)
    row.tags = specified(TagSpecifications, "vpc-endpoint")
    row.token, row.asked = ClientToken, asked if ClientToken else ""
    call.table(VpcEndpoint).insert(row)
    call.put(EndpointPlace(row.VpcEndpointId, call.account, call.region))
    return {"VpcEndpoint": _shown(call, row), "ClientToken": ClientToken}


def _before(call: Call, token: str | None, asked: str) -> VpcEndpoint | None:
    """What an earlier request with this token made."""
    row = call.table(VpcEndpoint).find("token", token) if token else None
    if row is None:
        return None
    if row.created < call.now - _REMEMBERED:
        call.table(VpcEndpoint).change(row.VpcEndpointId, token=None)
        return None
    if row.asked != asked:
        raise error.IdempotentParameterMismatch("The request uses the same client token as a previous, but non-identical"
                                                " request.")
    return row


def _new(call: Call, given: dict[str, Any]) -> VpcEndpoint:
    """The row that a request asks for, after a look whether it may be."""
    kind, vpc = given["VpcEndpointType"], given["VpcId"]
    call.get(Vpc, vpc)
    if kind not in _KINDS:
        raise not_implemented(f"ec2: endpoints of the type {kind}")
    if not given["ServiceName"]:
        raise error.MissingParameter("The request must contain the parameter ServiceName")
    service = endpoints.service_of(call, given["ServiceName"])
    endpoints.check_type(service, kind, given)
    endpoints.check_count(call, vpc, kind)
    groups = given["SecurityGroupIds"] or ([endpoints.default_group(call, vpc)] if kind == INTERFACE else [])
    row = VpcEndpoint(
        VpcEndpointId=call.token(17, prefix="vpce-"), VpcId=vpc, ServiceName=service.name, VpcEndpointType=kind,
        PolicyDocument=endpoints.check_policy(given["PolicyDocument"]) if given["PolicyDocument"] else "",
        RouteTableIds=tuple(dict.fromkeys(given["RouteTableIds"])), SubnetIds=tuple(dict.fromkeys(given["SubnetIds"])),
        SecurityGroupIds=tuple(dict.fromkeys(groups)), PrivateDnsEnabled=bool(given["PrivateDnsEnabled"]),
        label=endpoints.new_label(call), created=call.now)
    _check(call, row)
    return row


def _check(call: Call, row: VpcEndpoint) -> None:
    """All that an endpoint refers to must fit to it."""
    service = endpoints.service_of(call, row.ServiceName)
    endpoints.check_tables(call, row, service, row.RouteTableIds)
    endpoints.check_subnets(call, row.VpcId, row.SubnetIds)
    endpoints.check_groups(call, row.VpcId, row.SecurityGroupIds)
    if row.PrivateDnsEnabled:
        endpoints.check_private_dns(call, row, service)


def _shown(call: Call, row: VpcEndpoint) -> dict[str, Any]:
    service = endpoints.service_of(call, row.ServiceName)
    told = {
        "VpcEndpointId": row.VpcEndpointId, "VpcEndpointType": row.VpcEndpointType, "VpcId": row.VpcId,
        "ServiceName": row.ServiceName, "ServiceRegion": call.region, "State": endpoints.state(row, call.now),
        "PolicyDocument": endpoints.policy_of(row), "RouteTableIds": list(row.RouteTableIds), "SubnetIds": list(row.SubnetIds),
        "Groups": [{"GroupId": id, "GroupName": call.get(SecurityGroup, id).GroupName} for id in row.SecurityGroupIds],
        "PrivateDnsEnabled": row.PrivateDnsEnabled, "RequesterManaged": False, "NetworkInterfaceIds": [],
        "DnsEntries": [{"DnsName": name} for name in endpoints.names(call, row, service)], "CreationTimestamp": row.created,
        "Tags": listed(row.tags), "OwnerId": call.account}
    if row.VpcEndpointType == INTERFACE:
        told |= {"IpAddressType": "ipv4", "DnsOptions": {"DnsRecordIpType": "ipv4"}}
    return told


@operation
def describe_vpc_endpoints(call: Call, VpcEndpointIds: list[str] | None = None, Filters: list[dict[str, Any]] | None = None,
                           page: Page[VpcEndpoint] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html"""
    table = call.table(VpcEndpoint)
    rows = [call.get(VpcEndpoint, i) for i in VpcEndpointIds] if VpcEndpointIds else table.scan(after=page.after)
    found = [e for e in rows if matches(Filters, {
        "service-name": e.ServiceName, "service-region": call.region, "vpc-id": e.VpcId, "vpc-endpoint-id": e.VpcEndpointId,
        "vpc-endpoint-state": endpoints.state(e, call.now), "vpc-endpoint-type": e.VpcEndpointType,
        "ip-address-type": "ipv4" if e.VpcEndpointType == INTERFACE else []}, e.tags)]
    return {"VpcEndpoints": [_shown(call, e) for e in page.cut(found, lambda e: e.VpcEndpointId)]}


@operation
def modify_vpc_endpoint(call: Call, VpcEndpointId: str, ResetPolicy: bool = False, PolicyDocument: str | None = None,
                        AddRouteTableIds: Sequence[str] = (), RemoveRouteTableIds: Sequence[str] = (),
                        AddSubnetIds: Sequence[str] = (), RemoveSubnetIds: Sequence[str] = (),
                        AddSecurityGroupIds: Sequence[str] = (), RemoveSecurityGroupIds: Sequence[str] = (),
                        PrivateDnsEnabled: bool | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html"""
    row = call.get(VpcEndpoint, VpcEndpointId)
    if row.deleted:
        raise error.InvalidVpcEndpointState(f"The Vpc Endpoint {VpcEndpointId} is being deleted.")
    if ResetPolicy and PolicyDocument is not None:
        raise error.InvalidParameterCombination("The parameters ResetPolicy and PolicyDocument may not be used together.")
    if ResetPolicy or PolicyDocument is not None:
        row.PolicyDocument = endpoints.check_policy(PolicyDocument) if PolicyDocument else ""
    row.RouteTableIds = _changed(row.RouteTableIds, AddRouteTableIds, RemoveRouteTableIds)
    row.SubnetIds = _changed(row.SubnetIds, AddSubnetIds, RemoveSubnetIds)
    row.SecurityGroupIds = _changed(row.SecurityGroupIds, AddSecurityGroupIds, RemoveSecurityGroupIds)
    if PrivateDnsEnabled is not None:
        row.PrivateDnsEnabled = PrivateDnsEnabled
    endpoints.check_type(endpoints.service_of(call, row.ServiceName), row.VpcEndpointType, msgspec.structs.asdict(row))
    if row.VpcEndpointType == INTERFACE and not row.SecurityGroupIds:
        raise error.InvalidParameter("An Interface type VPC Endpoint needs at least one security group.")
    _check(call, row)
    call.put(row)
    return {"Return": True}


def _changed(now: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in dict.fromkeys((*now, *add)) if one not in remove)


@operation
def delete_vpc_endpoints(call: Call, VpcEndpointIds: list[str]) -> dict[str, Any]:
    """What cannot be deleted is told, and the others go.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html
    """
    unsuccessful = []
    for id in dict.fromkeys(VpcEndpointIds):
        try:
            _delete(call, call.get(VpcEndpoint, id))
        except AwsError as problem:
            unsuccessful.append({"ResourceId": id, "Error": {"Code": problem.code, "Message": problem.message}})
    return {"Unsuccessful": unsuccessful}


def _delete(call: Call, row: VpcEndpoint) -> None:
    """A gateway goes with its routes; an interface takes its time, but leads nowhere from now on."""
    call.table(EndpointPlace).delete(row.VpcEndpointId)
    if row.VpcEndpointType == GATEWAY:
        call.table(VpcEndpoint).delete(row.VpcEndpointId)
    elif not row.deleted:
        call.table(VpcEndpoint).change(row.VpcEndpointId, deleted=call.now)
        call.at(call.now + endpoints.PENDING, background.endpoint_gone, name=row.VpcEndpointId, id=row.VpcEndpointId)
