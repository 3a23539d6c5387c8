"""Names by which a server is asked for, and which of them a stranger could have made lead here."""

from __future__ import annotations

import ipaddress

# No public name server can answer for these (RFC 6762, RFC 8375, ICANN's .internal).
_PRIVATE = (".local", ".internal", ".home.arpa")
_OURS = ("localhost", "localhost.localstack.cloud")


def name_of(host: str) -> str:
    """A Host header without its port, in lower case: "localhost:4566" is "localhost", "[::1]:4566" is "::1"."""
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    return name.strip("[]").lower().rstrip(".")


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_private(host: str, told: str = "") -> bool:
    """Not a name that somebody pointed to this machine (DNS rebinding), nor one at which users' own pages are served.

    told: the name that the server was told to listen on. A name of one label is a machine of the same network, or a container.
    """
    name = name_of(host)
    if not name:
        return False
    return "." not in name or is_address(name) or name in (*_OURS, told.lower()) or name.endswith(_PRIVATE)
