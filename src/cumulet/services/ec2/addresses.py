"""Address ranges and availability zones: rules only."""

from __future__ import annotations

import ipaddress

_SHORT = {"north": "n", "south": "s", "east": "e", "west": "w", "central": "c", "northeast": "ne", "southeast": "se",
          "northwest": "nw", "southwest": "sw", "gov": "g"}
RESERVED = 5          # addresses of each subnet that AWS keeps
Network = ipaddress.IPv4Network


def zones(region: str) -> list[tuple[str, str]]:
    """(name, id) of a region's availability zones: ("us-east-1a", "use1-az1")."""
    parts = region.split("-")
    code = parts[0] + "".join(_SHORT.get(p, p) for p in parts[1:])
    return [(f"{region}{letter}", f"{code}-az{i}") for i, letter in enumerate("abc", 1)]


def network(cidr: str) -> Network | None:
    """An IPv4 range as AWS reads it (host bits are cleared); None when it is none."""
    try:
        return ipaddress.IPv4Network(cidr, strict=False) if "/" in cidr else None
    except ValueError:
        return None


def in_size(net: Network) -> bool:
    """VPCs and subnets are between /16 and /28."""
    return 16 <= net.prefixlen <= 28


def free_addresses(net: Network) -> int:
    return net.num_addresses - RESERVED
