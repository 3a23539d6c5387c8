"""What a fault is, which calls it is about, and which of them it strikes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from .. import wire
from ..access.patterns import glob
from ..access.targets import targets
from ..declare import stored
from ..errors import AwsError

if TYPE_CHECKING:
    from ..call import Call

Cut = Literal["", "before", "after"]
Halts = Literal["", "replication"]
_DIGITS = 2.0 ** 64
# The words by which services say that they are asked too often, the most usual first.
_THROTTLED = ("ThrottlingException", "ProvisionedThroughputExceededException", "TooManyRequestsException", "Throttling",
              "RequestLimitExceeded", "LimitExceededException", "RequestThrottled", "ThrottledException", "SlowDown")
_THROTTLES_AS = {"s3": ("SlowDown", 503), "ec2": ("RequestLimitExceeded", 503), "sqs": ("RequestThrottled", 403),
                 "iam": ("Throttling", 400), "sts": ("Throttling", 400), "sns": ("Throttled", 429),
                 "dynamodb": ("ThrottlingException", 400), "lambda": ("TooManyRequestsException", 429)}
_THROTTLED_SAYS = {"s3": "Please reduce your request rate.", "dynamodb": "Rate of requests exceeds the allowed throughput."}
_INTERNAL = ("InternalServerError", "InternalServiceError", "InternalServerException", "InternalFailure", "ServiceException",
             "InternalServiceException", "InternalError", "InternalErrorException", "InternalServiceFault")
_UNAVAILABLE = ("ServiceUnavailableException", "ServiceUnavailable", "ServiceUnavailableError")
# Errors that any service may answer with, and their statuses.
COMMON = {"InternalFailure": 500, "InternalError": 500, "InternalServerError": 500, "ServiceUnavailable": 503,
          "ServiceUnavailableException": 503, "ThrottlingException": 400, "Throttling": 400, "RequestLimitExceeded": 503,
          "SlowDown": 503, "RequestTimeout": 400, "AccessDenied": 403, "AccessDeniedException": 403, "ExpiredToken": 403,
          "ExpiredTokenException": 400, "UnrecognizedClientException": 400, "RequestExpired": 400, "IncompleteSignature": 400}


@stored(auto="id", scope="global")
class Fault(msgspec.Struct, kw_only=True):
    """One fault. What it does not say (service, operations, account, region, resource, principal) it does not ask for.

    operations: as the model names them.  resource, principal: ARNs, with * and ?.  rate: of these calls, how many it strikes.
    places: ids of availability zones, subnets and VPC endpoints (places.py).
    halts: "replication" between regions stands still, and no call is struck.
    error: the code; "throttle" for what this service says then, "unavailable" and "internal" likewise.  latency: seconds.
    cut: the connection is closed, before anything is done or in the place of the answer.
    until: a moment of the cloud's clock; 0 for as long as it is not cleared.  source: who made it, an experiment of FIS.
    """

    service: str = ""
    operations: list[str] = []
    account: str = ""
    region: str = ""
    resource: str = ""
    principal: str = ""
    places: list[str] = []
    error: str = ""
    message: str = ""
    status: int = 0
    latency: float = 0.0
    cut: Cut = ""
    halts: Halts = ""
    rate: float = 1.0
    seed: int = 0
    until: float = 0.0
    source: str = ""
    id: int = 0


def checked(fault: Fault) -> Fault:
    """A fault that can be, its operations named as the model names them; ValueError with what is wrong."""
    if not (fault.error or fault.latency or fault.cut or fault.halts):
        raise ValueError("say what the fault does: an error, throttling, latency, a cut connection, or what it halts")
    if fault.halts and (fault.error or fault.latency or fault.cut or fault.operations or fault.principal
                        or fault.places or fault.rate < 1):
        raise ValueError("what halts replication does nothing else, and is about a service, a resource, an account or a region")
    if fault.error and fault.cut == "before":
        raise ValueError("a connection that is cut before anything is done carries no error")
    if not 0 < fault.rate <= 1:
        raise ValueError("the rate is above 0 and at most 1")
    if not 0 <= fault.latency <= 900:
        raise ValueError("the latency is between 0 and 900 seconds")
    if fault.operations and not fault.service:
        raise ValueError("say the service of these operations")
    if fault.service:
        fault.operations = [_operation(fault.service, name) for name in fault.operations]
    if fault.error and not fault.status and fault.error not in _SORTS and fault.error not in COMMON:
        _known_error(fault)
    return fault


def _operation(service: str, name: str) -> str:
    """PutItem, put_item and put-item are the same."""
    known: Mapping[str, Any] = wire.model(service).operations
    plain = name.replace("-", "").replace("_", "").lower()
    for operation in known:
        if operation.lower() == plain:
            return operation
    raise ValueError(f"{service} has no operation {name}")


def _known_error(fault: Fault) -> None:
    if not fault.service:
        raise ValueError(f"{fault.error} is no error of every service: name the service, or the status to answer with")
    model = wire.model(fault.service)
    wanted = fault.operations or list(model.operations)
    if not any(fault.error in model.operations[name].errors for name in wanted):
        where = f"{fault.service}:{fault.operations[0]}" if len(fault.operations) == 1 else fault.service
        raise ValueError(f"{where} has no error {fault.error}; say a status to answer with it all the same")


def halts(fault: Fault, call: Call, regions: Collection[str], arns: Collection[str]) -> bool:
    """Does nothing go between these things: because that is asked for, or because the region of one of them is away?"""
    if _over(fault, call) or fault.service not in ("", call.service) or fault.account not in ("", call.account):
        return False
    if fault.region and fault.region not in regions:
        return False
    if fault.halts:
        return not fault.resource or any(map(glob(fault.resource), arns))
    narrow = fault.operations or fault.principal or fault.resource or fault.places or fault.rate < 1
    return bool(fault.region and not narrow and (fault.error or fault.cut == "before"))


def _over(fault: Fault, call: Call) -> bool:
    return bool(fault.until and call.now >= fault.until)


def about(fault: Fault, call: Call, members: Mapping[str, Any]) -> bool:
    """Is the fault about this call, wherever that comes from and goes to?"""
    if fault.halts or _over(fault, call):
        return False
    if fault.service and fault.service != call.service:
        return False
    if fault.operations and call.operation not in fault.operations:
        return False
    if fault.account and fault.account not in (call.account, call.principal.account):
        return False
    if fault.region and fault.region != call.region:
        return False
    if fault.principal and not any(map(glob(fault.principal), (call.principal.arn, call.principal.subject))):
        return False
    return not fault.resource or any(glob(fault.resource)(arn) for _, arn in targets(call, members))


def strikes(fault: Fault, number: int) -> bool:
    """Of the calls that a fault is about, does it strike this one, the `number`th? The same for the same seed."""
    if fault.rate >= 1:
        return True
    drawn = hashlib.blake2b(f"{fault.seed} {number}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") / _DIGITS < fault.rate


_SORTS = ("throttle", "unavailable", "internal")


def error_of(fault: Fault, call: Call) -> AwsError:
    """What a fault answers to this call."""
    if fault.error not in _SORTS:
        status = fault.status or (0 if fault.error in _errors(call.service, call.operation) else COMMON.get(fault.error, 400))
        return AwsError(fault.error, fault.message or "A fault was asked for.", status)
    code, status, message = _said(fault.error, call.service, call.operation)
    return AwsError(code, fault.message or message, fault.status or status)


@lru_cache(maxsize=1024)
def _errors(service: str, operation: str) -> frozenset[str]:
    return wire.model(service).operations[operation].errors


def _said(sort: str, service: str, operation: str) -> tuple[str, int, str]:
    """Code, status (0: the model's) and message by which a service says one of the sorts."""
    modelled = _errors(service, operation)
    if sort == "throttle":
        message = _THROTTLED_SAYS.get(service, "Rate exceeded")
        if service in _THROTTLES_AS:
            return *_THROTTLES_AS[service], message
        code = next((name for name in _THROTTLED if name in modelled), "ThrottlingException")
        return code, 0 if code in modelled else 400, message
    if sort == "internal":
        common = "InternalError" if service in ("s3", "ec2") else "InternalFailure"
        code = next((name for name in _INTERNAL if name in modelled), common)
        return code, 500, "The request processing has failed because of an unknown error, exception or failure."
    code = next((name for name in _UNAVAILABLE if name in modelled), "ServiceUnavailable")
    return code, 503, "The request has failed due to a temporary failure of the server."
