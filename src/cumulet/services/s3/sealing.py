"""How an object is encrypted: with keys of KMS, once or twice, or with a key that the customer brings and S3 forgets.

Objects under S3's own keys (AES256, the default) have no seal: they are as protected as the disk that they are on.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import directories
from .ciphers import NONCE, Keys
from .faults import access_denied, invalid_argument, invalid_request
from .resources import Bucket, Seal

S3 = "AES256"
KMS = "aws:kms"
DUAL = "aws:kms:dsse"
CUSTOMER = ""
_CUSTOMERS = "Requests specifying Server Side Encryption with Customer provided keys must provide "
CONTEXT = "aws:s3:arn"
_SECOND = b"second layer of an object: "


class CustomerKey(NamedTuple):
    """x-amz-server-side-encryption-customer-…: as it came."""

    algorithm: str | None = None
    key: str | None = None
    md5: str | None = None


NO_KEY = CustomerKey()


def customer(algorithm: str | None, key: str | None, md5: str | None) -> CustomerKey:
    """What a request says of its customer's key."""
    return NO_KEY if algorithm is key is md5 is None else CustomerKey(algorithm, key, md5)


class Asked(NamedTuple):
    """How a request wants its object encrypted."""

    method: str | None = None
    key: str | None = None
    context: str | None = None
    bucket_key: bool | None = None
    customer: CustomerKey = NO_KEY


NOTHING = Asked()


def asked(method: str | None, key: str | None, context: str | None, bucket_key: bool | None,
          secret: CustomerKey = NO_KEY) -> Asked:
    """What a request says of how its object is encrypted."""
    if method is key is context is None and bucket_key is None and secret is NO_KEY:
        return NOTHING
    return Asked(method, key, context, bucket_key, secret)


class Sealed(NamedTuple):
    """How an object is encrypted, and the keys that do it. No seal and no keys: under S3's own."""

    seal: Seal | None
    keys: Keys
    context: str | None = None           # as the answer tells it


PLAIN = Sealed(None, ())


# --- the customer's key -------------------------------------------------------------------------------------------------


def customer_key(given: CustomerKey) -> bytes:
    """The key itself, checked; b"" when none was given."""
    if given == NO_KEY:
        return b""
    if given.algorithm is None:
        raise invalid_argument(_CUSTOMERS + "a valid encryption algorithm.", "x-amz-server-side-encryption")
    if given.algorithm != S3:
        raise error.named("InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported "
                          "value: AES256.", 400, ArgumentName="x-amz-server-side-encryption", ArgumentValue=given.algorithm)
    if given.key is None:
        raise invalid_argument(_CUSTOMERS + "an appropriate secret key.", "x-amz-server-side-encryption")
    if given.md5 is None:
        raise invalid_argument(_CUSTOMERS + "the client calculated MD5 of the secret key.", "x-amz-server-side-encryption")
    try:
        key = base64.b64decode(given.key, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise invalid_argument("The secret key was invalid for the specified algorithm.", "x-amz-server-side-encryption")
    if base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode() != given.md5:
        raise invalid_argument("The calculated MD5 hash of the key did not match the hash that was provided.",
                               "x-amz-server-side-encryption")
    return key


def _print(key: bytes, nonce: bytes) -> bytes:
    """What is kept of a customer's key: enough to know it again."""
    return hmac.digest(nonce, key, "sha256")


# --- making -------------------------------------------------------------------------------------------------------------


def sealed(call: Call, bucket: Bucket, key: str, asked: Asked) -> Sealed:
    """The seal of a new object, as the request or the bucket's default has it."""
    if asked is NOTHING and bucket.default_encryption is None and not bucket.zone:
        return PLAIN
    secret = customer_key(asked.customer)
    method, kms_key, bucket_key = asked.method, asked.key, asked.bucket_key
    if secret:
        if method is not None:
            raise invalid_argument("Server Side Encryption with Customer provided key is incompatible with the encryption "
                                   "method specified", "x-amz-server-side-encryption", method)
        if bucket.blocks_customer_keys:
            raise access_denied("Access Denied: the bucket blocks Server Side Encryption with Customer provided keys")
        nonce = _nonce(call)
        return Sealed(Seal(method=CUSTOMER, nonce=nonce, data_key=_print(secret, nonce)), (secret,))
    if method is None:
        if kms_key is not None or asked.context is not None:
            raise invalid_argument("Server Side Encryption with KMS managed key requires HTTP header "
                                   "x-amz-server-side-encryption : aws:kms", "x-amz-server-side-encryption")
        method, kms_key = default(call, bucket)
    if method == S3:
        if kms_key is not None:
            raise invalid_argument("Server Side Encryption with AWS KMS managed key requires HTTP header "
                                   "x-amz-server-side-encryption : aws:kms", "x-amz-server-side-encryption", S3)
        return PLAIN
    if method not in (KMS, DUAL):
        raise invalid_argument("The encryption method specified is not supported", "x-amz-server-side-encryption", method)
    with_bucket_key = (bucket.bucket_key if bucket_key is None else bucket_key) and method == KMS
    return _by_kms(call, bucket, key, method, kms_key or "alias/aws/s3", asked.context, with_bucket_key)


def default(call: Call, bucket: Bucket) -> tuple[str, str | None]:
    """Method and key of objects whose requests say nothing of it: the session's, or the bucket's."""
    own = directories.encryption_of(call.principal) if bucket.zone else None
    return own or bucket.default_encryption or (S3, None)


def _by_kms(call: Call, bucket: Bucket, key: str, method: str, kms_key: str, said: str | None, bucket_key: bool) -> Sealed:
    context = _context(call, bucket, key, said, bucket_key)
    try:
        made = call.elsewhere(region=bucket.region).aws.kms.generate_data_key(
            KeyId=kms_key, KeySpec="AES_256", EncryptionContext=context)
    except AwsError as problem:
        raise _kms_problem(problem) from None
    keys: Keys = (made["Plaintext"],)
    nonce, second = _nonce(call), b""
    if method == DUAL:
        keys += (bytes.fromhex(call.token(64)),)
        second = call.seal(keys[1], _SECOND + nonce)
    told = base64.b64encode(msgspec.json.encode(context)).decode()
    return Sealed(Seal(method=method, key=made["KeyId"], data_key=made["CiphertextBlob"], second=second, nonce=nonce,
                       context=context, bucket_key=bucket_key), keys, told)


def rewrapped(call: Call, bucket: Bucket, key: str, seal: Seal, asked: Asked) -> Seal:
    """The same data key under another key of KMS: the bytes stay as they are."""
    plain = opened(call, seal, NO_KEY)[0]
    context = _context(call, bucket, key, asked.context, bool(asked.bucket_key))
    try:
        made = call.elsewhere(region=bucket.region).aws.kms.encrypt(KeyId=asked.key, Plaintext=plain, EncryptionContext=context)
    except AwsError as problem:
        raise _kms_problem(problem) from None
    return Seal(method=KMS, key=made["KeyId"], data_key=made["CiphertextBlob"], nonce=seal.nonce, context=context,
                bucket_key=bool(asked.bucket_key))


def _nonce(call: Call) -> bytes:
    return bytes.fromhex(call.token(2 * NONCE))


def _context(call: Call, bucket: Bucket, key: str, said: str | None, bucket_key: bool) -> dict[str, str]:
    """The encryption context: the request's pairs, and what the data key is for."""
    given: dict[str, str] = {}
    if said is not None:
        try:
            given = msgspec.json.decode(base64.b64decode(said, validate=True), type=dict[str, str])
        except (binascii.Error, ValueError):
            raise invalid_argument("The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string "
                                   "holding JSON which represents a string-string map", "x-amz-server-side-encryption-context",
                                   said) from None
    arn = call.arn(bucket)
    return given | {CONTEXT: arn if bucket_key else f"{arn}/{key}"}


# --- opening ------------------------------------------------------------------------------------------------------------


def check(seal: Seal | None, given: CustomerKey) -> bytes:
    """Does the request bring the customer's key where it is needed, and only there? The key."""
    secret = customer_key(given)
    if seal is None or seal.method != CUSTOMER:
        if secret:
            raise invalid_request("The encryption parameters are not applicable to this object.")
        return b""
    if not secret:
        raise invalid_request("The object was stored using a form of Server Side Encryption. The correct parameters must be "
                              "provided to retrieve the object.")
    if not hmac.compare_digest(_print(secret, seal.nonce), seal.data_key):
        raise access_denied()
    return secret


def opened(call: Call, seal: Seal | None, given: CustomerKey) -> Keys:
    """The keys of an object. Those of KMS are given to who may decrypt."""
    secret = check(seal, given)
    if seal is None:
        return ()
    if seal.method == CUSTOMER:
        return (secret,)
    if call.principal.kind == "anonymous":
        raise invalid_argument("Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature "
                               "Version 4.", "Authorization", "null")
    arn = parse_arn(seal.key)
    assert arn is not None
    try:
        plain = call.elsewhere(region=arn.region).aws.kms.decrypt(
            CiphertextBlob=seal.data_key, KeyId=seal.key, EncryptionContext=seal.context)["Plaintext"]
    except AwsError as problem:
        raise _kms_problem(problem) from None
    return (plain, call.unseal(seal.second, _SECOND + seal.nonce)) if seal.second else (plain,)


def _kms_problem(problem: AwsError) -> AwsError:
    """KMS's errors as S3 tells them."""
    if problem.code in ("AccessDeniedException", "AccessDenied"):
        return access_denied(problem.message)
    if problem.status == 501 or (problem.status or 400) >= 500:
        return problem
    return error.named("KMS." + problem.code, problem.message, 400)


def etag(seal: Seal | None, md5: str) -> str:
    """Entity tags of objects under others' keys are not the MD5 of their bytes."""
    if seal is None:
        return md5
    return hashlib.md5(seal.nonce + bytes.fromhex(md5), usedforsecurity=False).hexdigest()


def told(seal: Seal | None, md5: str | None = None) -> dict[str, Any]:
    """What the headers of an answer say of it. md5: of the customer's key, as the request said it."""
    if seal is None:
        return {"ServerSideEncryption": S3}
    if seal.method == CUSTOMER:
        return {"SSECustomerAlgorithm": S3, "SSECustomerKeyMD5": md5}
    return {"ServerSideEncryption": seal.method, "SSEKMSKeyId": seal.key, "BucketKeyEnabled": seal.bucket_key or None}
