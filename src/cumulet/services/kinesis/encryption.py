"""Streams with a KMS key: records lie encrypted under data keys that KMS gives to whoever writes, and opens for whoever reads.

A data key serves a principal for five minutes. What was written before encryption began, or under another key, stays as it is.

https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html
https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
"""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import AwsError, Call, error

from .resources import Record, Stream
from .streams import Found

_CONTEXT = "aws:kinesis:arn"
_ERRORS = {"NotFoundException": "KMSNotFoundException", "DisabledException": "KMSDisabledException",
           "KMSInvalidStateException": "KMSInvalidStateException", "InvalidKeyUsageException": "KMSInvalidStateException",
           "ThrottlingException": "KMSThrottlingException"}


def check_key(call: Call, key: str) -> None:
    """Raises when a key is none that a stream can be encrypted with."""
    try:
        told = call.aws.kms.describe_key(KeyId=key)["KeyMetadata"]
    except AwsError as problem:
        raise _refused(problem) from None
    if told["KeyState"] == "Disabled":
        raise error.KMSDisabledException(f"{told['Arn']} is disabled.")
    if told["KeyState"] != "Enabled":
        raise error.KMSInvalidStateException(f"{told['Arn']} is in state {told['KeyState']}.")
    if told["KeySpec"] != "SYMMETRIC_DEFAULT" or told["KeyUsage"] != "ENCRYPT_DECRYPT":
        raise error.InvalidArgumentException(f"{told['Arn']} is not a symmetric encryption key.")


def key_of(stream: Stream) -> str | None:
    """The key that new records are encrypted with."""
    return stream.StreamEncryption["KeyId"] if stream.StreamEncryption else None


def seal(found: Found, records: Sequence[Record]) -> None:
    """Encrypt records before they are written down, where the stream has a key."""
    key = key_of(found.stream)
    if key is None:
        return
    arn, envelopes = found.call.arn(found.stream), found.call.envelopes(_CONTEXT, _refused)
    for record in records:
        record.data, record.sealed = envelopes.seal(arn, key, record.data), 1


def open_all(found: Found, records: Sequence[Record]) -> None:
    """Decrypt what is sealed of these, as far as KMS lets this reader have it."""
    envelopes = found.call.envelopes(_CONTEXT, _refused)
    for record in records:
        if record.sealed:
            record.data = envelopes.open(record.data)


def _refused(problem: AwsError) -> AwsError:
    """KMS's refusals, as Kinesis passes them on."""
    return error.named(_ERRORS.get(problem.code, "KMSAccessDeniedException"), problem.message)
