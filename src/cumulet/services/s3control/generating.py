"""Manifests that S3 generates: the versions in a bucket that a job's filter lets through, a page of them at a time.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html#automatically-generate-manifest-file
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, not_implemented, parse_arn

from .manifests import bad
from .resources import Job, Task

PAGE = 1000
_CHEAP = {"CreatedAfter", "CreatedBefore", "KeyNameConstraint", "ObjectSizeGreaterThanBytes", "ObjectSizeLessThanBytes",
          "MatchAnyStorageClass"}
_FILTERS = _CHEAP | {"EligibleForReplication", "ObjectReplicationStatuses", "MatchAnyObjectEncryption"}
_METHODS = {"SSES3": "AES256", "SSEKMS": "aws:kms", "DSSEKMS": "aws:kms:dsse", "SSEC": "SSE-C", "NOTSSE": ""}


def check(said: Mapping[str, Any]) -> None:
    """A ManifestGenerator of CreateJob, or an error."""
    wanted = said.get("S3JobManifestGenerator")
    if wanted is None:
        raise bad("S3JobManifestGenerator must be specified.")
    if wanted["EnableManifestOutput"] and not wanted.get("ManifestOutputLocation"):
        raise bad("ManifestOutputLocation must be specified where EnableManifestOutput is true.")
    for arn in (wanted["SourceBucket"], (wanted.get("ManifestOutputLocation") or {}).get("Bucket")):
        place = parse_arn(arn) if arn is not None else None
        if arn is not None and (place is None or place.service != "s3" or place.account or "/" in place.resource):
            raise bad(f"Invalid bucket ARN: {arn}")
    for name in wanted.get("Filter") or {}:
        if name not in _FILTERS:
            raise not_implemented(f"s3control: manifests filtered by {name}")


class Source:
    """The bucket of a job's generator, and what of it is wanted."""

    def __init__(self, call: Call, job: Job) -> None:
        said = job.said["ManifestGenerator"]["S3JobManifestGenerator"]
        self._s3 = call.as_service().s3
        self._job = job
        self._filter: Mapping[str, Any] = said.get("Filter") or {}
        self._bucket = said["SourceBucket"].rpartition(":")[2]
        self._owner = said.get("ExpectedBucketOwner")
        self._rules = self._replication()
        self._plain = "" if self._is_plain() else "null"                # what versions are called that have no id

    def _replication(self) -> Sequence[Mapping[str, Any]] | None:
        """The rules that make a version eligible; None where that is not asked."""
        if not self._filter.get("EligibleForReplication"):
            return None
        told = self._s3.get_bucket_replication(Bucket=self._bucket, ExpectedBucketOwner=self._owner)
        return [rule for rule in told["ReplicationConfiguration"]["Rules"] if rule["Status"] == "Enabled"]

    def _is_plain(self) -> bool:
        """Were there never any versions?"""
        told = self._s3.get_bucket_versioning(Bucket=self._bucket, ExpectedBucketOwner=self._owner)
        return not told.get("Status")

    def page(self, marker: tuple[str, str] | None) -> tuple[list[Task], tuple[str, str] | None]:
        """The wanted ones of the next versions; and where the page behind them begins, if there is one."""
        key, version = marker or (None, None)
        found = self._s3.list_object_versions(
            Bucket=self._bucket, ExpectedBucketOwner=self._owner, Prefix=self._prefix(), MaxKeys=PAGE, KeyMarker=key,
            VersionIdMarker=version)
        tasks = [Task(job=self._job.id, number=self._job.total + number, bucket=self._bucket, key=one["Key"],
                      version=self._plain if one["VersionId"] == "null" else one["VersionId"])
                 for number, one in enumerate(self._wanted(found["Versions"]))]
        return tasks, (found["NextKeyMarker"], found["NextVersionIdMarker"]) if found["IsTruncated"] else None

    def _prefix(self) -> str:
        """What all keys that may be wanted begin with, where that is known."""
        prefixes: Sequence[str] = (self._filter.get("KeyNameConstraint") or {}).get("MatchAnyPrefix") or []
        return prefixes[0] if len(prefixes) == 1 else ""

    def _wanted(self, listed: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        dear = self._filter.keys() - _CHEAP
        for one in listed:
            if matches(self._filter, one) and (not dear or self._is_meant(one)):
                yield one

    def _is_meant(self, one: Mapping[str, Any]) -> bool:
        """The filters that need a look at the version itself."""
        place = {"Bucket": self._bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        about = self._head(place)
        statuses, methods = self._filter.get("ObjectReplicationStatuses"), self._filter.get("MatchAnyObjectEncryption")
        if statuses and (about.get("ReplicationStatus") or "NONE") not in statuses:
            return False
        if methods and not any(_encrypted(name, said or {}, about) for one in methods for name, said in one.items()):
            return False
        # What is under keys is not replicated here.
        return self._rules is None or (about["ServerSideEncryption"] == _METHODS["SSES3"] and self._is_eligible(place))

    def _head(self, place: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"ServerSideEncryption": ""} | {
                name: value for name, value in self._s3.head_object(**place).items() if value is not None}
        except AwsError as problem:
            if problem.status == 400 or problem.code == "InvalidRequest":       # only whoever has the key is told more
                return {"ServerSideEncryption": _METHODS["SSEC"]}
            raise

    def _is_eligible(self, place: Mapping[str, Any]) -> bool:
        """Is a rule of replication about this version?"""
        tags: dict[str, str] | None = None
        for rule in self._rules or ():
            prefix, needed = _of_rule(rule)
            if not place["Key"].startswith(prefix):
                continue
            if needed and tags is None:
                tags = {tag["Key"]: tag["Value"] for tag in self._s3.get_object_tagging(**place)["TagSet"]}
            if not needed or needed.items() <= (tags or {}).items():
                return True
        return False


def matches(wanted: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    """The filters that a listing answers."""
    after, before = wanted.get("CreatedAfter"), wanted.get("CreatedBefore")
    above, below = wanted.get("ObjectSizeGreaterThanBytes"), wanted.get("ObjectSizeLessThanBytes")
    names = wanted.get("KeyNameConstraint") or {}
    tests = (("MatchAnyPrefix", str.startswith), ("MatchAnySuffix", str.endswith), ("MatchAnySubstring", str.__contains__))
    return ((after is None or one["LastModified"] > after) and (before is None or one["LastModified"] < before)
            and (above is None or one["Size"] > above) and (below is None or one["Size"] < below)
            and one["StorageClass"] in (wanted.get("MatchAnyStorageClass") or [one["StorageClass"]])
            and all(any(test(one["Key"], text) for text in names[which]) for which, test in tests if names.get(which)))


def _encrypted(name: str, said: Mapping[str, Any], about: Mapping[str, Any]) -> bool:
    """Is the version encrypted in this way?"""
    return (about["ServerSideEncryption"] == _METHODS[name]
            and said.get("KmsKeyArn") in (None, about.get("SSEKMSKeyId"))
            and said.get("BucketKeyEnabled") in (None, bool(about.get("BucketKeyEnabled"))))


def _of_rule(rule: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The prefix and the tags that a rule is about."""
    said = rule.get("Filter") or {}
    both = said.get("And") or {}
    tags = [said["Tag"]] if said.get("Tag") else both.get("Tags") or []
    prefix = rule.get("Prefix") or said.get("Prefix") or both.get("Prefix") or ""
    return prefix, {tag["Key"]: tag.get("Value", "") for tag in tags}
