"""Buckets: made, listed, found, deleted."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import acls, bodies, delivering, directories, names, resources, tables, tagging, tokens
from ..buckets import ENFORCED, bucket_of
from ..faults import access_denied, invalid_argument
from ..metadata import journal
from ..resources import Annotation, Configuration, Current, Older, Part, Renamed, Upload

REGIONS = frozenset((
    "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1",
    "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
    "ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1",
    "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1",
    "me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1",
    "us-west-2"))
CLASSIC = "us-east-1"
_MOST_BUCKETS = 10_000


@operation
def create_bucket(call: Call, Bucket: str, ACL: str | None = None, GrantFullControl: str | None = None,
                  GrantRead: str | None = None, GrantReadACP: str | None = None, GrantWrite: str | None = None,
                  GrantWriteACP: str | None = None, CreateBucketConfiguration: dict[str, Any] | None = None,
                  ObjectOwnership: str | None = None, ObjectLockEnabledForBucket: bool = False,
                  BucketNamespace: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
    if tables.is_made(call, Bucket):
        return tables.make(call, Bucket)
    wanted = CreateBucketConfiguration or {}
    zone = directories.zone_of(Bucket, wanted) if wanted.get("Location") or wanted.get("Bucket") else ""
    if not zone and not names.is_bucket_name(Bucket):
        raise error.named("InvalidBucketName", "The specified bucket is not valid.", 400, BucketName=Bucket)
    region = call.region if zone else _region(call.region, wanted.get("LocationConstraint"))
    _check_namespace(Bucket, BucketNamespace, zone, call.account, region)
    ownership = ObjectOwnership or ENFORCED
    grants = _grants(call.account, ownership,
                     acls.Asked(ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWrite, GrantWriteACP))
    tags = tagging.from_set(wanted.get("Tags") or (), tagging.BUCKET_TAGS)
    known = call.table(resources.Bucket).get(Bucket)
    if known is not None:
        _taken(call, known)
    else:
        call.put(resources.Bucket(
            BucketName=Bucket, account=call.account, region=region, number=int(call.token(15), 16), tags=tags, created=call.now,
            PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
                                            "RestrictPublicBuckets": True},
            OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]}, grants=grants, zone=zone,
            object_lock=ObjectLockEnabledForBucket, uncounted=True,
            VersioningConfiguration={"Status": "Enabled"} if ObjectLockEnabledForBucket else None))
    return {"Location": f"/{Bucket}" if call.region == CLASSIC else f"{call.endpoint}/{Bucket}"}


def _check_namespace(name: str, namespace: str | None, zone: str, account: str, region: str) -> None:
    """Names of an account's namespace in a region are for who asks for it there.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
    """
    if zone and namespace is not None:
        raise invalid_argument("Directory buckets have no namespace.", "x-amz-bucket-namespace", namespace)
    fits = names.is_in_namespace(name, account, region) if namespace == "account-regional" else not names.is_namespaced(name)
    if not fits:
        raise error.named("InvalidBucketName", "The specified bucket is not valid.", 400, BucketName=name)


def _grants(account: str, ownership: str, asked: acls.Asked) -> acls.Grants | None:
    """The access control list of a new bucket. Public ones are refused: new buckets block them."""
    grants = acls.said(asked, names.owner_id(account))
    if grants is None or grants == [(names.owner_id(account), acls.FULL_CONTROL)]:
        return None
    if ownership == ENFORCED:
        raise error.named("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's "
                          "BucketOwnerEnforced setting", 400)
    if acls.is_public(grants):
        raise access_denied()
    return grants


def _region(here: str, asked: str | None) -> str:
    """The region that a new bucket shall be in: the endpoint's; us-east-1 makes them anywhere else."""
    if asked == "":
        asked = None
    if asked is not None and asked != "EU" and asked not in REGIONS:
        raise error.named("InvalidLocationConstraint", "The specified location-constraint is not valid", 400,
                          LocationConstraint=asked)
    if asked == "EU":
        asked = "eu-west-1"
    if here != CLASSIC and asked != here:
        what = f"The {asked} location constraint is" if asked else "The unspecified location constraint is"
        raise error.named("IllegalLocationConstraintException",
                          f"{what} incompatible for the region specific endpoint this request was sent to.", 400)
    return asked or CLASSIC


def _taken(call: Call, known: resources.Bucket) -> None:
    """A name that exists: an error, but for the owner asking again in us-east-1."""
    if known.account != call.account:
        raise error.BucketAlreadyExists("The requested bucket name is not available. The bucket namespace is shared by all "
                                        "users of the system. Please select a different name and try again.",
                                        BucketName=known.BucketName)
    if not known.region == call.region == CLASSIC:
        raise error.BucketAlreadyOwnedByYou("Your previous request to create the named bucket succeeded and you already own "
                                            "it.", BucketName=known.BucketName)


@operation
def head_bucket(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if bucket.zone:
        return {"BucketRegion": bucket.region, "BucketArn": directories.arn_of(call, Bucket), "BucketLocationName": bucket.zone,
                "BucketLocationType": directories.kind_of(bucket.zone), "AccessPointAlias": False}
    return {"BucketRegion": bucket.region, "BucketArn": call.arn(bucket), "AccessPointAlias": False}


@operation
def get_bucket_location(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html"""
    region = bucket_of(call, Bucket, ExpectedBucketOwner).region
    return {"LocationConstraint": "" if region == CLASSIC else region}


@operation
def list_buckets(call: Call, MaxBuckets: int | None = None, ContinuationToken: str | None = None, Prefix: str | None = None,
                 BucketRegion: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html"""
    limit = _MOST_BUCKETS if MaxBuckets is None else MaxBuckets
    if not 1 <= limit <= _MOST_BUCKETS:
        raise invalid_argument(f"Argument max-buckets must be an integer between 1 and {_MOST_BUCKETS}.", "max-buckets", limit)
    paged = any(one is not None for one in (MaxBuckets, ContinuationToken, Prefix, BucketRegion))
    after = tokens.read(ContinuationToken) if ContinuationToken else None
    found: list[resources.Bucket] = []
    while len(found) <= limit:
        rows = call.table(resources.Bucket).scan(call.account, index="owned", low=Prefix or None, after=after, limit=limit + 1)
        fitting = [row for row in rows if row.BucketName.startswith(Prefix or "")]
        found += [row for row in fitting if BucketRegion in (None, row.region) and not row.zone and not row.table]
        if len(rows) <= limit or len(fitting) < len(rows):
            break
        after = rows[-1].BucketName
    more = len(found) > limit
    del found[limit:]
    return {
        "Owner": {"ID": names.owner_id(call.account)}, "Prefix": Prefix,
        "Buckets": [{"Name": row.BucketName, "CreationDate": float(int(row.created)),
                     "BucketRegion": row.region if paged else None} for row in found],
        "ContinuationToken": tokens.written(found[-1].BucketName) if more else None}


@operation
def delete_bucket(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if _holds(call, Current, bucket.number) or _holds(call, Older, bucket.number):
        further = ". You must delete all versions in the bucket." if bucket.versioning else ""
        raise error.named("BucketNotEmpty", "The bucket you tried to delete is not empty" + further, 409, BucketName=Bucket)
    told = call.as_service(account=bucket.account, region=bucket.region).s3control.list_access_points(
        AccountId=bucket.account, Bucket=Bucket, MaxResults=1)
    if told["AccessPointList"]:
        raise error.named("BucketHasAccessPointsAttached", "The bucket you tried to delete has access points attached. Delete "
                          "your access points before deleting your bucket.", 409, BucketName=Bucket)
    for upload in call.table(Upload).iterate(bucket.number):
        for part in call.table(Part).iterate(upload.number):
            bodies.release_pieces(call, part.pieces)
        call.table(Part).delete_all(upload.number)
    call.table(Upload).delete_all(bucket.number)
    call.table(Configuration).delete_all(bucket.number)
    delivering.forget(call, bucket)
    call.table(Renamed).delete_all(bucket.number)
    call.table(Annotation).delete_all(bucket.number)
    journal.forget(call, bucket.number)
    call.table(resources.Bucket).delete(Bucket)


def _holds(call: Call, kind: type[Current] | type[Older], number: int) -> bool:
    return bool(call.table(kind).sql('SELECT 1 FROM {table} WHERE scope = {scope} AND "bucket" = ? LIMIT 1', number))
