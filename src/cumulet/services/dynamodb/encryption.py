"""Tables under a key of KMS: the key is looked for, a grant lets DynamoDB use it, and without it the table opens to nobody.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from . import tables
from .resources import Facts, Table

INACCESSIBLE = "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
_MANAGED = "alias/aws/dynamodb"
_DYNAMODB = "dynamodb.amazonaws.com"
_USES = ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
         "DescribeKey", "RetireGrant"]


def change(call: Call, table: Table, facts: Facts, wanted: dict[str, Any] | None) -> Facts:
    """Put a table under another key: a customer's, the account's own for DynamoDB, or (not Enabled) the service's."""
    if wanted is None:
        return facts
    enabled, key = bool(wanted.get("Enabled")), wanted.get("KMSMasterKeyId")
    if not enabled and (key or wanted.get("SSEType")):
        raise tables.invalid("SSEType and KMSMasterKeyId can be specified only when Enabled is true")
    if enabled and wanted.get("SSEType", "KMS") != "KMS":
        raise tables.invalid("SSEType must be KMS")
    _release(call, table)
    table.key_arn = _granted(call, table, key) if enabled and key else _managed(call) if enabled else ""
    table.inaccessible_since = 0.0
    return msgspec.structs.replace(facts, sealed=bool(table.grant))


def _managed(call: Call) -> str:
    """The account's key for DynamoDB, which nobody can disable."""
    return str(call.as_service().kms.describe_key(KeyId=_MANAGED)["KeyMetadata"]["Arn"])


def _granted(call: Call, table: Table, key: str) -> str:
    """A customer's key, with a grant of whoever puts the table under it."""
    try:
        found = call.aws.kms.describe_key(KeyId=key)["KeyMetadata"]
        if found["KeyState"] != "Enabled":
            raise error.ValidationException(f"KMS key is not enabled: {found['Arn']}")
        if found["KeySpec"] != "SYMMETRIC_DEFAULT" or found["KeyUsage"] != "ENCRYPT_DECRYPT":
            raise error.ValidationException(f"KMS key must be a symmetric encryption key: {found['Arn']}")
        if found["KeyManager"] == "AWS":                 # nobody can disable it
            return str(found["Arn"])
        made = call.aws.kms.create_grant(KeyId=found["Arn"],
                                         GranteeServicePrincipal=_DYNAMODB, RetiringServicePrincipal=_DYNAMODB,
                                         Operations=_USES, Constraints={"SourceArn": call.arn(table)})
    except AwsError as problem:
        if problem.code == "ValidationException":
            raise
        raise error.ValidationException(f"KMS key access denied or not found: {key}: {problem.message}") from None
    table.grant = made["GrantId"]
    return str(found["Arn"])


def _release(call: Call, table: Table) -> None:
    """Give back the grant of the key before, if that key is still there."""
    if table.grant:
        with suppress(AwsError):
            call.as_service(call.arn(table)).kms.retire_grant(KeyId=table.key_arn, GrantId=table.grant)
        table.grant = ""


def forget(call: Call, table: Table) -> None:
    """What a deleted table leaves behind at KMS."""
    _release(call, table)


def must_open(call: Call, name: str) -> None:
    """Raise when the key of a table cannot be used."""
    table = call.table(Table).get(name)
    if table is not None and table.grant and (why := _trouble(call, table)):
        raise error.AccessDeniedException(f"The KMS key of table {name} is inaccessible: {why}")


def status(call: Call, table: Table, facts: Facts) -> str:
    """ACTIVE, or that the key cannot be used; since when is noted at the first look."""
    since = (table.inaccessible_since or call.now) if facts.sealed and _trouble(call, table) else 0.0
    if since != table.inaccessible_since:
        table.inaccessible_since = since
        call.put(table)
    return INACCESSIBLE if since else "ACTIVE"


def _trouble(call: Call, table: Table) -> str:
    """Why the key cannot be used; "" when it can."""
    try:
        call.as_service(call.arn(table)).kms.generate_data_key_without_plaintext(
            KeyId=table.key_arn, KeySpec="AES_256", EncryptionContext={
                "aws:dynamodb:tableName": table.TableName, "aws:dynamodb:subscriberId": call.account})
    except AwsError as problem:
        return problem.message or problem.code
    return ""
