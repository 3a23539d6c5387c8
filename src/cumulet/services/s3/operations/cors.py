"""Cross-origin rules of a bucket, and the questions that browsers ask before they call."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from .. import checksums, cors
from ..buckets import bucket_of
from ..faults import absent


@operation
def put_bucket_cors(call: Call, Bucket: str, CORSConfiguration: dict[str, Any], ContentMD5: str | None = None,
                    ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.cors = [dict(rule) for rule in cors.checked(CORSConfiguration.get("CORSRules") or ())]
    call.put(bucket)


@operation
def get_bucket_cors(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html"""
    rules = bucket_of(call, Bucket, ExpectedBucketOwner).cors
    if not rules:
        raise absent("NoSuchCORSConfiguration", "The CORS configuration does not exist", Bucket)
    return {"CORSRules": rules}


@operation
def delete_bucket_cors(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.cors = []
    call.put(bucket)


@operation
def options_bucket(call: Call, Bucket: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html"""
    return _preflight(call, Bucket, "BUCKET")


@operation
def options_object(call: Call, Bucket: str, Key: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html"""
    return _preflight(call, Bucket, "OBJECT")


def _preflight(call: Call, name: str, what: str) -> dict[str, Any]:
    headers = call.request.headers if call.request is not None else {}
    origin, method = headers.get("origin"), headers.get("access-control-request-method")
    if origin is None:
        raise error.named("BadRequest", "Insufficient information. Origin request header needed.", 400)
    if not method:
        raise error.named("BadRequest", "Invalid Access-Control-Request-Method: null", 400)
    bucket = bucket_of(call, name)
    if not bucket.cors:
        raise _forbidden("CORSResponse: CORS is not enabled for this bucket.", method, what)
    wanted = cors.asked_headers(headers.get("access-control-request-headers", ""))
    rule = cors.rule_for(bucket.cors, origin, method, wanted)
    if rule is None:
        raise _forbidden("CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, "
                         "request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted "
                         "by the resource's CORS spec.", method, what)
    return cors.answer(rule, origin, wanted)


def _forbidden(message: str, method: str, what: str) -> AwsError:
    return error.named("AccessForbidden", message, 403, Method=method, ResourceType=what)
