"""What endpoints can lead to: the services of AWS that are here, and the prefix lists that gateways route to."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..addresses import zones
from ..endpoint_services import GATEWAY, EndpointService, all_of
from ..filters import matches


@operation
def describe_vpc_endpoint_services(call: Call, ServiceNames: list[str] | None = None,
                                   Filters: list[dict[str, Any]] | None = None,
                                   page: Page[EndpointService] = Page(1000)) -> dict[str, Any]:
    """One entry for each type that a service has.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html
    """
    known = all_of(call.region, call.cloud.catalog.apis)
    for name in ServiceNames or ():
        if name not in {service.name for service in known}:
            raise error.InvalidServiceName(f"The Vpc Endpoint Service '{name}' does not exist")
    asked = [s for s in known if not ServiceNames or s.name in ServiceNames]
    found = [s._replace(kinds=(kind,)) for s in asked for kind in s.kinds if matches(
        Filters, {"service-name": s.name, "service-type": kind, "owner": "amazon", "service-region": s.region,
                  "supported-ip-address-types": "ipv4"}, {})]
    if page.after is not None:
        found = [s for s in found if [s.name, s.kinds[0]] > list(page.after)]
    cut = page.cut(found, lambda s: [s.name, s.kinds[0]])
    return {"ServiceNames": list(dict.fromkeys(s.name for s in cut)), "ServiceDetails": [_detail(s) for s in cut]}


def _detail(service: EndpointService) -> dict[str, Any]:
    known = zones(service.region)
    told: dict[str, Any] = {
        "ServiceName": service.name, "ServiceId": service.id, "ServiceType": [{"ServiceType": kind} for kind in service.kinds],
        "ServiceRegion": service.region, "AvailabilityZones": [name for name, _ in known],
        "AvailabilityZoneIds": [id for _, id in known], "Owner": "amazon",
        "BaseEndpointDnsNames": [f"{service.host}.vpce.localhost"], "VpcEndpointPolicySupported": True,
        "AcceptanceRequired": False, "ManagesVpcEndpoints": False, "Tags": [], "SupportedIpAddressTypes": ["ipv4"]}
    if service.kinds != (GATEWAY,):
        told |= {"PrivateDnsName": service.private_names[-1], "PrivateDnsNameVerificationState": "verified",
                 "PrivateDnsNames": [{"PrivateDnsName": name} for name in service.private_names]}
    return told


@operation
def describe_prefix_lists(call: Call, PrefixListIds: list[str] | None = None, Filters: list[dict[str, Any]] | None = None,
                          page: Page[dict[str, Any]] = Page(1000)) -> dict[str, Any]:
    """The lists of the services that have gateways. They hold no addresses: there are none to route to.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html
    """
    known = {s.prefix_list: s.name for s in all_of(call.region, call.cloud.catalog.apis) if GATEWAY in s.kinds}
    for id in PrefixListIds or ():
        if id not in known:
            raise error.named("InvalidPrefixListId.NotFound", f"The prefix list ID '{id}' does not exist")
    found = [{"PrefixListId": id, "PrefixListName": name, "Cidrs": []} for id, name in sorted(known.items())
             if (not PrefixListIds or id in PrefixListIds) and (page.after is None or id > page.after)
             and matches(Filters, {"prefix-list-id": id, "prefix-list-name": name}, {})]
    return {"PrefixLists": page.cut(found, lambda one: one["PrefixListId"])}
