"""What exists in S3 Control: the block of public access of an account."""

from __future__ import annotations

import msgspec

from cumulet.kernel import stored


@stored(key=("name",), scope="account")
class Block(msgspec.Struct, kw_only=True):
    """The account's block of public access; there is at most one."""

    configuration: dict[str, bool]
    name: str = "account"
