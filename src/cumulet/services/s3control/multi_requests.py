"""What is asked of Multi-Region access points is done a little later, by the clock; who asked has a token to follow it by.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, timer

from . import multi_points
from .multi_rows import MultiPoint, MultiRequest

SECONDS = 5.0                           # from the request until it is done
_KEPT = 14 * 86_400.0
_KINDS = {"CreateMultiRegionAccessPoint": "create", "DeleteMultiRegionAccessPoint": "delete",
          "PutMultiRegionAccessPointPolicy": "put-policy"}
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def known(call: Call, token: str, said: Mapping[str, Any]) -> str | None:
    """The ARN of the request that was made with this client token before."""
    row = call.table(MultiRequest).find("token", token)
    if row is None:
        return None
    if row.operation != call.operation or row.said != said:
        raise error.named("IdempotencyException", "The same client token was used for another request.", 400)
    return arn_of(call, row)


def begin(call: Call, token: str, said: Mapping[str, Any], point: MultiPoint) -> dict[str, str]:
    """The answer to such a request, which will be done."""
    row = MultiRequest(id=call.token(40, _ALPHABET), token=token, operation=call.operation, said=dict(said), created=call.now,
                       regions=[one.region for one in point.routes])
    call.table(MultiRequest).insert(row)
    call.at(call.now + SECONDS, finish, request=row.id)
    return {"RequestTokenARN": arn_of(call, row)}


def arn_of(call: Call, row: MultiRequest) -> str:
    return f"arn:aws:s3:us-west-2:{call.account}:async-request/mrap/{_KINDS[row.operation]}/{row.id}"


def find(call: Call, arn: str) -> MultiRequest:
    row = call.table(MultiRequest).get(arn.rpartition("/")[2])
    if row is None or arn_of(call, row) != arn:
        raise error.named("NoSuchAsyncRequest", "The specified asynchronous request does not exist.", 404)
    return row


def told(call: Call, row: MultiRequest) -> dict[str, Any]:
    """AsyncOperation."""
    details: dict[str, Any] = {"MultiRegionAccessPointDetails": {
        "Regions": [{"Name": region, "RequestStatus": row.status} for region in row.regions]}}
    if row.problem is not None:
        details["ErrorDetails"] = {"Code": row.problem[0], "Message": row.problem[1], "RequestId": row.id,
                                   "Resource": row.said["Name"]}
    return {"CreationTime": row.created, "Operation": row.operation, "RequestTokenARN": arn_of(call, row),
            "RequestParameters": {f"{row.operation}Request": row.said}, "RequestStatus": row.status,
            "ResponseDetails": details}


# --- doing it -----------------------------------------------------------------------------------------------------------


def _created(call: Call, point: MultiPoint) -> None:
    """The buckets must still be there."""
    point.status = "PARTIALLY_CREATED"
    call.put(point)
    for one in point.routes:
        multi_points.region_of(call, one.bucket, one.owner)
    point.status = multi_points.READY
    call.put(point)


def _deleted(call: Call, point: MultiPoint) -> None:
    call.table(MultiPoint).delete(point.name)


def _established(call: Call, point: MultiPoint) -> None:
    point.policy = point.proposed
    call.put(point)


_DOES: dict[str, Callable[[Call, MultiPoint], None]] = {
    "CreateMultiRegionAccessPoint": _created, "DeleteMultiRegionAccessPoint": _deleted,
    "PutMultiRegionAccessPointPolicy": _established}


@timer
def finish(call: Call, request: str) -> None:
    """What was asked is done; a point that was deleted meanwhile takes no policy."""
    row = call.table(MultiRequest).get(request)
    if row is None:
        return
    row.status = "SUCCEEDED"
    try:
        _DOES[row.operation](call, multi_points.find(call, row.said["Name"]))
    except AwsError as problem:
        row.status, row.problem = "FAILED", (problem.code, problem.message)
    call.put(row)
    call.at(call.now + _KEPT, drop, request=request)


@timer
def drop(call: Call, request: str) -> None:
    """Nobody follows it any more."""
    call.table(MultiRequest).delete(request)
