"""Object Lambda access points: what their configuration may be, and which function is for an action.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-create.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import points
from .resources import AccessPoint, LambdaPoint

ENDING = "--ol-s3"                      # of their aliases
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,43}[a-z0-9]")


def arn_of(call: Call, name: str) -> str:
    return f"arn:{points.partition(call)}:s3-object-lambda:{call.region}:{call.account}:accesspoint/{name}"


def find(call: Call, name: str) -> LambdaPoint:
    """By its name, or its alias. Raises NoSuchAccessPoint."""
    table = call.table(LambdaPoint)
    row = table.find("alias", name) if name.endswith(ENDING) else table.get(name)
    if row is None:
        raise points.missing(name)
    return row


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise error.named("InvalidRequest", "Your Amazon S3 AccessPoint name is invalid", 400)


def checked(call: Call, said: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration whose access point exists, with one function an action. Raises InvalidRequest."""
    arn = parse_arn(said["SupportingAccessPoint"])
    if arn is None or arn.account != call.account or arn.region != call.region or call.table(AccessPoint).get(
            arn.resource.removeprefix("accesspoint/")) is None:
        raise _invalid("The supporting access point must be an existing access point of this account and region")
    seen: set[str] = set()
    for one in said["TransformationConfigurations"]:
        for action in one["Actions"]:
            if action in seen:
                raise _invalid(f"The action {action} is configured more than once")
            seen.add(action)
        if "AwsLambda" not in one["ContentTransformation"]:
            raise _invalid("A content transformation must name a function")
    if not seen:
        raise _invalid("A configuration needs an action to transform")
    return dict(said)


def _invalid(message: str) -> AwsError:
    return error.named("InvalidRequest", message, 400)
