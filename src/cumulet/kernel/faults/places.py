"""Where things stand: availability zones, subnets, VPC endpoints. Most services are of a whole region, and lack no zone.

In a zone are the interfaces of VPC endpoints, and what a service says of what it is asked about (`access.standing`): S3's
directory buckets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..wire.hosts import look

if TYPE_CHECKING:
    from ..call import Call
    from ..catalog import Catalog

_ID = re.compile(r"[a-z]{2,4}\d+(?:-[a-z]{3}\d+)?-az\d+|(?:subnet|vpce)-[0-9a-f]+")
_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+[a-z]")


def named(catalog: Catalog, place: str) -> str:
    """The id of a place that people may call by its name: `us-east-1a` is `use1-az1`. ValueError for what is none."""
    if _ID.fullmatch(place):
        return place
    found = _ec2(catalog).zone_id(place) if _ZONE.fullmatch(place) and "ec2" in catalog.apis else ""
    if not found:
        raise ValueError(f"{place} is no availability zone, subnet or VPC endpoint: try us-east-1a or use1-az1")
    return str(found)


def reached(call: Call, members: Mapping[str, Any], places: Collection[str], away: Collection[str]) -> bool:
    """Does the call need what stands in one of these places, or would it come through one, and all other ways are away too?"""
    host = look(call.request.host) if call.request is not None else None
    if host is not None and host.vpce:
        ways = _ec2(call.cloud.catalog).ways(call, host.vpce, host.zone)
        if all(not way.isdisjoint(away) for way in ways) and any(not way.isdisjoint(places) for way in ways):
            return True
    ask = getattr(call.cloud.catalog.load(call.service).access, "standing", None)
    return ask is not None and not set(ask(call, members)).isdisjoint(places)


def _ec2(catalog: Catalog) -> Any:
    return catalog.load("ec2").access
