"""Tags: of what has an ARN, wherever they are kept."""

from __future__ import annotations

from typing import Any, NamedTuple

from cumulet.kernel import Call, parse_arn

from . import items, parts
from .names import invalid
from .resources import ApiKey

_MOST = 50


class Tagged(NamedTuple):
    """What an ARN names, and how its tags are kept."""

    kind: str                          # the first name of its path
    name: str
    stage: str
    tags: dict[str, str]


def checked(tags: dict[str, str] | None) -> dict[str, str]:
    """Tags as they may be."""
    found = tags or {}
    if len(found) > _MOST:
        raise invalid(f"Too many tags: a resource has at most {_MOST}")
    for key, value in found.items():
        if not 0 < len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:"):
            raise invalid(f"Invalid tag specified: {key}")
    return dict(found)


def find(call: Call, arn: str) -> Tagged:
    """Whose tags are asked for. Raises what the API says of what is not there."""
    said = parse_arn(arn)
    if said is None or said.service != "apigateway" or said.region not in ("", call.region):
        raise invalid("Invalid ARN specified in the request")
    match said.resource.strip("/").split("/"):
        case ["restapis", api]:
            return Tagged("restapis", api, "", parts.api_of(call, api).tags)
        case ["restapis", api, "stages", stage]:
            return Tagged("stages", api, stage, parts.one(call, api, parts.STAGE, stage).get("tags") or {})
        case ["apikeys", name]:
            row = call.table(ApiKey).get(name)
            if row is not None:
                return Tagged("apikeys", name, "", row.said.get("tags") or {})
        case [noun, name] if noun in ITEMS:
            return Tagged(noun, name, "", items.one(call, ITEMS[noun], name).get("tags") or {})
    raise invalid("Invalid ARN specified in the request")


def keep(call: Call, what: Tagged, tags: dict[str, str]) -> None:
    """Its tags are these now."""
    tags = checked(tags)
    if what.kind == "restapis":
        api = parts.api_of(call, what.name)
        api.tags = tags
        call.put(api)
    elif what.kind == "stages":
        parts.keep(call, what.name, parts.STAGE, what.stage, _with(parts.one(call, what.name, parts.STAGE, what.stage), tags))
    elif what.kind == "apikeys":
        row = call.table(ApiKey).get(what.name)
        assert row is not None
        call.table(ApiKey).change(what.name, said=_with(row.said, tags))
    else:
        kind = ITEMS[what.kind]
        items.keep(call, kind, what.name, _with(items.one(call, kind, what.name), tags))


def _with(said: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    return {**said, "tags": tags or None}


ITEMS = {"usageplans": items.PLAN, "vpclinks": items.LINK, "clientcertificates": items.CERTIFICATE, "domainnames": items.DOMAIN}
