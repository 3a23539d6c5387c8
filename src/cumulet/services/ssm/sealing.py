"""SecureString values: sealed by KMS, with the parameter's ARN as the encryption context."""

from __future__ import annotations

from cumulet.kernel import Call, not_implemented


def sealed(call: Call, arn: str, key_id: str, tier: str, value: str) -> str:
    """The value as it is kept, base64."""
    raise not_implemented("SecureString")


def opened(call: Call, arn: str, value: str) -> str:
    """The value as it was given."""
    raise not_implemented("SecureString")
