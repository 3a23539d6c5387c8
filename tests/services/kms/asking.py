"""What the tests of KMS share: keys by what they need, and errors as code and message."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def new_key(kms: Any, **members: Any) -> dict[str, Any]:
    """The metadata of a new key."""
    metadata: dict[str, Any] = kms.create_key(**members)["KeyMetadata"]
    return metadata


def refused(operation: Any, **members: Any) -> tuple[str, str]:
    """The code and message of an error."""
    with pytest.raises(ClientError) as problem:
        operation(**members)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"].get("Message", "")


def code(operation: Any, **members: Any) -> str:
    return refused(operation, **members)[0]
