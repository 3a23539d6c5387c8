"""What browsers are told: which pages of other origins may read answers. No wire, no tables.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import doors

_NAMES = "access-control-"


def headers(config: Mapping[str, Any] | None, asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """The headers for an answer; none where the origin is not among the allowed."""
    origin = asked.get("origin")
    if not config or origin is None:
        return []
    allowed = config.get("AllowOrigins") or ()
    if not any(_fits(pattern, origin) for pattern in allowed):
        return []
    found = [("access-control-allow-origin", "*" if "*" in allowed else origin)]
    if "*" not in allowed:
        found.append(("vary", "Origin"))
    if config.get("AllowCredentials"):
        found.append(("access-control-allow-credentials", "true"))
    if config.get("ExposeHeaders"):
        found.append(("access-control-expose-headers", ",".join(config["ExposeHeaders"])))
    return found


def _fits(pattern: str, origin: str) -> bool:
    """`*`, an origin, or a scheme with any host: `https://*`."""
    return pattern in ("*", origin) or (pattern.endswith("://*") and origin.startswith(pattern[:-1]))


def preflight(config: Mapping[str, Any] | None, method: str, asked: Mapping[str, str]) -> doors.Reply | None:
    """The answer to a browser's question before it calls; None for what is none."""
    if not config or method != "OPTIONS" or "origin" not in asked or "access-control-request-method" not in asked:
        return None
    found = headers(config, asked)
    if found:
        if config.get("AllowMethods"):
            found.append(("access-control-allow-methods", ",".join(config["AllowMethods"])))
        if config.get("AllowHeaders"):
            found.append(("access-control-allow-headers", ",".join(config["AllowHeaders"])))
        if config.get("MaxAge") is not None:
            found.append(("access-control-max-age", str(config["MaxAge"])))
    return doors.Reply(204, found)


def replaced(config: Mapping[str, Any] | None, asked: Mapping[str, str],
             given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """An answer's headers: where an API has a CORS configuration, those of its backend are ignored."""
    if not config:
        return given
    return [pair for pair in given if not pair[0].lower().startswith(_NAMES)] + headers(config, asked)
