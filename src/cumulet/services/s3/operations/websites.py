"""Website configuration of a bucket, and the pages that its website endpoint serves."""

from __future__ import annotations

from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, error, operation

from .. import checksums, websites
from ..buckets import bucket_of
from ..faults import absent, no_such_key
from ..resources import Current

_PAGE = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentLength", "ContentType", "ETag",
         "Expires", "LastModified", "Metadata", "VersionId", "Body")


@operation
def put_bucket_website(call: Call, Bucket: str, WebsiteConfiguration: dict[str, Any], ContentMD5: str | None = None,
                       ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.website = dict(websites.checked(WebsiteConfiguration))
    call.put(bucket)


@operation
def get_bucket_website(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html"""
    found = bucket_of(call, Bucket, ExpectedBucketOwner).website
    if found is None:
        raise _none(Bucket)
    return found


@operation
def delete_bucket_website(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketWebsite.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.website = None
    call.put(bucket)


def _none(bucket: str) -> AwsError:
    return absent("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration", bucket)


# --- pages --------------------------------------------------------------------------------------------------------------


class _Visit(NamedTuple):
    """Somebody asks a website endpoint for a page."""

    call: Call
    bucket: str
    key: str
    website: dict[str, Any]
    conditions: dict[str, Any]

    @property
    def scheme(self) -> str:
        return self.call.request.scheme if self.call.request is not None else "http"

    @property
    def host(self) -> str:
        return self.call.request.host if self.call.request is not None else ""


@operation
def get_website_object(call: Call, Bucket: str, Key: str = "", IfMatch: str | None = None, IfModifiedSince: float | None = None,
                       IfNoneMatch: str | None = None, IfUnmodifiedSince: float | None = None,
                       Range: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html"""
    try:
        website = bucket_of(call, Bucket).website
        if website is None:
            raise _none(Bucket)
    except AwsError as problem:
        return websites.error_page(problem, call.request_id)
    conditions = {"IfMatch": IfMatch, "IfModifiedSince": IfModifiedSince, "IfNoneMatch": IfNoneMatch,
                  "IfUnmodifiedSince": IfUnmodifiedSince, "Range": Range}
    return _page(_Visit(call, Bucket, Key, website, conditions))


def _page(visit: _Visit) -> dict[str, Any]:
    website, key = visit.website, visit.key
    everything = website.get("RedirectAllRequestsTo")
    if everything is not None:
        where = f"{everything.get('Protocol') or visit.scheme}://{everything['HostName']}/{websites.quoted(key)}"
        return {"StatusCode": 301, "Location": where}
    method = visit.call.request.method if visit.call.request is not None else "GET"
    if method not in ("GET", "HEAD"):
        return websites.error_page(error.named(
            "MethodNotAllowed", "The specified method is not allowed against this resource.", 405, Method=method,
            ResourceType="OBJECT"), visit.call.request_id)
    rule = websites.rule_for(website, key)
    if rule is not None:
        return websites.redirected(rule, key, visit.scheme, visit.host)
    suffix = website["IndexDocument"]["Suffix"]
    wanted = key + suffix if not key or key.endswith("/") else key
    try:
        return _shown(visit, wanted, visit.conditions)
    except AwsError as refused:
        problem = no_such_key(wanted) if refused.code == "AccessDenied" and not _exists(visit, wanted) else refused
        if problem.status == 304:
            return {"StatusCode": 304, "ETag": problem.members.get("etag")}
        if problem.code == "NoSuchKey" and key and not key.endswith("/") and _is_there(visit, f"{key}/{suffix}"):
            return {"StatusCode": 302, "Location": f"/{websites.quoted(key)}/"}
        return _failed(visit, problem)


def _shown(visit: _Visit, key: str, conditions: dict[str, Any]) -> dict[str, Any]:
    """An object as a page, or where it says to go instead."""
    got = visit.call.aws.s3.get_object(Bucket=visit.bucket, Key=key, **conditions)
    if got.get("WebsiteRedirectLocation"):
        return {"StatusCode": 301, "Location": got["WebsiteRedirectLocation"]}
    found = {name: got[name] for name in _PAGE if name in got}
    if got.get("ContentRange") is not None:
        found |= {"ContentRange": got["ContentRange"], "StatusCode": 206}
    return found


def _is_there(visit: _Visit, key: str) -> bool:
    try:
        visit.call.aws.s3.head_object(Bucket=visit.bucket, Key=key)
    except AwsError:
        return False
    return True


def _exists(visit: _Visit, key: str) -> bool:
    """Website endpoints tell everybody what is not there, also those who may not list.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteAccessPermissionsReqd.html
    """
    bucket = bucket_of(visit.call, visit.bucket)
    return visit.call.table(Current).get(bucket.number, key.encode()) is not None


def _failed(visit: _Visit, problem: AwsError) -> dict[str, Any]:
    """A routing rule for the error, the bucket's error document, or S3's own page."""
    status = problem.status or 404
    rule = websites.rule_for(visit.website, visit.key, status)
    if rule is not None:
        return websites.redirected(rule, visit.key, visit.scheme, visit.host)
    document = visit.website.get("ErrorDocument")
    if document is None or not 400 <= status < 500:
        return websites.error_page(problem, visit.call.request_id)
    try:
        found = _shown(visit, document["Key"], {})
    except AwsError as also:
        return websites.error_page(problem, visit.call.request_id, also)
    return found | {"StatusCode": found.get("StatusCode") or status, "ErrorCode": problem.code, "ErrorMessage": problem.message}
