"""What an Object Lambda function is told of a request.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from cumulet.kernel import Call, principals

from .lambda_entrances import LambdaEntrance

ROUTE = "io-1"                          # the one that functions' sandboxes know by name
PRINCIPAL = "s3-object-lambda.amazonaws.com"
_CONTEXTS = {"GetObject": "getObjectContext", "HeadObject": "headObjectContext", "ListObjects": "listObjectsContext",
             "ListObjectsV2": "listObjectsV2Context"}
_SECONDS = 60                           # for which the original can be read
_SECRET = ("authorization", "x-amz-security-token")


def event(call: Call, point: LambdaEntrance, alias: str, key: str | None, token: str) -> dict[str, Any]:
    """alias: of the access point that the original is read by.  token: of a GetObject."""
    context: dict[str, str] = {"inputS3Url": _original(call, alias, key)}
    if token:
        context |= {"outputRoute": ROUTE, "outputToken": token}
    return {
        "xAmzRequestId": call.request_id, _CONTEXTS[call.operation]: context,
        "configuration": {"accessPointArn": point.arn, "supportingAccessPointArn": point.behind,
                          "payload": point.functions[call.operation][1]},
        "userRequest": {"url": _asked(call), "headers": _headers(call)},
        "userIdentity": principals.identity(call.principal), "protocolVersion": "1.00"}


def _original(call: Call, alias: str, key: str | None) -> str:
    """Where the function reads what is asked for, with the caller's rights. Of an object, only the version is in it."""
    assert call.request is not None
    pairs = [part for part in _open_query(call) if key is None or part.startswith("versionId=")]
    path = f"/{alias}" if key is None else f"/{alias}/{quote(key, safe='/~')}"
    method = "HEAD" if call.operation == "HeadObject" else "GET"
    return principals.presigned(call, call.principal, method, path, "&".join(pairs), _SECONDS,
                                (("aws:calledvia", (PRINCIPAL,)),))


def _open_query(call: Call) -> list[str]:
    """The parameters of the request, without those of a signature."""
    assert call.request is not None
    return [part for part in call.request.query.split("&") if part and not part.lower().startswith("x-amz-")]


def _asked(call: Call) -> str:
    request = call.request
    assert request is not None
    query = "&".join(_open_query(call))
    return unquote(f"{request.scheme}://{request.host}{request.path}{'?' + query if query else ''}")


def _headers(call: Call) -> dict[str, str]:
    """Their names as HTTP writes them: how the client wrote them is not known any more."""
    assert call.request is not None
    return {name.title(): value for name, value in call.request.headers.items() if name not in _SECRET}
