"""Indexes under a key of KMS: who puts vectors in or takes them out must be allowed to use it, and it must be in order.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-data-encryption.html
"""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error

from .places import Found
from .resources import Index

_ERRORS = {"NotFoundException": "KmsNotFoundException", "DisabledException": "KmsDisabledException",
           "KMSInvalidStateException": "KmsInvalidStateException", "InvalidKeyUsageException": "KmsInvalidKeyUsageException",
           "AccessDeniedException": "AccessDeniedException"}


def to_write(call: Call, found: Found) -> None:
    """kms:GenerateDataKey, as the caller; the first data key is the one that opens the index."""
    row = found.row
    key = row.EncryptionConfiguration.get("KmsKeyArn")
    if key is None:
        return
    try:
        made = call.aws.kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=_context(found))
    except AwsError as problem:
        raise _mapped(problem) from None
    if not row.sealed:
        found.there.table(Index).change(row.VectorBucketName, row.IndexName, sealed=made["CiphertextBlob"])


def to_read(call: Call, found: Found) -> None:
    """kms:Decrypt, as the caller."""
    if not found.row.sealed:
        return
    try:
        call.aws.kms.decrypt(CiphertextBlob=found.row.sealed, EncryptionContext=_context(found))
    except AwsError as problem:
        raise _mapped(problem) from None


def _context(found: Found) -> dict[str, str]:
    return {"aws:s3vectors:arn": found.there.arn(found.row)}


def _mapped(problem: AwsError) -> AwsError:
    code = _ERRORS.get(problem.code)
    if code is None:
        return problem
    return error.named(code, problem.message, 403 if code == "AccessDeniedException" else 400)
