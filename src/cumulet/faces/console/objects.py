"""Objects of buckets on their way to and from the page, streamed: as the signed-in principal, by S3's own operations."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from ...kernel.access.contract import Identity
from ...kernel.cloud import Cloud
from ...kernel.http.message import Request, Response
from .calling import exchange

_SENT = ("content-type", "content-length", "content-encoding", "content-disposition", "cache-control", "range", "if-none-match")
_SHOWN = frozenset({"content-type", "content-length", "content-range", "etag", "last-modified", "x-amz-version-id",
                    "x-amz-request-id"})
# What somebody stored must not act as this page, whatever shows it.
_SAFE = [("Content-Security-Policy", "sandbox"), ("X-Content-Type-Options", "nosniff"), ("Content-Disposition", "attachment"),
         ("Cache-Control", "no-store")]
_LONGEST = 7 * 86_400


async def carried(cloud: Cloud, who: Identity, browser: Request, bucket_and_key: str) -> Response:
    """GET, HEAD or PUT of one object; its path is percent-encoded as S3 has it."""
    headers = {name: value for name, value in browser.headers.items() if name in _SENT or name.startswith("x-amz-meta-")}
    headers["host"] = browser.host
    target = "/" + bucket_and_key + (f"?{browser.query}" if browser.query else "")
    request = Request(browser.method, target, headers, browser.body, browser.stream, browser.scheme, browser.client)
    _, response = await exchange(cloud, request, who)
    kept = [(name, value) for name, value in response.headers if name.lower() in _SHOWN]
    return Response(response.status, [*kept, *_SAFE], response.body)


def link(browser: Request, credentials: dict[str, Any], region: str, asked: dict[str, Any]) -> str:
    """A presigned address for {"bucket", "key", "seconds", "method", "version"}, good for whoever has it."""
    from botocore.auth import S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    seconds, method = int(asked.get("seconds", 3600)), str(asked.get("method", "GET"))
    if not 1 <= seconds <= _LONGEST or method not in ("GET", "PUT"):
        raise ValueError("a link is good for a second to seven days, to get or to put")
    query = "?" + urlencode({"versionId": asked["version"]}) if asked.get("version") else ""
    path = f"/{quote(str(asked['bucket']))}/{quote(str(asked['key']), safe='/~')}"
    request = AWSRequest(method, f"{browser.scheme}://{browser.host}{path}{query}")
    signer = Credentials(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    S3SigV4QueryAuth(signer, "s3", region, seconds).add_auth(request)
    return str(request.url)
