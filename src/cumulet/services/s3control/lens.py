"""Configurations of Storage Lens: what one may be, and the one that every account has.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3LensErrorCodeList
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, not_implemented, parse_arn

from . import points
from .lens_rows import LensConfiguration, LensGroup

DEFAULT = "default-account-dashboard"
HOME = "us-east-1"                               # of the default dashboard
_MOST = 50                                       # of buckets, regions or groups
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d")
_GROUP = re.compile(r"storage-lens-group/[a-zA-Z0-9\-_]{1,64}")
# Metrics of requests, which are not counted, by the names of their switches.
_OF_REQUESTS = ("ActivityMetrics", "DetailedStatusCodesMetrics", "AdvancedPerformanceMetrics")
_ABSENT = ("AwsOrg", "ExpandedPrefixesDataExport", "CostAndUsageReportsPublish", "IntAccessTiers")


def bad(code: str, message: str) -> AwsError:
    return error.named(code, message, 400)


def arn_of(call: Call, name: str) -> str:
    return f"arn:{points.partition(call)}:s3:{call.region}:{call.account}:storage-lens/{name}"


def group_arn(call: Call, name: str) -> str:
    return f"arn:{points.partition(call)}:s3:{call.region}:{call.account}:storage-lens-group/{name}"


def known(call: Call, name: str) -> LensConfiguration | None:
    """A configuration; the default one is there before anybody puts it."""
    row = call.table(LensConfiguration).get(name)
    if row is None and (name, call.region) == (DEFAULT, HOME):
        return LensConfiguration(name=DEFAULT, said={"Id": DEFAULT, "AccountLevel": {"BucketLevel": {}}, "IsEnabled": True})
    return row


def find(call: Call, name: str) -> LensConfiguration:
    """Raises NoSuchConfiguration."""
    row = known(call, name)
    if row is None:
        raise missing()
    return row


def find_group(call: Call, name: str) -> LensGroup:
    """Raises NoSuchConfiguration."""
    row = call.table(LensGroup).get(name)
    if row is None:
        raise missing()
    return row


def missing() -> AwsError:
    return error.named("NoSuchConfiguration", "The specified configuration does not exist.", 404)


def is_on(said: Mapping[str, Any], *path: str) -> bool:
    """Is what stands there enabled?"""
    here: Any = said
    for name in path:
        here = (here or {}).get(name)
    return bool((here or {}).get("IsEnabled"))


def groups(call: Call, said: Mapping[str, Any]) -> list[LensGroup]:
    """The groups that a configuration tells of."""
    level = said["AccountLevel"].get("StorageLensGroupLevel")
    if level is None:
        return []
    chosen = level.get("SelectionCriteria") or {}
    only, never = chosen.get("Include"), chosen.get("Exclude") or ()
    return [row for row in call.table(LensGroup).scan()
            if (only is None or group_arn(call, row.name) in only) and group_arn(call, row.name) not in never]


# --- what may be put ----------------------------------------------------------------------------------------------------


def check(call: Call, name: str, said: Mapping[str, Any]) -> None:
    """A StorageLensConfiguration, or an error."""
    if said["Id"] != name:
        raise bad("InvalidConfigId", "The configuration ID is not valid.")
    if said.get("StorageLensArn") is not None:
        raise bad("InvalidStorageLensArn", "The S3 Storage Lens ARN is not required in input.")
    if name == DEFAULT:
        _check_default(call, said)
    for member in _ABSENT:
        if said.get(member) is not None:
            raise not_implemented(f"s3control: Storage Lens configurations with {member}")
    _check_scope(said)
    _check_levels(said["AccountLevel"])
    if (level := said["AccountLevel"].get("StorageLensGroupLevel")) is not None:
        _check_groups(call, level.get("SelectionCriteria"))
    if (prefixes := said["AccountLevel"]["BucketLevel"].get("PrefixLevel")) is not None:
        _check_prefixes(said, prefixes["StorageMetrics"])
    export = said.get("DataExport") or {}
    if is_on(export, "StorageLensTableDestination"):
        raise not_implemented("s3control: Storage Lens exports to S3 Tables")
    if export.get("S3BucketDestination") is not None:
        _check_destination(export["S3BucketDestination"])


def _check_default(call: Call, said: Mapping[str, Any]) -> None:
    if call.region != HOME:
        raise bad("InvalidRegionForDefaultConfiguration", "The specified Region is not supported for default configuration.")
    if said.get("AwsOrg") is not None:
        raise bad("InvalidOrganizationForDefaultConfiguration",
                  "The default configuration does not support organization-level metrics.")
    if said.get("Include") is not None or said.get("Exclude") is not None:
        raise bad("InvalidFilterForDefaultConfiguration", "The default configuration must not include any filters.")


def _check_scope(said: Mapping[str, Any]) -> None:
    if said.get("Include") is not None and said.get("Exclude") is not None:
        raise bad("InvalidIncludeExcludeContainers", "You can specify either an Include container or an Exclude container in a "
                  "configuration. You cannot specify both in a configuration.")
    for kind in ("Include", "Exclude"):
        part = said.get(kind)
        if part is None:
            continue
        buckets, regions = part.get("Buckets"), part.get("Regions")
        if not buckets and not regions:
            raise bad(f"Empty{kind}Container", f"The {kind.lower()} container cannot be empty.")
        if len(buckets or ()) > _MOST:
            raise bad("TooManyBuckets", "The buckets container cannot have more than 50 buckets.")
        if len(regions or ()) > _MOST:
            raise bad("TooManyRegions", "The Regions container cannot have more than 50 Regions.")
        if not all(_REGION.fullmatch(one) for one in regions or ()):
            raise bad("InvalidRegionName", "The Region name is not valid.")


def _check_levels(account: Mapping[str, Any]) -> None:
    bucket = account["BucketLevel"]
    if is_on(bucket, "ActivityMetrics") and not is_on(account, "ActivityMetrics"):
        raise bad("MissingAccountLevelActivityMetrics", "Activity metrics must be enabled at the account level when activity "
                  "metrics are enabled at the bucket level.")
    if is_on(account, "ActivityMetrics") and not is_on(bucket, "ActivityMetrics"):
        raise bad("MissingBucketLevelActivityMetrics", "Activity metrics must be enabled at the bucket level when activity "
                  "metrics are enabled at the account level.")
    for member in _OF_REQUESTS:
        if is_on(account, member) or is_on(bucket, member):
            raise not_implemented(f"s3control: Storage Lens configurations with {member}")


def _check_groups(call: Call, chosen: Mapping[str, Any] | None) -> None:
    if chosen is None:
        return
    given = [kind for kind in ("Include", "Exclude") if chosen.get(kind) is not None]
    if len(given) != 1:
        raise bad("InvalidIncludeExcludeElements", "Only one Include or Exclude element is allowed. At least one Include or "
                  "Exclude element must be present.")
    arns = chosen[given[0]]
    if not arns:
        raise bad(f"Empty{given[0]}Element", f"You must specify a Storage Lens group with your {given[0]} element.")
    if len(arns) > _MOST:
        raise bad("TooManyStorageLensGroups",
                  "You can't attach more than 50 Storage Lens groups to your Storage Lens dashboard.")
    if len(set(arns)) < len(arns):
        raise bad("DuplicateStorageLensGroupARN",
                  "There are two or more entries of the same Storage Lens group ARN in this configuration.")
    for text in arns:
        arn = parse_arn(text)
        if arn is None or (arn.account, arn.region) != (call.account, call.region) or not _GROUP.fullmatch(arn.resource):
            raise bad("InvalidStorageLensGroupARN", "This Storage Lens group ARN isn't valid or only Storage Lens groups in "
                      "your account are allowed.")


def _check_prefixes(said: Mapping[str, Any], metrics: Mapping[str, Any]) -> None:
    if not metrics.get("IsEnabled"):
        raise bad("StorageMetricsMustEnabled", "Prefix-level storage metrics must be enabled.")
    given = said.get("PrefixDelimiter"), (metrics.get("SelectionCriteria") or {}).get("Delimiter")
    if all(given) and given[0] != given[1]:
        raise bad("InvalidRequest", "The prefix delimiter and the delimiter must be the same character.")


def _check_destination(there: Mapping[str, Any]) -> None:
    arn = parse_arn(there["Arn"])
    if arn is None or arn.service != "s3" or not arn.resource:
        raise bad("InvalidDestination", "The S3 bucket ARN is malformed.")
    encryption = there.get("Encryption")
    if encryption is None:
        return
    given = [kind for kind in ("SSES3", "SSEKMS") if encryption.get(kind) is not None]
    if not given:
        raise bad("MissingEncryptionMethod", "The encryption method cannot be blank. Specify either SSE-KMS or SSE-S3.")
    if len(given) > 1:
        raise bad("InvalidEncryptionMethod", "Only one encryption method can be specified.")
    key = parse_arn(encryption["SSEKMS"]["KeyId"]) if given == ["SSEKMS"] else None
    if given == ["SSEKMS"] and (key is None or key.service != "kms"):
        raise bad("InvalidKMSEncryptionKeyId", "The KMS key ID ARN is not valid.")
