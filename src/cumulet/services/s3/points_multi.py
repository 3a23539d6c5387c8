"""Multi-Region access points as a bucket's name: by ARN, by alias, by the host name `ALIAS.mrap.accesspoint.s3-global…`.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from .points import Entrance

ENDING = ".mrap"
_ALIAS = re.compile(r"m[a-z2-7]{12}(?P<account>[a-z0-9]{8})\.mrap")
_ACTIVE = 100
# What may be asked through them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html
THROUGH = frozenset({
    "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject",
    "DeleteObjectTagging", "GetObject", "GetObjectAcl", "GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging",
    "HeadObject", "ListMultipartUploads", "ListObjectsV2", "ListParts", "PutObject", "PutObjectAcl", "PutObjectLegalHold",
    "PutObjectRetention", "PutObjectTagging", "RestoreObject", "UploadPart", "UploadPartCopy"})


def is_name(name: str) -> bool:
    return name.endswith(ENDING)


def missing() -> AwsError:
    return error.named("NoSuchMultiRegionAccessPoint", "The specified Multi-Region Access Point does not exist.", 404)


def find(call: Call, name: str) -> Entrance | None:
    """By its ARN or its alias; None where there is none, or it is not ready."""
    arn = parse_arn(name) if name.startswith("arn:") else None
    alias = arn.resource.removeprefix("accesspoint/") if arn is not None else name
    told = _ALIAS.fullmatch(alias)
    if told is None:
        return None
    account = f"{int(told['account'], 36):012d}"
    control = call.as_service(account=account).s3control
    try:
        found = control.get_multi_region_access_point(AccountId=account, Name=alias)["AccessPoint"]
    except AwsError:
        return None
    mine = f"arn:aws:s3::{account}:accesspoint/{alias}"
    if found["Status"] != "READY" or (arn is not None and name != mine):
        return None
    routes = control.get_multi_region_access_point_routes(AccountId=account, Mrap=mine)["Routes"]
    return Entrance(mine, account, nearest(routes, call.region), found["PublicAccessBlock"], found["Name"], alias)


def nearest(routes: Sequence[Mapping[str, Any]], region: str) -> str:
    """The bucket that traffic goes to: the active one in the caller's region, else the first active one."""
    active = [one for one in routes if one["TrafficDialPercentage"] == _ACTIVE]
    return str(next((one for one in active if one["Region"] == region), active[0])["Bucket"])


def policy(call: Call, account: str, name: str) -> str:
    """The established policy, or ""."""
    told = call.as_service(account=account).s3control.get_multi_region_access_point_policy(AccountId=account, Name=name)
    return str((told["Policy"]["Established"] or {}).get("Policy") or "")
