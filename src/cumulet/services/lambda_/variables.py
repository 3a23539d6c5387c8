"""Environment variables under a customer's KMS key: they lie encrypted, under a data key that only KMS can give back.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from .resources import Function

_NONCE = b"\0" * 12                    # a data key seals once only, so that its nonce may be any
_LAMBDA = "lambda.amazonaws.com"
_ERRORS = {"NotFoundException": ("KMSNotFoundException", "the KMS key was not found"),
           "DisabledException": ("KMSDisabledException", "the KMS key used is disabled"),
           "KMSInvalidStateException": ("KMSInvalidStateException", "the state of the KMS key used is not valid for Decrypt")}
_DENIED = ("KMSAccessDeniedException", "KMS access was denied")


class Sealed(msgspec.Struct, array_like=True):
    """Encrypted variables, with the encrypted key to them. function: the ARN that they are bound to."""

    function: str
    key: bytes
    data: bytes


def take(call: Call, row: Function, environment: dict[str, Any] | None, key: str | None) -> None:
    """Change what is given (not None) of the variables and their key; an empty key is none."""
    if environment is None and key is None:
        return
    if environment is None:
        environment = row.Environment if not row.sealed else {"Variables": _opened(call.aws, row.sealed)}
    if key is not None:
        row.KmsKeyArn = key or None
    row.Environment, row.sealed = environment, b""
    if row.KmsKeyArn and environment and environment.get("Variables"):
        row.Environment, row.sealed = None, _sealed(call, row, row.KmsKeyArn, environment["Variables"])


def _sealed(call: Call, row: Function, key: str, variables: Mapping[str, str]) -> bytes:
    """Whoever puts variables under a key lets Lambda use it for this function, as long as that is there."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    arn = call.arn(row)
    try:
        made = call.aws.kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=_context(arn))
        if key not in row.grants:
            row.grants = {**row.grants, key: call.aws.kms.create_grant(
                KeyId=key, GranteeServicePrincipal=_LAMBDA, RetiringServicePrincipal=_LAMBDA, Operations=["Decrypt"],
                Constraints={"SourceArn": arn})["GrantId"]}
    except AwsError as problem:
        raise error.InvalidParameterValueException(
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for"
            f" CreateGrant. Please check your KMS key settings. KMS Exception: {problem.code} KMS Message: {problem.message}"
        ) from None
    data = AESGCM(made["Plaintext"]).encrypt(_NONCE, json.dumps(variables).encode(), None)
    return msgspec.msgpack.encode(Sealed(arn, made["CiphertextBlob"], data))


def shown(call: Call, sealed: bytes) -> dict[str, Any]:
    """The variables as a configuration tells them to this caller, or why not."""
    try:
        return {"Variables": _opened(call.aws, sealed)}
    except AwsError as problem:
        return {"Error": {"ErrorCode": problem.code, "Message": _message(problem)}}


def of(call: Call, sealed: bytes) -> dict[str, str]:
    """The variables for a new environment of the function; raises KMS's refusals in Lambda's words."""
    arn = msgspec.msgpack.decode(sealed, type=Sealed).function
    try:
        return _opened(call.as_service(arn), sealed)
    except AwsError as problem:
        raise error.named(_ERRORS.get(problem.code, _DENIED)[0], _message(problem), 502) from problem


def release(call: Call, row: Function) -> None:
    """The function is gone: Lambda needs its keys no more."""
    for key, grant in row.grants.items():
        with suppress(AwsError):                         # the key may be gone before
            call.as_service(call.arn(row)).kms.retire_grant(KeyId=key, GrantId=grant)


def _opened(peers: Any, sealed: bytes) -> dict[str, str]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    said = msgspec.msgpack.decode(sealed, type=Sealed)
    key = peers.kms.decrypt(CiphertextBlob=said.key, EncryptionContext=_context(said.function))["Plaintext"]
    found: dict[str, str] = json.loads(AESGCM(key).decrypt(_NONCE, said.data, None))
    return found


def _context(function: str) -> dict[str, str]:
    return {"aws:lambda:FunctionArn": function}


def _message(problem: AwsError) -> str:
    why = _ERRORS.get(problem.code, _DENIED)[1]
    return (f"Lambda was unable to decrypt the environment variables because {why}. Please check the function's KMS key"
            f" settings. KMS Exception: {problem.code} KMS Message: {problem.message}")
