"""Access points of directory buckets: their names, and the scope that keeps them to some prefixes and operations.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-manage-scope.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error

SUFFIX, BUCKETS = "--xa-s3", "--x-s3"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--(?P<zone>[a-z0-9]+(?:-[a-z0-9]+)*)--xa-s3")
_LONGEST = 50
_PREFIXES = 256                        # bytes of all of them, less than that


def is_name(name: str) -> bool:
    return name.endswith(SUFFIX)


def check_name(name: str, bucket: str) -> None:
    """Points and buckets belong together, and are in the same zone."""
    found = _NAME.fullmatch(name)
    if found is None or not 3 <= len(name) <= _LONGEST or not bucket.endswith(f"--{found['zone']}{BUCKETS}"):
        raise error.named("InvalidRequest", "Your Amazon S3 AccessPoint name is invalid", 400)


def arn_of(call: Call, name: str) -> str:
    return f"arn:aws:s3express:{call.region}:{call.account}:accesspoint/{name}"


def checked(said: Mapping[str, Any] | None) -> dict[str, list[str]] | None:
    """A scope, or an error; None where nothing is kept from anybody."""
    prefixes, permissions = list((said or {}).get("Prefixes") or ()), list((said or {}).get("Permissions") or ())
    if sum(len(one.encode()) for one in prefixes) >= _PREFIXES:
        raise error.named("InvalidRequest", "The total length of all prefixes must be less than 256 bytes.", 400)
    return {"Prefixes": prefixes, "Permissions": permissions} if prefixes or permissions else None
