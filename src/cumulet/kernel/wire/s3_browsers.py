"""What browsers ask of S3 and no model knows: preflights of CORS, POST forms, and the pages of website endpoints; and the two
ways in which RestoreObject succeeds.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
"""

from __future__ import annotations

from typing import Any

_PAGE = ("AcceptRanges", "CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentLength",
         "ContentRange", "ContentType", "ETag", "Expires", "LastModified", "Metadata", "VersionId")
_ANSWER: dict[str, Any] = {"StatusCode": {"shape": "PartNumber", "location": "statusCode"},
                           "Location": {"shape": "Location", "location": "header", "locationName": "Location"}}


def _header(shape: str, name: str) -> dict[str, Any]:
    return {"shape": shape, "location": "header", "locationName": name}


def _operation(name: str, method: str, uri: str) -> dict[str, Any]:
    return {"name": name, "http": {"method": method, "requestUri": uri}, "authtype": "none",
            "input": {"shape": name + "Request"}, "output": {"shape": name + "Output"}}


_BUCKET = {"Bucket": {"shape": "BucketName", "location": "uri", "locationName": "Bucket"}}
_KEY = {"Key": {"shape": "ObjectKey", "location": "uri", "locationName": "Key"}}
_PREFLIGHT = {"type": "structure", "members": {
    "AllowOrigin": _header("Location", "Access-Control-Allow-Origin"),
    "AllowMethods": _header("Location", "Access-Control-Allow-Methods"),
    "AllowHeaders": _header("Location", "Access-Control-Allow-Headers"),
    "ExposeHeaders": _header("Location", "Access-Control-Expose-Headers"),
    "MaxAge": _header("Location", "Access-Control-Max-Age"),
    "AllowCredentials": _header("Location", "Access-Control-Allow-Credentials"), "Vary": _header("Location", "Vary")}}


def with_browsers(raw: dict[str, Any]) -> dict[str, Any]:
    """S3's model with these operations."""
    shapes = raw["shapes"]
    get, got = shapes["GetObjectRequest"]["members"], shapes["GetObjectOutput"]["members"]
    conditions = {name: get[name] for name in ("IfMatch", "IfModifiedSince", "IfNoneMatch", "IfUnmodifiedSince", "Range")}
    body = {"Body": {"shape": "Body", "streaming": True}}
    more = {
        "OptionsBucketRequest": {"type": "structure", "required": ["Bucket"], "members": _BUCKET},
        "OptionsObjectRequest": {"type": "structure", "required": ["Bucket", "Key"], "members": _BUCKET | _KEY},
        "OptionsBucketOutput": _PREFLIGHT, "OptionsObjectOutput": _PREFLIGHT,
        "PostObjectRequest": {"type": "structure", "required": ["Bucket"], "payload": "Body", "members": _BUCKET | body | {
            "ContentType": _header("ContentType", "Content-Type")}},
        "PostObjectOutput": {"type": "structure", "payload": "Body", "members": _ANSWER | body | {
            name: got[name] for name in ("ContentType", "ETag", "VersionId")}},
        "GetWebsiteObjectRequest": {"type": "structure", "required": ["Bucket"], "members": _BUCKET | _KEY | conditions},
        "GetWebsiteObjectOutput": {"type": "structure", "payload": "Body", "members": _ANSWER | body | {
            name: got[name] for name in _PAGE} | {
                "ErrorCode": _header("Location", "x-amz-error-code"),
                "ErrorMessage": _header("Location", "x-amz-error-message")}},
    }
    restored = shapes["RestoreObjectOutput"]
    more["RestoreObjectOutput"] = restored | {"members": restored["members"] | {"StatusCode": _ANSWER["StatusCode"]}}
    operations = [_operation("OptionsBucket", "OPTIONS", "/{Bucket}"),
                  _operation("OptionsObject", "OPTIONS", "/{Bucket}/{Key+}"),
                  _operation("PostObject", "POST", "/{Bucket}"),
                  _operation("GetWebsiteObject", "WEBSITE", "/{Bucket}/{Key+}")]       # reached by its hosts, not by a method
    return raw | {"shapes": shapes | more, "operations": raw["operations"] | {one["name"]: one for one in operations}}
