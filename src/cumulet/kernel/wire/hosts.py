"""What a host name says: a service, a bucket, a region, a VPC endpoint. `bucket.s3.localhost`, `sqs.eu-west-1.amazonaws.com`,
`vpce-1a2b-3c4d.sqs.us-east-1.vpce.localhost`, …"""

from __future__ import annotations

import re
from functools import lru_cache

from .index import index

_BASES = (".localhost.localstack.cloud", ".amazonaws.com.cn", ".amazonaws.com", ".api.amazonwebservices.com.cn", ".api.aws",
          ".on.aws", ".localhost")
# A direction is in each region's name; without it `my-bucket-1.localhost` would be one.
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){0,2}-(?:north|south)?(?:east|west|central|north|south)-\d{1,2}")
_S3 = re.compile(r"s3(?:-(?P<kind>control|website|outposts|object-lambda|accesspoint|accelerate|fips|external-1|global))?"
                 r"(?:-(?:fips))?(?:-(?P<region>[a-z]{2}(?:-[a-z]+){1,3}-\d+))?")
_ENDPOINT = re.compile(r"(vpce-[0-9a-f]+)-[a-z0-9]+(?:-([a-z0-9-]+))?")    # its id, a label, and a zone
OBJECT_LAMBDA = "--ol-s3"                          # how aliases of Object Lambda's access points end
_ADDRESS = re.compile(r"[\d.]+|\[.*\]|[^.]+")


class Host:
    """service: botocore's name, "s3-website", or "" when the host names none.  vpce: the id of a VPC endpoint.
    zone: the availability zone of it that is meant, or ""."""

    __slots__ = ("bucket", "region", "service", "vpce", "zone")

    def __init__(self, service: str = "", region: str = "", bucket: str = "", vpce: str = "", zone: str = "") -> None:
        self.service = service
        self.region = region
        self.bucket = bucket
        self.vpce = vpce
        self.zone = zone


_NOTHING = Host()


@lru_cache(4096)
def look(host: str) -> Host:
    """Read a Host header."""
    name = (host if host.endswith("]") else host.rpartition(":")[0] or host).rstrip(".").lower() if ":" in host \
        else host.rstrip(".").lower()
    if not name or _ADDRESS.fullmatch(name):
        return _NOTHING
    for base in _BASES:
        if name.endswith(base):
            labels = name[: -len(base)].split(".")
            break
    else:
        labels = name.split(".")[:-1]                    # a name of the user's own: `bucket.s3.cloud.example`
    return (_endpoint(labels, host) if "vpce" in labels else None) or _bucket(labels, host) or _service(labels)


def _endpoint(labels: list[str], host: str) -> Host | None:
    """The name of a VPC endpoint. S3's say what follows is about: `my-bucket.bucket.vpce-…`, `accesspoint.vpce-…`.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
    """
    for i, label in enumerate(labels):
        found = _ENDPOINT.fullmatch(label)
        if found is None or "vpce" not in labels[i + 1:]:
            continue
        zone = found[2] or ""
        if labels[i + 1] != "s3":
            there = _service(labels[i + 1:])
            return Host(there.service, there.region, vpce=found[1], zone=zone)
        kind = labels[i - 1] if i else ""
        named = i - 1 if kind in ("bucket", "accesspoint", "control") else i
        service, bucket = ("s3control", "") if kind == "control" else ("s3", _raw(host, named))
        return Host(service, _region(labels[i + 1:]), bucket, found[1], zone)
    return None


def _bucket(labels: list[str], host: str) -> Host | None:
    for i in range(len(labels) - 1, -1, -1):
        found = _S3.fullmatch(labels[i])
        if found is None:
            if labels[i].startswith("s3express-"):
                return Host("s3", _region(labels[i + 1:]), _raw(host, i))
            continue
        region = found["region"] or _region(labels[i + 1:])
        if found["kind"] == "control":
            return Host("s3control", region)
        service = "s3-website" if found["kind"] == "website" else "s3"
        bucket = _raw(host, i)
        if found["kind"] == "global":            # ALIAS.mrap.accesspoint.s3-global: it is in no region
            bucket = bucket.removesuffix(".accesspoint")
        return Host(service, region, bucket + OBJECT_LAMBDA if bucket and found["kind"] == "object-lambda" else bucket)
    return None


def bucket_alone(host: str) -> str:
    """The bucket of `bucket.localhost:4566`, what SDKs make of the endpoint `http://localhost:4566`; for S3's requests only."""
    name = host.partition(":")[0]
    for base in (".localhost", ".localhost.localstack.cloud"):
        if name.lower().endswith(base) and not look(host).region and not look(host).service.startswith("s3"):
            return name[: -len(base)]
    return ""


def _raw(host: str, labels: int) -> str:
    """The first labels of a host, their case kept."""
    return ".".join(host.split(".")[:labels])


def _region(labels: list[str]) -> str:
    return next((label for label in labels if _REGION.fullmatch(label)), "")


def _service(labels: list[str]) -> Host:
    region = _region(labels)
    names = [label for label in labels if label not in (region, "dualstack", "vpce")]
    endpoints = index().endpoints
    for i in range(len(names)):
        joined = ".".join(names[i:])
        if joined in endpoints:
            return Host(endpoints[joined][0], region)
    # Host prefixes end in a dash with some services: `workflows-omics`, `sync-states`.
    first = names[0] if names else ""
    while "-" in first:
        first = first.partition("-")[2]
        if first in endpoints:
            return Host(endpoints[first][0], region)
    return Host("", region) if region else _NOTHING
