"""Public parameters: what AWS tells everybody under /aws/service. Computed from botocore's endpoints, never stored.

Regions and services are those of this botocore; images are made up, but always the same in one region.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

_GLOBAL = "/aws/service/global-infrastructure"
_LINUX = "/aws/service/ami-amazon-linux-latest"
_IMAGES = ("al2023-ami-kernel-6.1-arm64", "al2023-ami-kernel-6.1-x86_64", "al2023-ami-kernel-default-arm64",
           "al2023-ami-kernel-default-x86_64", "al2023-ami-minimal-kernel-6.1-arm64", "al2023-ami-minimal-kernel-6.1-x86_64",
           "al2023-ami-minimal-kernel-default-arm64", "al2023-ami-minimal-kernel-default-x86_64",
           "amzn2-ami-hvm-arm64-gp2", "amzn2-ami-hvm-x86_64-ebs", "amzn2-ami-hvm-x86_64-gp2",
           "amzn2-ami-kernel-5.10-hvm-arm64-gp2", "amzn2-ami-kernel-5.10-hvm-x86_64-ebs",
           "amzn2-ami-kernel-5.10-hvm-x86_64-gp2", "amzn2-ami-minimal-hvm-arm64-ebs", "amzn2-ami-minimal-hvm-x86_64-ebs")
# botocore's name of a service's endpoints, where the service's own name is another.
_NAMES = {"monitoring": "cloudwatch", "email": "ses", "states": "stepfunctions", "elasticloadbalancing": "elb",
          "elasticmapreduce": "emr", "elasticfilesystem": "efs"}
_SINCE = datetime(2019, 1, 1, tzinfo=UTC).timestamp()


class Known(NamedTuple):
    """A public parameter."""

    name: str
    value: str
    data_type: str = "text"


@lru_cache(maxsize=1)
def _partitions() -> tuple[Mapping[str, Any], ...]:
    from botocore.loaders import Loader

    return tuple(Loader().load_data("endpoints")["partitions"])


@lru_cache(maxsize=64)
def of(region: str) -> Mapping[str, Known]:
    """All public parameters of a region, by name, in order."""
    found = [*_places(), *_images(region)]
    return {one.name: one for one in sorted(found)}


@lru_cache(maxsize=1)
def _places() -> tuple[Known, ...]:
    """Partitions, regions and services, and which service is where."""
    out: dict[str, Known] = {}

    def add(path: str, value: str) -> None:
        out[path] = Known(f"{_GLOBAL}/{path}", value)

    for partition in _partitions():
        name = partition["partition"]
        add(f"partitions/{name}", name)
        for region, said in partition["regions"].items():
            add(f"regions/{region}", region)
            add(f"regions/{region}/longName", said["description"])
            add(f"regions/{region}/partition", name)
            add(f"regions/{region}/domain", partition["dnsSuffix"])
            add(f"regions/{region}/geolocationRegion", region)
        for endpoint, said in partition["services"].items():
            service = _NAMES.get(endpoint, endpoint).replace(".", "-")
            add(f"services/{service}", service)
            add(f"services/{service}/longName", service)
            for region in said["endpoints"].keys() & partition["regions"].keys():
                add(f"services/{service}/regions/{region}", region)
                add(f"regions/{region}/services/{service}", service)
                add(f"services/{service}/regions/{region}/endpoint", f"{endpoint}.{region}.{partition['dnsSuffix']}")
                add(f"regions/{region}/services/{service}/endpoint", f"{endpoint}.{region}.{partition['dnsSuffix']}")
    return tuple(out.values())


def _images(region: str) -> list[Known]:
    return [Known(f"{_LINUX}/{name}", "ami-" + hashlib.sha256(f"{region} {name}".encode()).hexdigest()[:17], "aws:ec2:image")
            for name in _IMAGES]


def is_public(name: str) -> bool:
    """Does AWS own names like this?"""
    return name.startswith("/aws/service")


def tell(prefix: str, one: Known) -> dict[str, Any]:
    """As GetParameter tells it. prefix: how ARNs begin, with the account, which public parameters do not have."""
    return {"Name": one.name, "Type": "String", "Value": one.value, "Version": 1, "LastModifiedDate": _SINCE,
            "ARN": f"{prefix.rpartition(':')[0]}::parameter{one.name}", "DataType": one.data_type}


def below(region: str, base: str, deep: bool, after: str, limit: int) -> list[Known]:
    """Some public parameters under a path, in order."""
    prefix = base + "/"
    matching = (one for name, one in of(region).items()
                if name > after and name.startswith(prefix) and (deep or "/" not in name[len(prefix):]))
    return list(islice(matching, limit))
