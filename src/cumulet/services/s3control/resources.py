"""What exists in S3 Control: the block of public access of an account, and access points."""

from __future__ import annotations

import msgspec

from cumulet.kernel import stored


@stored(key=("name",), scope="account")
class Block(msgspec.Struct, kw_only=True):
    """The account's block of public access; there is at most one."""

    configuration: dict[str, bool]
    name: str = "account"


@stored(key=("name",), indexes={"bucket": ("bucket", "name"), "alias": ("alias",)})
class AccessPoint(msgspec.Struct, kw_only=True):
    """An entrance to a bucket, with a policy of its own. owner: the bucket's account.  created: seconds."""

    name: str
    bucket: str
    owner: str
    alias: str
    created: float
    block: dict[str, bool]
    policy: str = ""
