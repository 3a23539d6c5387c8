"""The block of public access of an account."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from ..owner import check_account
from ..resources import Block

_NAMES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@operation
def put_public_access_block(call: Call, PublicAccessBlockConfiguration: dict[str, Any], AccountId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html"""
    check_account(call, AccountId)
    call.table(Block).put(Block(configuration={name: bool(PublicAccessBlockConfiguration.get(name)) for name in _NAMES}))


@operation
def get_public_access_block(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html"""
    check_account(call, AccountId)
    row = call.table(Block).get("account")
    if row is None:
        raise error.NoSuchPublicAccessBlockConfiguration("The public access block configuration was not found",
                                                         AccountId=AccountId)
    return {"PublicAccessBlockConfiguration": row.configuration}


@operation
def delete_public_access_block(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeletePublicAccessBlock.html"""
    check_account(call, AccountId)
    call.table(Block).delete("account")
