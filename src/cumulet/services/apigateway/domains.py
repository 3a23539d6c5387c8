"""Custom domain names: what each says, and what its paths lead to."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import AwsError, Call, doors, error, not_implemented, parse_arn

from . import items, parts
from .apis import endpoint
from .names import invalid, new_id

Said = dict[str, Any]
_NAME = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+")
_PATH = re.compile(r"[A-Za-z0-9$_.+!*'()-]+")
_ZONES = {"EDGE": "Z2FDTNDATAQYW2", "REGIONAL": "Z1UJRXOUMOOFQ8"}
NO_PATH = "(none)"                     # how the API calls the path that is none


def begin(call: Call, said: Said) -> Said:
    """A new domain name. Private ones have an id, and stand in nobody else's way."""
    name = said["domainName"]
    if not _NAME.fullmatch(name):
        raise invalid("Domain name is not valid")
    said["endpointConfiguration"] = settled = endpoint(said.get("endpointConfiguration"))
    kind = settled["types"][0]
    if kind == "PRIVATE":
        raise not_implemented("apigateway:private domain names")
    _check(call, said, kind)
    if not doors.claim_domain(call, name):
        raise error.BadRequestException("The domain name you provided already exists.")
    host = f"d-{new_id(call, 10)}"
    if kind == "EDGE":
        said |= {"distributionDomainName": f"{host}.cloudfront.net", "distributionHostedZoneId": _ZONES[kind]}
    else:
        said |= {"regionalDomainName": f"{host}.execute-api.{call.region}.amazonaws.com", "regionalHostedZoneId": _ZONES[kind]}
    return keep(call, {**said, "domainNameStatus": "AVAILABLE", "certificateUploadDate": float(int(call.now)),
                       "domainNameArn": f"arn:aws:apigateway:{call.region}::/domainnames/{name}"})


def _check(call: Call, said: Said, kind: str) -> None:
    names = ("certificateArn", "certificateName")
    if kind == "REGIONAL":
        names = ("regionalCertificateArn", "regionalCertificateName")
    found = [said[name] for name in names if said.get(name)]
    if not found:
        raise invalid(f"Invalid certificate: {names[0]} must be specified for a domain name of type {kind}")
    for arn in (value for value in found if str(value).startswith("arn:")):
        where = parse_arn(arn)
        if where is None or where.service != "acm":
            raise invalid("Invalid certificate ARN specified")
        call.elsewhere(region=where.region).aws.acm.describe_certificate(CertificateArn=arn)


def keep(call: Call, said: Said) -> Said:
    """Keep a domain name as it now is, if it may be so."""
    return items.keep(call, items.DOMAIN, said["domainName"], said)


def patched(call: Call, said: Said) -> Said:
    """After a patch: its kind may have changed, and with it how it is reached."""
    kind = endpoint(said["endpointConfiguration"])["types"][0]
    _check(call, said, kind)
    if kind == "REGIONAL" and "regionalDomainName" not in said:
        said |= {"regionalDomainName": f"d-{new_id(call, 10)}.execute-api.{call.region}.amazonaws.com",
                 "regionalHostedZoneId": _ZONES[kind]}
    return keep(call, said)


def end(call: Call, name: str) -> None:
    """A domain name goes, with what leads from it."""
    items.drop(call, items.DOMAIN, name)
    for row in call.table(doors.Mapping).scan(name):
        unlead(call, row)
    doors.release(call, doors.DOMAIN, name)


def mapped(call: Call, domain: str, path: str) -> doors.Mapping:
    """What a path leads to."""
    items.one(call, items.DOMAIN, domain)
    found = call.table(doors.Mapping).get(domain, "" if path == NO_PATH else path)
    if found is None:
        raise error.NotFoundException("Invalid base path mapping identifier specified")
    return found


def lead(call: Call, domain: str, path: str, api: str, stage: str | None) -> doors.Mapping:
    """A path leads to an API; without a stage, the next name of the path says it."""
    items.one(call, items.DOMAIN, domain)
    parts.api_of(call, api)
    if stage:
        parts.one(call, api, parts.STAGE, stage)
    path = "" if path == NO_PATH else path
    if "/" in path:
        raise invalid("API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level "
                      "base path mapping, use API Gateway V2.")
    if path and not _PATH.fullmatch(path):
        raise invalid("Invalid base path specified")
    if call.table(doors.Mapping).get(domain, path) is not None:
        raise error.ConflictException("Base path already exists for this domain name")
    return call.put(doors.Mapping(domain=domain, path=path, api=api, stage=stage or "", account=call.account,
                                  region=call.region, id=new_id(call)))


def unlead(call: Call, row: doors.Mapping) -> None:
    """A path leads nowhere any more; it may be an API mapping, as the API's second version knows it."""
    try:
        call.as_service().apigatewayv2.delete_api_mapping(DomainName=row.domain, ApiMappingId=row.id)
    except AwsError as problem:
        if problem.code != "NotFoundException":
            raise
        call.table(doors.Mapping).delete(row.domain, row.path)


def shown(row: doors.Mapping) -> Said:
    return {"basePath": row.path or NO_PATH, "restApiId": row.api, "stage": row.stage or None}
