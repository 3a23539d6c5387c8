"""Manifests of Batch Operations: the lists of objects that jobs are about, as CSV or as a report of S3 Inventory.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-create-job.html#specify-batchjob-manifest
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

import msgspec

from cumulet.kernel import AwsError, Call, Spool, error, parse_arn

from .resources import Job, Task

CSV, INVENTORY, GENERATED = "S3BatchOperations_CSV_20180820", "S3InventoryReport_CSV_20161130", "S3InventoryReport_CSV_20211130"
SCHEMA = ["Bucket", "Key", "VersionId"]
_MOST_COLUMNS = 100


def bad(message: str) -> AwsError:
    return error.BadRequestException(message)


def check(said: Mapping[str, Any]) -> None:
    """A Manifest of CreateJob, or an error."""
    spec = said["Spec"]
    fields = list(spec.get("Fields") or ())
    if spec["Format"] == CSV:
        named = [one for one in fields if one != "Ignore"]
        if sorted(named) not in (["Bucket", "Key"], SCHEMA) or len(fields) > _MOST_COLUMNS:
            raise bad("The manifest's fields must be Bucket, Key and, if need be, VersionId.")
    elif fields:
        raise bad("The fields of a report of S3 Inventory are not specified.")
    place = parse_arn(said["Location"]["ObjectArn"])
    if place is None or place.service != "s3" or "/" not in place.resource:
        raise bad("The manifest's location must be the ARN of an object.")


def read(call: Call, job: Job) -> Iterator[Task]:
    """The tasks of the job's manifest. Raises ValueError where it is none."""
    spec, place = job.said["Manifest"]["Spec"], job.said["Manifest"]["Location"]
    arn = parse_arn(place["ObjectArn"])
    assert arn is not None
    bucket, _, key = arn.resource.partition("/")
    data = _object(call, bucket, key, VersionId=place.get("ObjectVersionId"), IfMatch=place["ETag"])
    if spec["Format"] == CSV:
        yield from lines(job.id, data, spec["Fields"])
        return
    try:
        told = msgspec.json.decode(data)
        fields, files = [one.strip() for one in told["fileSchema"].split(",")], [one["key"] for one in told["files"]]
        there = told["destinationBucket"].rpartition(":")[2]
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        raise ValueError("this is no manifest of S3 Inventory") from None
    number = 0
    for name in files:
        for one in lines(job.id, _unpacked(_object(call, there, name)), fields, number):
            number = one.number + 1
            yield one


def _object(call: Call, bucket: str, key: str, **more: Any) -> bytes:
    return call.read(call.as_service().s3.get_object(Bucket=bucket, Key=key, **more)["Body"])


def _unpacked(data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError):
        raise ValueError("a file of the report is not packed by gzip") from None


def lines(job: str, data: bytes, fields: list[str], first: int = 0) -> Iterator[Task]:
    """The tasks of a file, whose keys are URL-encoded. fields: what its columns are.  first: the number of the first task."""
    if "Bucket" not in fields or "Key" not in fields:
        raise ValueError("there are no columns Bucket and Key")
    bucket, key = fields.index("Bucket"), fields.index("Key")
    version = fields.index("VersionId") if "VersionId" in fields else None
    for number, row in enumerate(csv.reader(data.decode().splitlines())):
        if len(row) != len(fields):
            raise ValueError(f"line {number + 1} has {len(row)} fields, not {len(fields)}")
        yield Task(job=job, number=first + number, bucket=row[bucket], key=unquote_plus(row[key]),
                   version=row[version] if version is not None else "")


def folder(job: Job) -> str:
    """Where the manifest goes that is generated for the job."""
    there = job.said["ManifestGenerator"]["S3JobManifestGenerator"]["ManifestOutputLocation"]
    return "/".join(one for one in (there.get("ManifestPrefix"), f"job-{job.id}") if one)


def write(call: Call, job: Job, tasks: Iterable[Task]) -> dict[str, str]:
    """The manifest that was generated, where the job wants it; the location of its first file."""
    generator = job.said["ManifestGenerator"]["S3JobManifestGenerator"]
    there = generator["ManifestOutputLocation"]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [one.bucket, quote(one.key, safe="/"), one.version] for one in tasks)
    data = gzip.compress(text.getvalue().encode(), mtime=0)
    sums = hashlib.md5(data, usedforsecurity=False).hexdigest()
    name = f"{folder(job)}/data/{sums}.csv.gz"
    _put(call, there, name, data)
    told = {"sourceBucket": generator["SourceBucket"].rpartition(":")[2], "destinationBucket": there["Bucket"],
            "version": "2021-11-30", "creationTimestamp": str(int(call.now * 1000)), "fileFormat": "CSV",
            "fileSchema": ", ".join(SCHEMA),
            "files": [{"key": name, "size": len(data), "MD5checksum": sums}]}
    etag = _put(call, there, f"{folder(job)}/manifest.json", msgspec.json.encode(told))
    return {"ObjectArn": f"{there['Bucket']}/{folder(job)}/manifest.json", "ETag": etag}


def _put(call: Call, there: Mapping[str, Any], key: str, data: bytes) -> str:
    kms = (there.get("ManifestEncryption") or {}).get("SSEKMS")
    done = call.as_service().s3.put_object(
        Bucket=there["Bucket"].rpartition(":")[2], Key=key, Body=Spool(data), SSEKMSKeyId=kms["KeyId"] if kms else None,
        ServerSideEncryption="aws:kms" if kms else None, ExpectedBucketOwner=there.get("ExpectedManifestBucketOwner"))
    etag: str = done["ETag"]
    return etag
