"""What S3 Control's calls are called in policies: an account's block has other actions than a bucket's, and the access points
of Object Lambda have ARNs of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call

from . import lambda_points

_ACTIONS = {"GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock", "PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
            "DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock"}


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
    if call.operation.endswith("ForObjectLambda") and "Name" in members:
        return [("", lambda_points.arn_of(call, members["Name"]))]
    action = _ACTIONS.get(call.operation)
    return [(action, "*")] if action is not None else None
