"""What a bucket is configured to do. Where no setter is there yet, the reading tells the truth: it is not configured."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import checksums, mfa, names, payment, sealing, tagging
from ..buckets import ENFORCED, bucket_of
from ..faults import absent, access_denied, invalid_argument, invalid_request, malformed_xml
from ..resources import Bucket as BucketRow

# --- versioning -------------------------------------------------------------------------------------------------------


@operation
def put_bucket_versioning(call: Call, Bucket: str, VersioningConfiguration: dict[str, Any], ContentMD5: str | None = None,
                          MFA: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, ContentMD5)
    status, factor = VersioningConfiguration.get("Status"), VersioningConfiguration.get("MFADelete")
    if status is None:
        raise error.named("IllegalVersioningConfigurationException", "The Versioning element must be specified", 400)
    if status not in ("Enabled", "Suspended"):
        raise malformed_xml()
    if bucket.object_lock and status != "Enabled":
        raise error.named("InvalidBucketState", "An Object Lock configuration is present on this bucket, so the versioning "
                          "state cannot be changed.", 409)
    if bucket.replication is not None and status != "Enabled":
        raise error.named("InvalidBucketState", "A replication configuration is present on this bucket, so the versioning "
                          "state cannot be changed.", 409)
    if factor is not None or mfa.is_on(bucket):
        _check_factor(call, bucket, factor, MFA)
    before = (bucket.VersioningConfiguration or {}).get("MFADelete")
    bucket.VersioningConfiguration = {"Status": status} | ({"MFADelete": factor or before} if factor or before else {})
    call.put(bucket)


def _check_factor(call: Call, bucket: BucketRow, wanted: str | None, header: str | None) -> None:
    """Only the root of the owner switches MFA delete, with a code; with one alone what is versioned changes while it is on."""
    if wanted not in (None, mfa.ENABLED, "Disabled"):
        raise malformed_xml()
    if wanted is not None and (call.principal.kind != "root" or call.account != bucket.account):
        raise access_denied("This operation may only be performed by the bucket owner")
    if wanted == mfa.ENABLED and bucket.lifecycle:
        raise error.named("InvalidBucketState", "MFA Delete cannot be enabled on a bucket with a lifecycle configuration.", 409)
    if mfa.is_on(bucket) or wanted == mfa.ENABLED:
        mfa.check(call, header)


@operation
def get_bucket_versioning(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return {"Status": bucket.versioning or None, "MFADelete": (bucket.VersioningConfiguration or {}).get("MFADelete")}


# --- tags -------------------------------------------------------------------------------------------------------------


@operation
def put_bucket_tagging(call: Call, Bucket: str, Tagging: dict[str, Any], ContentMD5: str | None = None,
                       ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, ContentMD5)
    _check_taggable(call, bucket)
    bucket.tags = tagging.from_set(Tagging.get("TagSet", ()), tagging.BUCKET_TAGS)
    call.put(bucket)


@operation
def get_bucket_tagging(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketTagging.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if not bucket.tags:
        raise absent("NoSuchTagSet", "The TagSet does not exist", Bucket)
    return {"TagSet": tagging.as_set(bucket.tags)}


@operation
def delete_bucket_tagging(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketTagging.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    _check_taggable(call, bucket)
    bucket.tags = {}
    call.put(bucket)


def _check_taggable(call: Call, bucket: BucketRow) -> None:
    """Where tags decide on access, they are set by TagResource and UntagResource, which come here as S3 itself."""
    if bucket.tags_decide and call.principal.kind != "service":
        raise invalid_request("Attribute-based access control is enabled for this bucket. Use the TagResource and "
                              "UntagResource operations to manage its tags.")


# --- who may, whose they are, how they are kept -----------------------------------------------------------------------

_OWNERSHIPS = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")


@operation
def put_bucket_ownership_controls(call: Call, Bucket: str, OwnershipControls: dict[str, Any], ContentMD5: str | None = None,
                                  ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketOwnershipControls.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, ContentMD5)
    rules = OwnershipControls.get("Rules", ())
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in _OWNERSHIPS:
        raise malformed_xml()
    if rules[0]["ObjectOwnership"] == ENFORCED and {who for who, _ in bucket.grants or ()} - {names.owner_id(bucket.account)}:
        raise error.named("InvalidBucketAclWithObjectOwnership", "Bucket cannot have ACLs set with ObjectOwnership's "
                          "BucketOwnerEnforced setting", 400)
    bucket.OwnershipControls = {"Rules": [{"ObjectOwnership": rules[0]["ObjectOwnership"]}]}
    call.put(bucket)


@operation
def get_bucket_ownership_controls(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html"""
    said = bucket_of(call, Bucket, ExpectedBucketOwner).OwnershipControls
    if said is None:
        raise absent("OwnershipControlsNotFoundError", "The bucket ownership controls were not found", Bucket)
    return {"OwnershipControls": said}


@operation
def delete_bucket_ownership_controls(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketOwnershipControls.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.OwnershipControls = None
    call.put(bucket)


@operation
def put_bucket_encryption(call: Call, Bucket: str, ServerSideEncryptionConfiguration: dict[str, Any],
                          ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, ContentMD5)
    rules = ServerSideEncryptionConfiguration.get("Rules", ())
    if len(rules) != 1:
        raise malformed_xml()
    default = rules[0].get("ApplyServerSideEncryptionByDefault") or {"SSEAlgorithm": sealing.S3}
    method, key = default.get("SSEAlgorithm"), default.get("KMSMasterKeyID") or None
    if method not in (sealing.S3, sealing.KMS, sealing.DUAL):
        raise malformed_xml()
    if key and method == sealing.S3:
        raise invalid_argument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                               "ApplyServerSideEncryptionByDefault", key)
    bucket.default_encryption = None if method == sealing.S3 else (method, key)
    bucket.bucket_key = bool(rules[0].get("BucketKeyEnabled"))
    bucket.blocks_customer_keys = "SSE-C" in ((rules[0].get("BlockedEncryptionTypes") or {}).get("EncryptionType") or ())
    call.put(bucket)


@operation
def get_bucket_encryption(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    method, key = bucket.default_encryption or (sealing.S3, None)
    return {"ServerSideEncryptionConfiguration": {"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": method, "KMSMasterKeyID": key},
        "BucketKeyEnabled": bucket.bucket_key,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]} if bucket.blocks_customer_keys else None}]}}


@operation
def delete_bucket_encryption(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketEncryption.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.default_encryption, bucket.bucket_key, bucket.blocks_customer_keys = None, False, False
    call.put(bucket)


def _changed(call: Call, name: str, expected_owner: str | None, md5: str | None) -> BucketRow:
    """The bucket that a document is for, after the document's own checksums were checked."""
    checksums.check_document(call, md5)
    return bucket_of(call, name, expected_owner)


# --- what is not configured -------------------------------------------------------------------------------------------


@operation
def put_bucket_accelerate_configuration(call: Call, Bucket: str, AccelerateConfiguration: dict[str, Any],
                                        ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, None)
    status = AccelerateConfiguration.get("Status")
    if status not in ("Enabled", "Suspended"):
        raise malformed_xml()
    if "." in Bucket:
        raise invalid_request("S3 Transfer Acceleration is not supported for buckets with periods (.) in their names")
    bucket.acceleration = status
    call.put(bucket)


@operation(accepts=("RequestPayer",))
def get_bucket_accelerate_configuration(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAccelerateConfiguration.html"""
    return {"Status": bucket_of(call, Bucket, ExpectedBucketOwner).acceleration or None}


@operation
def put_bucket_request_payment(call: Call, Bucket: str, RequestPaymentConfiguration: dict[str, Any],
                               ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, ContentMD5)
    if RequestPaymentConfiguration.get("Payer") not in (payment.REQUESTER, payment.OWNER):
        raise malformed_xml()
    bucket.requester_pays = RequestPaymentConfiguration["Payer"] == payment.REQUESTER
    call.put(bucket)


@operation
def get_bucket_request_payment(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html"""
    pays = bucket_of(call, Bucket, ExpectedBucketOwner).requester_pays
    return {"Payer": payment.REQUESTER if pays else payment.OWNER}


@operation
def put_bucket_abac(call: Call, Bucket: str, AbacStatus: dict[str, Any], ContentMD5: str | None = None,
                    ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html"""
    bucket = _changed(call, Bucket, ExpectedBucketOwner, ContentMD5)
    if AbacStatus.get("Status") not in ("Enabled", "Disabled"):
        raise malformed_xml()
    bucket.tags_decide = AbacStatus["Status"] == "Enabled"
    call.put(bucket)


@operation
def get_bucket_abac(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAbac.html"""
    on = bucket_of(call, Bucket, ExpectedBucketOwner).tags_decide
    return {"AbacStatus": {"Status": "Enabled" if on else "Disabled"}}
