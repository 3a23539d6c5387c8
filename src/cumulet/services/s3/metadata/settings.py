"""A bucket's metadata configuration: which tables it has, how they fare, and how long records are kept.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-configuring.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error

from ..faults import invalid_argument, malformed_xml
from ..resources import Bucket
from . import columns
from .commits import Place

JOURNAL, INVENTORY, ANNOTATION = "journal", "inventory", "annotation"
COLUMNS = {JOURNAL: columns.JOURNAL, INVENTORY: columns.INVENTORY, ANNOTATION: columns.ANNOTATION}
ENABLED, DISABLED = "ENABLED", "DISABLED"
ACTIVE, BACKFILLING, FAILED = "ACTIVE", "BACKFILLING", "FAILED"
_LEAST, _MOST = 7, 2_147_483_647
_DENIED = ("AccessDenied", "AccessDeniedException", "ForbiddenException")
_AGAIN = "To create a new metadata table, you must delete the metadata configuration for this bucket, and then create a new " \
         "metadata configuration."
_SENTENCES = {
    "AccessDeniedCreatingResources": "You don't have sufficient permissions to create the required resources.",
    "AccessDeniedWritingToTable": "Unable to write to the metadata table because of missing resource permissions.",
    "DestinationTableNotFound": "The destination table doesn't exist.",
    "JournalTableAlreadyExists": "A journal table already exists in the AWS managed table bucket's namespace. Delete the "
                                 "journal table, and then try again.",
    "AnnotationTableAlreadyExists": "An annotation table already exists in the AWS managed table bucket's namespace. Delete "
                                    "the annotation table, and then try again.",
    "InventoryTableAlreadyExists": "An inventory table already exists in the AWS managed table bucket's namespace. Delete the "
                                   "inventory table, and then try again.",
    "JournalTableNotAvailable": "The journal table that the table relies on has a FAILED status.",
    "TableAlreadyExists": "The table that you specified already exists in the table bucket's namespace. Specify a different "
                          "table name.",
    "TableBucketNotFound": "The table bucket that you specified doesn't exist in this AWS Region and account."}


def find(call: Call, name: str, number: int) -> Bucket | None:
    """The bucket, if it is still this one and has a configuration."""
    found = call.table(Bucket).get(name)
    return found if found is not None and found.number == number and found.metadata is not None else None


def of(bucket: Bucket) -> dict[str, Any]:
    """The configuration, or an error."""
    if bucket.metadata is None:
        raise error.named("MetadataConfigurationNotFound", "The metadata configuration does not exist.", 404,
                          BucketName=bucket.BucketName)
    return bucket.metadata


def table(bucket: Bucket, kind: str) -> dict[str, Any] | None:
    """What is known of one of the two tables."""
    found: dict[str, Any] | None = (bucket.metadata or {}).get(kind)
    return found


def place(bucket: Bucket, kind: str) -> Place:
    assert bucket.metadata is not None
    return Place(bucket.metadata["bucket"], bucket.metadata["namespace"], bucket.metadata[kind]["name"])


def has_failed(bucket: Bucket, kind: str) -> bool:
    said = table(bucket, kind)
    return said is None or said["status"] == FAILED


def fail(bucket: Bucket, kind: str, code: str) -> None:
    """Nothing is written to the table any more, for this reason."""
    assert bucket.metadata is not None
    said = bucket.metadata[kind]
    said["status"], said["error"] = FAILED, {"ErrorCode": code, "ErrorMessage": f"{_SENTENCES[code]} {_AGAIN}"}


def failed(call: Call, bucket: Bucket, kind: str, problem: AwsError) -> None:
    """A table could not be written to. What may go by itself is raised, and tried again."""
    code = "DestinationTableNotFound" if problem.code == "NotFoundException" else "AccessDeniedWritingToTable"
    if problem.code != "NotFoundException" and problem.code not in _DENIED:
        raise problem
    row = find(call, bucket.BucketName, bucket.number)
    if row is not None:
        fail(row, kind, code)
        call.put(row)


def why_not_made(problem: AwsError, kind: str, first_version: bool) -> str:
    """What it is called that a table could not be made."""
    if problem.code == "ConflictException":
        return "TableAlreadyExists" if first_version else f"{kind.capitalize()}TableAlreadyExists"
    if problem.code == "NotFoundException":
        return "TableBucketNotFound"
    if problem.code in _DENIED:
        return "AccessDeniedCreatingResources"
    raise problem


# --- what is said -------------------------------------------------------------------------------------------------------


def expiration(said: Mapping[str, Any] | None) -> dict[str, Any]:
    """A RecordExpiration, checked."""
    if said is None or said.get("Expiration") not in (ENABLED, DISABLED):
        raise malformed_xml()
    if said["Expiration"] == DISABLED:
        if said.get("Days") is not None:
            raise malformed_xml()
        return {"Expiration": DISABLED}
    if not _LEAST <= (said.get("Days") or 0) <= _MOST:
        raise invalid_argument("Days must be a whole number from 7 to 2147483647.", "Days", said.get("Days"))
    return {"Expiration": ENABLED, "Days": said["Days"]}


def days(bucket: Bucket) -> int | None:
    """For how many days records are kept; None for ever."""
    said = (bucket.metadata or {}).get("expiration") or {}
    return said.get("Days") if said.get("Expiration") == ENABLED else None


def encryption(said: Mapping[str, Any] | None) -> dict[str, str] | None:
    """The encryption of a table, as S3 Tables has it; None as its bucket has it."""
    if said is None:
        return None
    algorithm, key = said.get("SseAlgorithm"), said.get("KmsKeyArn")
    if algorithm not in ("aws:kms", "AES256"):
        raise malformed_xml()
    if (algorithm == "aws:kms") != bool(key):
        raise invalid_argument("A KMS key ARN must be specified with aws:kms, and with nothing else.", "KmsKeyArn", key)
    return {"sseAlgorithm": algorithm} | ({"kmsKeyArn": key} if key else {})


def state(said: Mapping[str, Any] | None) -> str:
    """Is a table wanted?"""
    found = (said or {}).get("ConfigurationState", DISABLED)
    if found not in (ENABLED, DISABLED):
        raise malformed_xml()
    return str(found)


# --- what is told -------------------------------------------------------------------------------------------------------


def told(bucket: Bucket) -> dict[str, Any]:
    """A MetadataConfigurationResult."""
    said = of(bucket)
    first = said["version"] == 1
    found: dict[str, Any] = {"DestinationResult": {
        "TableBucketType": "customer" if first else "aws", "TableBucketArn": said["bucket"],
        "TableNamespace": said["namespace"]}}
    found["JournalTableConfigurationResult"] = _table(said[JOURNAL]) | {"RecordExpiration": said["expiration"]}
    for kind in (INVENTORY, ANNOTATION):
        name = f"{kind.capitalize()}TableConfigurationResult"
        if said.get(kind) is not None:
            found[name] = _table(said[kind]) | {"ConfigurationState": ENABLED}
        elif kind == INVENTORY and not first:
            found[name] = {"ConfigurationState": DISABLED}
    return found


def _table(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"TableName": said["name"], "TableArn": said.get("arn"), "TableStatus": said["status"], "Error": said.get("error"),
            "Role": said.get("role")}


def first_told(bucket: Bucket) -> dict[str, Any]:
    """A GetBucketMetadataTableConfigurationResult, of the first version of the API."""
    said = of(bucket)
    journal = said[JOURNAL]
    return {"MetadataTableConfigurationResult": {"S3TablesDestinationResult": {
        "TableBucketArn": said["bucket"], "TableName": journal["name"], "TableArn": journal.get("arn", ""),
        "TableNamespace": said["namespace"]}}, "Status": journal["status"], "Error": journal.get("error")}
