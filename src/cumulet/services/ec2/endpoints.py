"""The rules of VPC endpoints: which members fit which type, what else is in the way, what an endpoint is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, principals

from .endpoint_services import GATEWAY, INTERFACE, POLICY, EndpointService, find
from .resources import RouteTable, SecurityGroup, Subnet, Vpc, VpcEndpoint

PENDING = 5.0                # seconds until an interface endpoint is available; as many until a deleted one is gone
MOST_GATEWAYS = 20           # of a region
MOST_INTERFACES = 50         # of a VPC
_LARGEST_POLICY = 20_480
_LABEL = 8                   # letters after the id in an endpoint's names


def new_label(call: Call) -> str:
    return call.token(_LABEL, "abcdefghijklmnopqrstuvwxyz0123456789")


def service_of(call: Call, name: str) -> EndpointService:
    """Raises InvalidServiceName for what is no endpoint service here."""
    found = find(name, call.region, call.cloud.catalog.apis)
    if found is None:
        raise error.InvalidServiceName(f"The Vpc Endpoint Service '{name}' does not exist")
    return found


def state(row: VpcEndpoint, now: float) -> str:
    """A gateway is a route, and there at once; network interfaces take their time."""
    if row.deleted:
        return "deleting"
    return "pending" if row.VpcEndpointType == INTERFACE and now < row.created + PENDING else "available"


def policy_of(row: VpcEndpoint) -> str:
    return row.PolicyDocument or POLICY


def check_policy(text: str) -> str:
    """Raises InvalidPolicyDocument unless it is a policy that says whom it means."""
    if len(text) > _LARGEST_POLICY:
        raise error.InvalidPolicyDocument(f"The policy document exceeds the maximum of {_LARGEST_POLICY} characters.")
    try:
        principals.check_resource_policy(text)
    except principals.MalformedPolicy as problem:
        raise error.InvalidPolicyDocument(f"The specified policy document is not valid: {problem}") from None
    return text


def check_type(service: EndpointService, kind: str, given: dict[str, Any]) -> None:
    """The type must be one of the service's, and the members of one type do not go with another."""
    if kind not in service.kinds:
        raise error.InvalidParameter(f"Endpoint type ({kind}) does not match available service types"
                                     f" ([{', '.join(service.kinds)}]).")
    wrong = {GATEWAY: {"SubnetIds": "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.",
                       "SecurityGroupIds": "Security group IDs are only supported for Interface type VPC Endpoint.",
                       "PrivateDnsEnabled": "Private DNS is only supported for Interface type VPC Endpoint."},
             INTERFACE: {"RouteTableIds": "Route table IDs are only supported for Gateway type VPC Endpoint."}}
    for name, message in wrong[kind].items():
        if given.get(name):
            raise error.InvalidParameter(message)


def check_count(call: Call, vpc: str, kind: str) -> None:
    rows = call.table(VpcEndpoint).scan() if kind == GATEWAY else call.table(VpcEndpoint).scan(vpc, index="vpc")
    most = MOST_GATEWAYS if kind == GATEWAY else MOST_INTERFACES
    if sum(row.VpcEndpointType == kind for row in rows) >= most:
        raise error.VpcEndpointLimitExceeded("The maximum number of VPC endpoints has been reached.")


def check_tables(call: Call, row: VpcEndpoint, service: EndpointService, tables: Sequence[str]) -> None:
    """Route tables of the VPC that have no route to this service yet."""
    others = [e for e in call.table(VpcEndpoint).scan(row.VpcId, index="vpc")
              if e.VpcEndpointId != row.VpcEndpointId and e.ServiceName == row.ServiceName and e.VpcEndpointType == GATEWAY]
    for table in tables:
        if call.get(RouteTable, table).VpcId != row.VpcId:
            raise error.InvalidParameter(f"Route table {table} belongs to a different network than the VPC endpoint.")
        if any(table in other.RouteTableIds for other in others):
            raise error.RouteAlreadyExists(f"route table {table} already has a route with destination-prefix-list-id"
                                           f" {service.prefix_list}")


def check_subnets(call: Call, vpc: str, subnets: Sequence[str]) -> None:
    """Subnets of the VPC, at most one in a zone."""
    zones: set[str] = set()
    for id in subnets:
        subnet = call.get(Subnet, id)
        if subnet.VpcId != vpc:
            raise error.InvalidParameter(f"The subnet {id} does not belong to VPC {vpc}.")
        if subnet.AvailabilityZone in zones:
            raise error.DuplicateSubnetsInSameZone(
                f"Found another VPC endpoint subnet in the availability zone of {id}. VPC endpoint subnets should be in"
                " different availability zones supported by the VPC endpoint service.")
        zones.add(subnet.AvailabilityZone)


def check_groups(call: Call, vpc: str, groups: Sequence[str]) -> None:
    for id in groups:
        if call.get(SecurityGroup, id).VpcId != vpc:
            raise error.InvalidParameter(f"Security group {id} and VPC {vpc} belong to different networks.")


def default_group(call: Call, vpc: str) -> str:
    return next(g.GroupId for g in call.table(SecurityGroup).scan(vpc, index="name") if g.GroupName == "default")


def check_private_dns(call: Call, row: VpcEndpoint, service: EndpointService) -> None:
    """Needs names in the VPC, and that no other endpoint there has the same ones."""
    vpc = call.get(Vpc, row.VpcId)
    if not (vpc.EnableDnsSupport and vpc.EnableDnsHostnames):
        raise error.InvalidParameter("Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes"
                                     f" set to true for {row.VpcId}")
    for other in call.table(VpcEndpoint).scan(row.VpcId, index="vpc"):
        if other.VpcEndpointId != row.VpcEndpointId and other.PrivateDnsEnabled and other.ServiceName == row.ServiceName:
            raise error.InvalidParameter("private-dns-enabled cannot be set because there is already a conflicting DNS domain"
                                         f" for {service.private_names[0]} in the VPC {row.VpcId}")


def names(call: Call, row: VpcEndpoint, service: EndpointService) -> list[str]:
    """The hosts by which an interface endpoint is reached: of the region, of each zone, and the private ones."""
    if row.VpcEndpointType != INTERFACE:
        return []
    first = "*." if service.word == "s3" else ""
    zones = sorted({call.get(Subnet, subnet).AvailabilityZone for subnet in row.SubnetIds})
    found = [f"{first}{row.VpcEndpointId}-{row.label}{zone}.{service.host}.vpce.localhost"
             for zone in ("", *(f"-{zone}" for zone in zones))]
    return [*found, *(service.private_names if row.PrivateDnsEnabled else ())]


def gateways(call: Call, table: RouteTable) -> list[VpcEndpoint]:
    """The endpoints that a route table has a route to."""
    return [e for e in call.table(VpcEndpoint).scan(table.VpcId, index="vpc") if table.RouteTableId in e.RouteTableIds]
